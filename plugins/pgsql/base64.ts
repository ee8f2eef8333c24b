const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** The two base64 characters of each value of twelve bits, which is three hexadecimal digits. */
const PAIRS = Array.from({ length: 4096 }, (_, bits) => (ALPHABET[bits >> 6] ?? "") + (ALPHABET[bits & 63] ?? ""));

/** Bytes as PostgreSQL writes them (`\x0a1b`) in base64. */
export function base64OfBytea(text: string): string {
  const hex = text.slice(2);
  const rest = hex.length % 6;
  const missing = rest === 0 ? 0 : rest === 2 ? 2 : 1;
  const padded = hex + "0000".slice(0, missing * 2);
  let base64 = "";
  for (let at = 0; at < padded.length; at += 3) base64 += PAIRS[Number.parseInt(padded.slice(at, at + 3), 16)];
  return missing === 0 ? base64 : base64.slice(0, -missing) + "==".slice(0, missing);
}

/** Bytes as PostgreSQL reads them within other text. */
export function byteaOfBytes(bytes: Uint8Array): string {
  return `\\x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
