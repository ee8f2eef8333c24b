import type { Json, RawNumber } from "../contract/json.ts";
import { parseExactly } from "./json-numbers.ts";
import { stringEnd } from "./json-strings.ts";

declare global {
  interface JSON {
    /** ECMAScript 2026, "JSON.parse source text access". */
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/** How deeply arrays and objects of a request may nest. */
export const MAX_JSON_DEPTH = 64;

/** Finds at least every number whose digits a double would change or respell. */
const INEXACT_NUMBER = /[0-9.]{16}|\.[0-9]*0(?![0-9])|[0-9][eE]|-0(?![.0-9])|0\.0{6}/;

/**
 * Parses JSON, keeping the digits of numbers that a double would change, `mostKept` of them at most. Raises SyntaxError, or
 * past that or {@link MAX_JSON_DEPTH} a RangeError that says what the text does.
 */
export function parseJson(text: string, mostKept: number = Number.POSITIVE_INFINITY): Json {
  if (nestsTooDeep(text, MAX_JSON_DEPTH)) throw new RangeError(`nests deeper than ${MAX_JSON_DEPTH} levels`);
  return parseStored(text, mostKept);
}

/** Parses JSON that a database gave: as {@link parseJson}, however deeply it nests. */
export function parseStored(text: string, mostKept: number = Number.POSITIVE_INFINITY): Json {
  return INEXACT_NUMBER.test(text) ? parseExactly(text, mostKept) : (JSON.parse(text) as Json);
}

/** The JSON number of these digits, written later exactly so. The text must be a valid JSON number. */
export function rawNumber(digits: string): RawNumber {
  return JSON.rawJSON(digits);
}

export function isRawNumber(value: unknown): value is RawNumber {
  return JSON.isRawJSON(value);
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

const DEPTH_CHANGES: ReadonlyMap<number, number> = new Map(
  Object.entries({ "[": 1, "{": 1, "]": -1, "}": -1 }).map(([char, change]) => [char.charCodeAt(0), change]),
);
const QUOTE = 0x22;

/** Looks at each character once: a regular expression for strings would run out of stack in one of some megabytes. */
function nestsTooDeep(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = stringEnd(text, at);
    else depth += DEPTH_CHANGES.get(char) ?? 0;
    if (depth > limit) return true;
  }
  return false;
}
