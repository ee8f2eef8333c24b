import type { Column, ColumnFacts } from "../../src/db/catalog.ts";

/** A type as pg_type tells it, domains resolved. */
export interface PgType {
  /** Name of the type below all domains, such as `int4`. */
  readonly base: string;
  /** The type's modifier, -1 = none: a length, or precision and scale. */
  readonly modifier: number;
  /** The values of an enum. */
  readonly labels: readonly string[] | undefined;
}

/** What is particular to a column of PostgreSQL: introspection adds it, the dialect reads it through {@link baseOf}. */
export interface PgColumn extends ColumnFacts {
  readonly base: string;
  /** The type that the server gives with its cells: below all domains, but the array's where it is one. */
  readonly oid: number;
  /** The schema that the type stands in. */
  readonly typeSchema: string;
}

type TypeFacts = Pick<ColumnFacts, "type" | "family" | "length" | "precision" | "scale"> &
  Partial<Pick<ColumnFacts, "range" | "also" | "values" | "fixedLength" | "multibyte">>;
type Rule = Omit<TypeFacts, "length" | "precision" | "scale">;

const NOT_FINITE = /^\s*(?:nan|[+-]?inf(?:inity)?)\s*$/i;
/** What the calendar of a JSON client lacks: infinity, years before Christ, years of seven digits. */
const FAR_DATE = /^(?:-?infinity|\d{7}-\d{2}-\d{2}|\d{4,7}-\d{2}-\d{2} BC)$/i;
const FAR_STAMP =
  /^(?:-?infinity|\d{4,6}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}(?::?\d{2}){0,2})? BC)$/i;

const signed = (bits: bigint): readonly [bigint, bigint] => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
const text = (type: "string" | "text"): Rule => ({ type, family: "string", multibyte: true });

/** Types that are more than text; by the names of pg_type. */
const RULES: Readonly<Record<string, Rule>> = {
  int2: { type: "smallint", family: "integer", range: signed(16n) },
  int4: { type: "integer", family: "integer", range: signed(32n) },
  int8: { type: "bigint", family: "integer", range: signed(64n) },
  oid: { type: "bigint", family: "integer", range: [0n, 2n ** 32n - 1n] },
  float4: { type: "float", family: "float", also: NOT_FINITE },
  float8: { type: "double", family: "float", also: NOT_FINITE },
  numeric: { type: "decimal", family: "decimal", also: NOT_FINITE },
  money: { type: "money", family: "decimal" },
  bool: { type: "boolean", family: "boolean" },
  bytea: { type: "binary", family: "binary" },
  date: { type: "date", family: "date", also: FAR_DATE },
  time: { type: "time", family: "time" },
  timetz: { type: "timetz", family: "time" },
  timestamp: { type: "timestamp", family: "datetime", also: FAR_STAMP },
  timestamptz: { type: "timestamptz", family: "datetimetz", also: FAR_STAMP },
  json: { type: "json", family: "json" },
  jsonb: { type: "jsonb", family: "json" },
  uuid: { type: "uuid", family: "uuid" },
  geometry: { type: "object", family: "geometry" },
  geography: { type: "object", family: "geometry" },
  text: text("text"),
  citext: text("text"),
  varchar: text("string"),
  name: text("string"),
  bpchar: { ...text("string"), fixedLength: true },
  char: { ...text("string"), fixedLength: true },
};

const OTHER: Rule = { type: "string", family: "string" };

/** Types that have no equality or order, or one that is about something else, such as the area. */
export const COMPARED_AS_TEXT: ReadonlySet<string> = new Set(
  "json xml point line lseg box path polygon circle".split(" "),
);

/** What the values of a type are like. */
export function factsOfType({ base, modifier, labels }: PgType): TypeFacts {
  const rule = Object.hasOwn(RULES, base) ? RULES[base] : undefined;
  return {
    ...(rule ?? OTHER),
    length: lengthOf(base, modifier),
    precision: null,
    scale: null,
    ...(base === "numeric" && modifier >= 4 && digitsOf(modifier - 4)),
    ...(labels && { values: labels }),
  };
}

/** The name of a column's type below all domains; for an array that of its elements. */
export function baseOf(column: Pick<Column, "dbType"> & Partial<Pick<PgColumn, "base">>): string {
  return column.base ?? column.dbType;
}

/** Numbers of pg_type for types whose cells are not written as text; the server's own types never change theirs. */
const BASES: ReadonlyMap<number, string> = new Map([
  [16, "bool"],
  [17, "bytea"],
  [20, "int8"],
  [21, "int2"],
  [23, "int4"],
  [26, "oid"],
  [114, "json"],
  [700, "float4"],
  [701, "float8"],
  [1184, "timestamptz"],
  [1700, "numeric"],
  [3802, "jsonb"],
]);

/** Money is read as numeric, whose text does not depend on the locale. */
const READ_AS: ReadonlyMap<number, number> = new Map([
  [790, 1700],
  [791, 1231],
]);

/** The column as its cells came. What is not known by its oid, such as an array, goes as the text that the server writes. */
export function receivedAs(column: Column & Partial<Pick<PgColumn, "oid">>, oid: number | undefined): Column {
  // What an expression gives has no type of its own: it is what the server says.
  const known = column.isVirtual === true ? 0 : column.oid;
  if (known === undefined || oid === undefined || oid === (READ_AS.get(known) ?? known)) return column;
  const base = BASES.get(oid) ?? "text";
  const received = { ...column, ...factsOfType({ base, modifier: -1, labels: undefined }), base, oid };
  return received;
}

const FIXED_LENGTHS: Readonly<Record<string, number>> = { char: 1, name: 63 };

function lengthOf(base: string, modifier: number): number | null {
  if (Object.hasOwn(FIXED_LENGTHS, base)) return FIXED_LENGTHS[base] ?? null;
  if (modifier < 0) return null;
  if (base === "varchar" || base === "bpchar") return modifier - 4;
  return base === "bit" || base === "varbit" ? modifier : null;
}

/** Since version 15 the scale of a numeric may be negative: eleven bits with a sign. */
function digitsOf(bits: number): { precision: number; scale: number } {
  return { precision: (bits >> 16) & 0xffff, scale: ((bits & 0x7ff) ^ 1024) - 1024 };
}
