import { plainDecimal } from "../../src/lib/decimal.ts";

const SAFE_DIGITS = 15;
const PLAIN = /^-?[0-9]+(?:\.[0-9]+)?$/;
const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 63n - 1n;

/** What SQLite can keep of these digits without loss: a 64-bit integer, else a double that is written with the same digits. */
export function exactNumber(digits: string): bigint | number | undefined {
  const double = Number(digits);
  // What nearly all numbers are: a double holds so few digits as they are.
  if (digits.length <= SAFE_DIGITS && PLAIN.test(digits)) return Number.isInteger(double) ? BigInt(double) : double;
  // Also keeps an exponent such as 1e500000000 from being written out in digits.
  const isLost = !Number.isFinite(double) || (double === 0 && /^[^e]*[1-9]/i.test(digits));
  if (isLost) return undefined;
  const plain = plainDecimal(digits);
  const integer = plain.includes(".") || plain.length > 20 ? undefined : BigInt(plain);
  if (integer !== undefined && integer >= SMALLEST && integer <= LARGEST) return integer;
  return plainDecimal(String(double)) === plain ? double : undefined;
}

const FIRST_LETTER = 0x41;
const NUMERIC = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/** Whether SQLite would take the text for a number, in a column that prefers numbers. */
export function looksNumeric(text: string): boolean {
  // Most texts begin with a letter, which is quickly seen.
  return text.charCodeAt(0) < FIRST_LETTER && NUMERIC.test(text);
}

/** The number that is written exactly so, and so comes back as the same text. */
export function canonicalNumber(text: string): bigint | number | undefined {
  if (text.length > 400 || !looksNumeric(text) || text !== text.trim()) return undefined;
  const number = exactNumber(text);
  return String(number) === text ? number : undefined;
}

/** The digits of the number with its point so many places further to the right. */
export function shifted(digits: string, places: number): string {
  const [number = "", exponent = "0"] = digits.split(/e/i);
  return `${number}e${Number(exponent) + places}`;
}
