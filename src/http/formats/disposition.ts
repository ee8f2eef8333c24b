const LONGEST_NAME = 200;

/** Content-Disposition for an answer that is kept as a file (RFC 6266): a name that every client knows, and the whole one beside it. */
export function attachment(fileName: string): string {
  const name = safeName(fileName);
  const ascii = name.replace(/[^\x20-\x7e]/g, "_").replace(/["\\%]/g, "_");
  const whole = ascii === name ? "" : `; filename*=UTF-8''${encodeExtended(name)}`;
  return `attachment; filename="${ascii}"${whole}`;
}

/** No path, no control characters, nothing that is hidden or means something to a file system. */
function safeName(fileName: string): string {
  const name = fileName
    .toWellFormed()
    .replace(/[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[/\\:*?"<>|]/g, "_")
    .replace(/^[.\s]+/, "_");
  return [...name].slice(-LONGEST_NAME).join("");
}

/** RFC 8187 §3.2.1. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
