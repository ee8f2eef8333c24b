import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { plainDecimal } from "../lib/decimal.ts";
import { isRawNumber } from "../lib/json.ts";
import type { ColumnFacts } from "./catalog.ts";

/**
 * Numbers stay the digits that were written. Each function gives them, or `undefined` when the value is no such number;
 * raises `bad_request` when the column can not keep it as it is.
 */
export type NumberRules = Partial<Pick<ColumnFacts, "range" | "precision" | "scale">>;

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,4})?$/i;
const MAX_DIGITS = 20_000;

/** The digits of a JSON number or of a text that is one; no plus sign, no exponent unless it was written. */
function digitsOf(value: Json): string | undefined {
  const text = isRawNumber(value) ? value.rawJSON : typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text.length > MAX_DIGITS) return undefined;
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? trimmed.replace(/^\+/, "") : undefined;
}

/** The digits of a whole number within the range of the column. */
export function checkInteger(value: Json, column: NumberRules, field: string): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  const digits = typeof text === "string" && SMALL_INTEGER.test(text) ? text : plainInteger(digitsOf(value));
  if (digits === undefined) return undefined;
  // What nearly all are: within a range without being made so large a number.
  const number = digits.length <= SMALL_DIGITS ? Number(digits) : BigInt(digits);
  if (column.range && (number < column.range[0] || number > column.range[1])) {
    throw new Fault("bad_request", `Field '${field}' must be between ${column.range[0]} and ${column.range[1]}.`);
  }
  return digits;
}

/** Written as they are kept. */
const SMALL_INTEGER = /^(?:0|-?[1-9][0-9]{0,13})$/;
const SMALL_DIGITS = 15;

/** `5`, `5.0` and `5e2` are integers; `5.5` is not. */
function plainInteger(digits: string | undefined): string | undefined {
  if (digits === undefined || digits.length > 100) return undefined;
  const plain = plainDecimal(digits);
  return plain.includes(".") ? undefined : plain;
}

/** The digits are given as they were written, so that a database without a scale keeps their zeros. */
export function checkDecimal(value: Json, { precision, scale }: NumberRules, field: string): string | undefined {
  const digits = digitsOf(value);
  if (digits === undefined || (precision == null && scale == null)) return digits;
  const [whole = "", fraction = ""] = plainDecimal(digits).replace(/^-?0?/, "").split(".");
  const room = precision == null ? Number.POSITIVE_INFINITY : Math.max(precision - (scale ?? 0), 0);
  if (whole.length > room) {
    throw new Fault("bad_request", `Field '${field}' can hold at most ${room} digits before the decimal point.`);
  }
  if (scale != null && keepsLess(scale, whole, fraction)) throw new Fault("bad_request", scaleSentence(field, scale));
  return digits;
}

/** Whether a column would round the number. A negative scale keeps nothing of the last digits before the point. */
function keepsLess(scale: number, whole: string, fraction: string): boolean {
  return fraction.length > Math.max(scale, 0) || (scale < 0 && /[1-9]/.test(whole.slice(scale)));
}

function scaleSentence(field: string, scale: number): string {
  if (scale < 0) return `Field '${field}' keeps only multiples of ${10n ** BigInt(-scale)}.`;
  return `Field '${field}' keeps at most ${scale} ${scale === 1 ? "digit" : "digits"} after the decimal point.`;
}

/** A number that a double can only hold as infinity or as zero is refused, by each database alike. */
export function checkFloat(value: Json, _column: NumberRules, field: string): string | undefined {
  const digits = digitsOf(value);
  if (digits === undefined) return undefined;
  const double = Number(digits);
  const isLost = !Number.isFinite(double) || (double === 0 && /[1-9]/.test(digits.split(/e/i)[0] ?? ""));
  if (isLost) throw new Fault("bad_request", `Field '${field}' is out of the range of a double.`);
  return digits;
}
