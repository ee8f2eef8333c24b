import type { Json, RawNumber } from "../contract/json.ts";

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

/** Parses JSON, keeping the digits of numbers that a double would change. Raises SyntaxError, or RangeError past {@link MAX_JSON_DEPTH}. */
export function parseJson(text: string): Json {
  if (nestsTooDeep(text, MAX_JSON_DEPTH)) throw new RangeError("JSON nests too deep.");
  return INEXACT_NUMBER.test(text) ? (JSON.parse(text, keepDigits) as Json) : (JSON.parse(text) as Json);
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

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const digits = context?.source;
  return typeof value === "number" && digits !== undefined && String(value) !== digits ? rawNumber(digits) : value;
}

const DEPTH_CHANGES: ReadonlyMap<number, number> = new Map(
  Object.entries({ "[": 1, "{": 1, "]": -1, "}": -1 }).map(([char, change]) => [char.charCodeAt(0), change]),
);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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

/** The closing quote of the string that opens at `open`, so that brackets inside do not count. */
function stringEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at;
    if (char === BACKSLASH) at++;
  }
  return text.length;
}
