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

const DEPTH_CHANGES: Readonly<Record<string, number>> = { "[": 1, "{": 1, "]": -1, "}": -1 };
/** A string as a whole, so that brackets inside do not count, or one bracket. */
const NESTING = /"(?:[^"\\]|\\.)*"?|[[\]{}]/gs;

function nestsTooDeep(text: string, limit: number): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(NESTING)) {
    depth += DEPTH_CHANGES[token] ?? 0;
    if (depth > limit) return true;
  }
  return false;
}
