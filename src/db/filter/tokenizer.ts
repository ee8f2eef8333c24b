/** The smallest piece of a filter that has a meaning. */
export interface Token {
  /** `name` is quoted with backticks or brackets, `text` with ' or "; `unclosed` is either of them without its end. */
  readonly kind: "word" | "name" | "text" | "symbol" | "unclosed" | "end";
  /** For `name` and `text` what stands between the quotes, doubled ones undoubled; else as written. */
  readonly text: string;
  /** The offset of its first character, from 0. */
  readonly at: number;
  /** The offset behind its last character. */
  readonly end: number;
}

const SPACE = /\s*/y;
const WORD = /[\p{L}\p{M}\p{N}_$]+/uy;
const LONG_SYMBOLS = new Set(["==", "!=", "<>", "<=", ">=", "&&", "||", "->"]);
const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "[": "]" };

/** The token at or behind `from`. Raises nothing: a stray character is a symbol. */
export function tokenAt(text: string, from: number): Token {
  const at = skipSpace(text, from);
  if (at === text.length) return { kind: "end", text: "", at, end: at };
  const end = wordEnd(text, at);
  if (end > at) return { kind: "word", text: text.slice(at, end), at, end };
  return CLOSING[text.charAt(at)] === undefined ? symbolAt(text, at) : quotedAt(text, at);
}

/** The quoted name or text whose opening quote stands at `at`. */
export function quotedAt(text: string, at: number): Token {
  const open = text.charAt(at);
  const close = CLOSING[open] ?? open;
  const end = closingAt(text, at + 1, close);
  if (end < 0) return { kind: "unclosed", text: open, at, end: text.length };
  const inner = text.slice(at + 1, end).replaceAll(close + close, close);
  return { kind: open === "'" || open === '"' ? "text" : "name", text: inner, at, end: end + 1 };
}

/** The offset of the first character at or behind `from` that is not white space. */
export function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/** Where the word that begins at `at` ends; `at` itself when none does. */
export function wordEnd(text: string, at: number): number {
  WORD.lastIndex = at;
  return WORD.test(text) ? WORD.lastIndex : at;
}

/** The word in capitals when it could be a keyword, else "". ASCII only: a dotless ı is not the I of IN. */
export function keyword(word: string): string {
  return /^[A-Za-z]{2,8}$/.test(word) ? word.toUpperCase() : "";
}

function symbolAt(text: string, at: number): Token {
  const pair = text.slice(at, at + 2);
  const symbol = LONG_SYMBOLS.has(pair) ? pair : String.fromCodePoint(text.codePointAt(at) ?? 0);
  return { kind: "symbol", text: symbol, at, end: at + symbol.length };
}

function closingAt(text: string, from: number, close: string): number {
  let at = text.indexOf(close, from);
  while (at >= 0 && text[at + 1] === close) at = text.indexOf(close, at + 2);
  return at;
}
