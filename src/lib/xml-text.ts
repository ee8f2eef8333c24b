/** What XML 1.0 has no place for: https://www.w3.org/TR/xml/#charsets */
const NOT_A_CHAR = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Whether XML can hold each character of a text. */
export function holdsText(text: string): boolean {
  return !NOT_A_CHAR.test(text) && text.isWellFormed();
}

/** Letters, digits and `_`, `-`, `.`, in an alphabet that XML knows for names; `xml…` is reserved. */
const PLAIN_NAME =
  /^(?!xml)[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff][\w.\-\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff]*$/i;

/** Whether a name can be the name of an element. */
export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
  "\n": "&#10;",
  "\t": "&#9;",
};

/** Text as the content of an element. A bare CR would be read as a line end. */
export function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (char) => REFERENCES[char] ?? char) : text;
}

/** Text as the value of an attribute; characters that XML cannot hold are left out. */
export function escapeAttribute(text: string): string {
  return text
    .replace(new RegExp(NOT_A_CHAR, "g"), "\ufffd")
    .toWellFormed()
    .replace(/[&<>"\r\n\t]/g, (char) => REFERENCES[char] ?? char);
}
