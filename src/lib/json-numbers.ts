import type { Json, RawNumber } from "../contract/json.ts";
import { stringEnd } from "./json-strings.ts";

const QUOTE = 0x22;
const SPACE = 0x20;
const COLON = 0x3a;
const [ZERO, NINE] = [0x30, 0x39];
const [MINUS, PLUS, DOT] = [0x2d, 0x2b, 0x2e];
const [SMALL_E, CAPITAL_E] = [0x65, 0x45];

/** Parses JSON and keeps the digits of numbers that a double would change. A reviver would do, but takes seconds where this takes tenths. Raises RangeError for more than `most` of them. */
export function parseExactly(text: string, most: number): Json {
  const mark = currentMark();
  return restore(JSON.parse(markNumbers(text, mark, most)), mark);
}

/** What is parsed with one mark: to make a new one takes longer than to parse a short text. */
const USES_OF_MARK = 10_000;
let presentMark = "";
let usesLeft = 0;

/** Nobody can guess it, so no string of a request is taken for a number. */
function currentMark(): string {
  if (usesLeft === 0) {
    presentMark = crypto.getRandomValues(new BigUint64Array(1)).join();
    usesLeft = USES_OF_MARK;
  }
  usesLeft--;
  return presentMark;
}

/** The text with each number that a double would change as a string: the mark, then the digits. */
function markNumbers(text: string, mark: string, most: number): string {
  let marked = "";
  let count = 0;
  let done = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = stringEnd(text, at);
    if (!beginsNumber(char)) continue;
    let end = at + 1;
    while (isInNumber(text.charCodeAt(end))) end++;
    const digits = text.slice(at, end);
    if (String(Number(digits)) !== digits && !isName(text, end)) {
      if (++count > most) throw new RangeError(`has more than ${most} numbers that a double can not hold as written`);
      marked += `${text.slice(done, at)}"${mark}${digits}"`;
      done = end;
    }
    at = end - 1;
  }
  return marked + text.slice(done);
}

function beginsNumber(char: number): boolean {
  return (char >= ZERO && char <= NINE) || char === MINUS;
}

/** What may follow: digits, `.`, and the `e` of an exponent with its sign. */
function isInNumber(char: number): boolean {
  return beginsNumber(char) || char === DOT || char === SMALL_E || char === CAPITAL_E || char === PLUS;
}

/** A number can not be the name of a member, and must not become one by its quotes. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (text.charCodeAt(at) <= SPACE) at++;
  return text.charCodeAt(at) === COLON;
}

/** Puts the kept numbers in the places of their marks. Raises SyntaxError for digits that are no number of JSON. */
function restore(value: unknown, mark: string): Json {
  if (typeof value === "string") return value.startsWith(mark) ? keep(value.slice(mark.length)) : value;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = restore(value[at], mark);
  } else if (typeof value === "object" && value !== null) restoreMembers(value as Record<string, unknown>, mark);
  return value as Json;
}

function restoreMembers(members: Record<string, unknown>, mark: string): void {
  // As fast as `Object.entries` is slow; what JSON.parse makes inherits nothing that is enumerable.
  for (const name in members) {
    const value = members[name];
    if (typeof value === "string" || typeof value === "object") members[name] = restore(value, mark);
  }
}

function keep(digits: string): RawNumber {
  return JSON.rawJSON(digits);
}
