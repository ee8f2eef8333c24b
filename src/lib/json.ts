import type { Json, RawNumber } from "../contract/json.ts";
import { parseExactly } from "./json-numbers.ts";
import { type JsonScan, scanJson } from "./json-scan.ts";

declare global {
  interface JSON {
    /** ECMAScript 2026, "JSON.parse source text access". */
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/** How deeply arrays and objects of a request may nest. */
export const MAX_JSON_DEPTH = 64;

/**
 * Parses JSON, keeping the digits of numbers that a double would change, `mostKept` of them at most. Raises SyntaxError, or
 * past that, {@link MAX_JSON_DEPTH} or `mostContainers` a RangeError that says what the text does.
 */
export function parseJson(
  text: string,
  mostKept: number = Number.POSITIVE_INFINITY,
  mostContainers: number = Number.POSITIVE_INFINITY,
): Json {
  const scan = scanJson(text);
  if (scan.containers > mostContainers) throw new RangeError(`holds more than ${mostContainers} arrays and objects`);
  if (scan.depth > MAX_JSON_DEPTH) throw new RangeError(`nests deeper than ${MAX_JSON_DEPTH} levels`);
  return parseScanned(text, scan, mostKept);
}

/** Parses JSON that a database gave: as {@link parseJson}, however deeply it nests. */
export function parseStored(text: string, mostKept: number = Number.POSITIVE_INFINITY): Json {
  return parseScanned(text, scanJson(text), mostKept);
}

function parseScanned(text: string, { isPlain }: JsonScan, mostKept: number): Json {
  return isPlain ? (JSON.parse(text) as Json) : parseExactly(text, mostKept);
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
