import { Fault } from "../../src/contract/fault.ts";
import type { Bound, Statement } from "../../src/db/sql/driver.ts";
import type { D1Value } from "./binding.ts";

/** A statement as D1 takes it. */
export interface D1Text {
  readonly text: string;
  readonly values: readonly D1Value[];
}

/** Most values that D1 binds (https://developers.cloudflare.com/d1/platform/limits). */
const MOST_BOUND = 100;
const LONGEST_BYTES = 100_000;

/** Quoted names and texts, in which a question mark is no placeholder. */
const PLACES = /`(?:[^`]|``)*`|"(?:[^"]|"")*"|'(?:[^']|'')*'|\?/g;

/** A statement whose values D1 keeps exactly. Raises `bad_request` for one that is too long. */
export function bindable({ text, values }: Statement): D1Text {
  const bound = values.length > MOST_BOUND ? packed(text, values) : bindEach(text, values);
  if (bound.text.length * 3 > LONGEST_BYTES && new TextEncoder().encode(bound.text).length > LONGEST_BYTES)
    throw new Fault("bad_request", "The request holds more values than one statement can take.");
  return bound;
}

/** An integer is bound as its digits, as D1 knows only doubles. The plus takes the affinity away that CAST brings. */
function bindEach(text: string, values: readonly Bound[]): D1Text {
  if (values.every(isPlain)) return { text, values };
  const place = (index: number) => {
    const value = values[index] ?? null;
    return isPlain(value) ? "?" : `+CAST(? AS ${typeof value === "number" ? "REAL" : "INTEGER"})`;
  };
  return { text: withPlaces(text, place), values: values.map((value) => (isPlain(value) ? value : digitsOf(value))) };
}

function isPlain(value: Bound): value is D1Value {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "bigint" && typeof value !== "boolean";
}

function digitsOf(value: Bound): string {
  return typeof value === "number" ? jsonReal(value) : String(BigInt(value as bigint | boolean));
}

/** All values as one list in JSON, of which SQLite takes the single ones, integers of 64 bits among them. */
function packed(text: string, values: readonly Bound[]): D1Text {
  const place = (index: number) => {
    const item = `?1 ->> '$[${index}]'`;
    return values[index] instanceof Uint8Array ? `unhex(${item})` : `(${item})`;
  };
  return { text: withPlaces(text, place), values: [`[${values.map(jsonOf).join(",")}]`] };
}

function jsonOf(value: Bound): string {
  if (value instanceof Uint8Array) return `"${hexOf(value)}"`;
  if (typeof value === "number") return jsonReal(value);
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A number that SQLite reads as REAL, and beyond all doubles as Infinity. */
function jsonReal(double: number): string {
  if (!Number.isFinite(double)) return double < 0 ? "-9e999" : "9e999";
  return Number.isInteger(double) ? double.toExponential() : String(double);
}

function withPlaces(text: string, place: (index: number) => string): string {
  let index = 0;
  return text.replace(PLACES, (part) => (part === "?" ? place(index++) : part));
}

/** Whether the statement gives rows: a word in a quoted name says nothing. */
export function givesRows(text: string): boolean {
  return /^\s*(?:SELECT|WITH|PRAGMA)\b|\bRETURNING\b/i.test(text.replace(PLACES, ""));
}
