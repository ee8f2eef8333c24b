import type { Said } from "./condition.ts";
import { type Cursor, unclosed } from "./cursor.ts";
import { echo, invalidFilter } from "./invalid.ts";
import { keyword, quotedAt, wordEnd } from "./tokenizer.ts";

/** Where a value stands: in a `list` only a comma and a closing parenthesis end it, elsewhere AND and its like do too. */
export type Place = "list" | "plain";

const NUMBER = /^[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const PARAM = /^:([\p{L}\p{M}\p{N}_$]+)$/u;
const LOOKUP = /^\{([^{}]+)\}$/;
const ENDS = new Set([")", ","]);
const JOINT_SYMBOLS = new Set(["&&", "||"]);
const JOINT_WORDS = new Set(["AND", "OR", "XOR", "NOR"]);
/** They would be a function, a subquery, a quoted piece or a second statement. */
const FORBIDDEN = new Set(["(", ";", "'", '"', "`"]);
/** They would be an operator misspelt, such as `=>` or `=!`. */
const NOT_FIRST = new Set(["=", "<", ">", "!"]);

/** Reads the value at the cursor, quoted or not. Raises a 400 when there is none. */
export function readValue(cursor: Cursor, place: Place): Said {
  const at = cursor.nextAt;
  const first = cursor.text.charAt(at);
  return first === "'" || first === '"' ? readQuoted(cursor, at) : readBare(cursor, at, place);
}

/** Whether a word is a number: JSON's, or one with a plus. */
export function isNumber(word: string): boolean {
  return NUMBER.test(word);
}

function readQuoted(cursor: Cursor, from: number): Said {
  const token = quotedAt(cursor.text, from);
  if (token.kind === "unclosed") throw unclosed(token);
  cursor.moveOver(from, token.end);
  return { kind: "text", text: token.text };
}

function readBare(cursor: Cursor, from: number, place: Place): Said {
  const bare = cursor.text.slice(from, bareEnd(cursor.text, from, place)).trimEnd();
  if (bare === "") throw cursor.missing("a value");
  if (NOT_FIRST.has(bare.charAt(0))) {
    throw invalidFilter(`an unquoted value can not begin with ${echo(bare.charAt(0))}`, from);
  }
  refuseComparison(bare, from);
  cursor.moveOver(from, from + bare.length);
  return classify(bare);
}

/** What looks like one more comparison mostly lacks an AND before it; as a part of the value it would be lost. */
const COMPARISON = /\s(?:[^\s=<>!&|]+\s*)?[=<>!&|]/;

function refuseComparison(bare: string, from: number): void {
  const found = COMPARISON.exec(bare);
  if (found === null) return;
  const at = from + found.index + found[0].length - 1;
  throw invalidFilter(`an unquoted value of several words can not hold ${echo(bare.charAt(at - from))}`, at);
}

function bareEnd(text: string, from: number, place: Place): number {
  let at = from;
  while (at < text.length && !ENDS.has(text.charAt(at))) {
    const end = wordEnd(text, at);
    if (place === "plain" && (end > at ? isJointWord(text, at, end, from) : isJointSymbol(text, at))) break;
    if (end === at) refuseForbidden(text, at);
    at = Math.max(end, at + 1);
  }
  return at;
}

/** A joint stands by itself: `%or%` and `salt-and-pepper` hold none. */
function isJointWord(text: string, at: number, end: number, from: number): boolean {
  if (end - at > 3 || !JOINT_WORDS.has(keyword(text.slice(at, end)))) return false;
  return (at === from || /\s/.test(text.charAt(at - 1))) && /^[\s()!,`[]?$/.test(text.charAt(end));
}

function isJointSymbol(text: string, at: number): boolean {
  return JOINT_SYMBOLS.has(text.slice(at, at + 2));
}

function refuseForbidden(text: string, at: number): void {
  const char = text.startsWith("--", at) ? "--" : text.charAt(at);
  if (char === "--" || FORBIDDEN.has(char)) {
    throw invalidFilter(`an unquoted value can not hold ${echo(char)}`, at);
  }
}

function classify(bare: string): Said {
  if (NUMBER.test(bare)) return { kind: "number", text: bare };
  const param = PARAM.exec(bare)?.[1];
  if (param !== undefined) return { kind: "param", name: param };
  const lookup = LOOKUP.exec(bare)?.[1]?.trim();
  if (lookup) return { kind: "lookup", name: lookup };
  return literal(keyword(bare)) ?? { kind: "word", text: bare };
}

function literal(word: string): Said | undefined {
  if (word === "NULL") return { kind: "null" };
  return word === "TRUE" || word === "FALSE" ? { kind: "boolean", value: word === "TRUE" } : undefined;
}
