const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The closing quote of the string that opens at `open`; the length of the text when it never closes. */
export function stringEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at;
    if (char === BACKSLASH) at++;
  }
  return text.length;
}
