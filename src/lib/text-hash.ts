/** The offset basis and the prime of FNV-1a for 32 bits, and where 32 more begin. */
const BASES = [0x811c9dc5, 0x9e3779b9] as const;
const PRIME = 0x01000193;

/** 64 bits of a text as 16 hexadecimal digits: tells texts apart that differ by chance, not by intent. */
export function textHash(text: string): string {
  let [one, other]: [number, number] = [...BASES];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, PRIME);
    other = Math.imul((other + code) ^ (other >>> 15), 0x85ebca6b);
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
