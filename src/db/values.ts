import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { fromBase64 } from "../lib/base64.ts";
import { isRawNumber } from "../lib/json.ts";
import type { ColumnFacts } from "./catalog.ts";
import { readDate, readDatetime, readDatetimetz, readTime } from "./datetime.ts";
import { checkGeometry } from "./geometry/check.ts";
import { checkDecimal, checkFloat, checkInteger } from "./numbers.ts";
import type { Family } from "./types.ts";

/**
 * A checked value, the same for every database: numbers as their digits, dates and times as text, JSON as its text,
 * binary as bytes. A connector turns it into what its client binds.
 */
export type Value = null | boolean | string | Uint8Array | readonly Value[];

/** What {@link checkValue} has to know of a column. */
export type ValueRules = Pick<ColumnFacts, "family" | "dbType"> &
  Partial<
    Pick<ColumnFacts, "range" | "precision" | "scale" | "length" | "values" | "also" | "element" | "fixedLength">
  >;

/** Checks a value of a request against its column. Raises `bad_request` that names the field; never rounds or re-zones. */
export function checkValue(field: string, column: ValueRules, value: Json): Value {
  if (value === null) return null;
  if ((typeof value === "string" || typeof value === "number") && column.also?.test(String(value)))
    return String(value);
  const checked = CHECKS[column.family](value, column, field);
  if (checked === undefined)
    throw new Fault("bad_request", `Field '${field}' must be a valid ${EXPECTED[column.family]}.`);
  return checked;
}

/** What a column has room for, asked when a value is written: a filter may look for a longer one. Raises `bad_request`. */
export function demandRoom(field: string, { length, values }: Room, value: unknown): void {
  if (length === null || values !== undefined) return;
  if (value instanceof Uint8Array && value.length > length)
    throw new Fault("bad_request", `Field '${field}' can hold at most ${length} bytes.`);
  if (typeof value === "string" && value.length > length && [...value].length > length)
    throw new Fault("bad_request", `Field '${field}' can hold at most ${length} characters.`);
}

type Room = Pick<ColumnFacts, "length" | "values">;

/** `undefined` = not of this family. */
type Check = (value: Json, column: ValueRules, field: string) => Value | undefined;

const EXPECTED: Readonly<Record<Family, string>> = {
  integer: "integer",
  decimal: "decimal number",
  float: "number",
  boolean: "boolean",
  string: "text",
  binary: "base64 text",
  date: "date (YYYY-MM-DD)",
  time: "time (HH:MM:SS)",
  datetime: "date and time (YYYY-MM-DD HH:MM:SS) without a time zone",
  datetimetz: "date and time (YYYY-MM-DD HH:MM:SS) with or without an offset",
  json: "JSON value",
  uuid: "UUID",
  array: "array",
  geometry: "geometry (GeoJSON, WKT or EWKT)",
};

const CHECKS: Readonly<Record<Family, Check>> = {
  integer: checkInteger,
  decimal: checkDecimal,
  float: checkFloat,
  boolean: checkBoolean,
  string: checkString,
  binary: checkBinary,
  date: (value) => (typeof value === "string" ? readDate(value) : undefined),
  time: (value) => (typeof value === "string" ? readTime(value) : undefined),
  datetime: (value) => (typeof value === "string" ? readDatetime(value) : undefined),
  datetimetz: (value) => (typeof value === "string" ? readDatetimetz(value) : undefined),
  json: checkJson,
  uuid: (value) => (typeof value === "string" && UUID.test(value) ? value : undefined),
  array: checkArray,
  geometry: checkGeometry,
};

const UUID = /^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  on: true,
  yes: true,
  t: true,
  y: true,
  false: false,
  "0": false,
  off: false,
  no: false,
  f: false,
  n: false,
};

function checkBoolean(value: Json): Value | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const text = String(value).trim().toLowerCase();
  return Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
}

function checkString(value: Json, column: ValueRules, field: string): Value | undefined {
  const text = typeof value === "boolean" ? String(value) : (textOf(value) ?? undefined);
  if (text === undefined || wellFormed(text) === undefined) return undefined;
  if (column.values && !column.values.includes(text)) {
    const allowed = column.values
      .slice(0, 20)
      .map((each) => `'${each}'`)
      .join(", ");
    throw new Fault(
      "bad_request",
      `Field '${field}' must be one of ${allowed}${column.values.length > 20 ? ", …" : ""}.`,
    );
  }
  return text;
}

function textOf(value: Json): string | undefined {
  if (isRawNumber(value)) return value.rawJSON;
  return typeof value === "number" ? String(value) : typeof value === "string" ? value : undefined;
}

/** Lone surrogates cannot be stored as UTF-8: a client library would quietly replace them. */
function wellFormed(text: string): string | undefined {
  return text.isWellFormed() ? text : undefined;
}

/** JSON.stringify writes a lone surrogate as an escape, which some databases refuse and others keep. */
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/i;

function checkJson(value: Json): Value | undefined {
  const text = JSON.stringify(value);
  return LONE_SURROGATE.test(text) ? undefined : text;
}

function checkBinary(value: Json): Value | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.replace(/[\r\n]/g, "");
  const digits = text.replace(/=+$/, "");
  const isPadded = text.length === digits.length || text.length % 4 === 0;
  if (!BASE64.test(text) || digits.length % 4 === 1 || !isPadded) return undefined;
  return fromBase64(digits);
}

function checkArray(value: Json, column: ValueRules, field: string): Value | undefined {
  if (!Array.isArray(value) || column.element === undefined) return undefined;
  const element: ValueRules = column.element;
  const check = (item: Json): Value => (Array.isArray(item) ? item.map(check) : checkValue(field, element, item));
  return value.map(check);
}
