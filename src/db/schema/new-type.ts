import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import { shown } from "../plan/names.ts";
import { type Family, SIMPLE_TYPES } from "../types.ts";
import type { ValueRules } from "../values.ts";
import type { DefinedType, NewType } from "./change.ts";
import { flagOf, sizeOf } from "./said.ts";

/** What the values of each simple type are like, and for integers how many bits they have. */
const FAMILIES: Readonly<Record<DefinedType, Family>> = {
  id: "integer",
  bigid: "integer",
  smallid: "integer",
  mediumid: "integer",
  reference: "integer",
  user_id: "integer",
  user_id_on_create: "integer",
  user_id_on_update: "integer",
  string: "string",
  text: "string",
  mediumtext: "string",
  longtext: "string",
  integer: "integer",
  tinyint: "integer",
  smallint: "integer",
  mediumint: "integer",
  bigint: "integer",
  decimal: "decimal",
  double: "float",
  float: "float",
  money: "decimal",
  boolean: "boolean",
  binary: "binary",
  date: "date",
  time: "time",
  timetz: "time",
  datetime: "datetime",
  datetimetz: "datetimetz",
  timestamp: "datetime",
  timestamptz: "datetimetz",
  timestamp_on_create: "datetime",
  timestamp_on_update: "datetime",
  json: "json",
  jsonb: "json",
  uuid: "uuid",
  array: "array",
  object: "json",
};

const BITS: Readonly<Partial<Record<DefinedType, bigint>>> = {
  tinyint: 8n,
  smallint: 16n,
  smallid: 16n,
  mediumint: 24n,
  mediumid: 24n,
  bigint: 64n,
  bigid: 64n,
};

/** Types of which the database makes the values, and which are the key. */
export const COUNTED: ReadonlySet<DefinedType> = new Set(["id", "bigid", "smallid", "mediumid"]);

const OTHER_NAMES: Readonly<Record<string, DefinedType>> = {
  pk: "id",
  fk: "reference",
  int: "integer",
  bool: "boolean",
};
const DEFINED: ReadonlySet<string> = new Set(SIMPLE_TYPES.slice(0, SIMPLE_TYPES.indexOf("column")));

/** The simple type that a field names; `undefined` when it names none. Raises `bad_request`. */
export function simpleTypeOf({ name, type }: JsonObject): DefinedType | undefined {
  if (type === undefined || type === null) return undefined;
  const text = String(type).trim().toLowerCase();
  const simple = Object.hasOwn(OTHER_NAMES, text) ? OTHER_NAMES[text] : text;
  if (simple !== undefined && DEFINED.has(simple)) return simple as DefinedType;
  throw new Fault("bad_request", `Field '${shown(String(name))}': the type '${shown(String(type))}' is unknown.`);
}

/** The type that the database itself has, as a field names it. Raises `bad_request`. */
export function nativeTypeOf({ name, db_type: native }: JsonObject): string | undefined {
  if (native === undefined || native === null || native === "") return undefined;
  if (typeof native === "string") return native.trim();
  throw new Fault("bad_request", `Field '${shown(String(name))}': 'db_type' must be a text.`);
}

/** The type of a new column. Raises `bad_request` that names the field. */
export function readNewType(said: JsonObject, simple: DefinedType | undefined, native: string | undefined): NewType {
  const field = shown(String(said.name));
  if (simple === undefined && native === undefined) throw new Fault("bad_request", `Field '${field}' needs a 'type'.`);
  return {
    simple: simple ?? "string",
    ...(native !== undefined && { native }),
    family: native === undefined && simple ? FAMILIES[simple] : undefined,
    length: sizeOf(said, "length", 1),
    ...digitsOf(said, native === undefined ? simple : undefined),
    fixedLength: flagOf(said, "fixed_length") ?? false,
    multibyte: flagOf(said, "supports_multibyte") ?? false,
  };
}

/** The digits of a decimal may also be said as its length. */
function digitsOf(said: JsonObject, simple: DefinedType | undefined): Pick<NewType, "precision" | "scale"> {
  const [digits, scale] = [sizeOf(said, "precision"), sizeOf(said, "scale")];
  const precision = simple === "decimal" ? (digits ?? sizeOf(said, "length", 1)) : digits;
  const isBadDecimal = precision === null ? scale !== null : precision === 0 || (scale ?? 0) > precision;
  const field = shown(String(said.name));
  if (simple === "decimal" && isBadDecimal)
    throw new Fault("bad_request", `Field '${field}': 'precision' must be at least 1 and at least 'scale'.`);
  if (simple && isTimed(simple) && (precision ?? 0) > 6)
    throw new Fault("bad_request", `Field '${field}': 'precision' can be at most 6 digits of a second.`);
  return { precision, scale };
}

export function familyOf(simple: DefinedType): Family {
  return FAMILIES[simple];
}

function isTimed(simple: DefinedType): boolean {
  return ["time", "datetime", "datetimetz"].includes(FAMILIES[simple]);
}

/** What a default has to fit. */
export function rulesOf({ simple, family, length, precision, scale }: NewType): ValueRules | undefined {
  if (family === undefined) return undefined;
  const half = 2n ** ((BITS[simple] ?? 32n) - 1n);
  return {
    family,
    dbType: simple,
    length: family === "string" ? length : null,
    ...(family === "decimal" && { precision, scale: precision === null ? null : (scale ?? 0) }),
    ...(family === "integer" && { range: [-half, half - 1n] }),
    ...(family === "array" && { element: { family: "string", dbType: "text" } }),
  };
}

/** How many bits an integer of the type has, where its name says so. */
export function bitsOf(simple: DefinedType): bigint | undefined {
  return BITS[simple];
}
