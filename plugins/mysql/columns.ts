import type { ColumnFacts } from "../../src/db/catalog.ts";
import type { Family, SimpleType } from "../../src/db/types.ts";

type TypeFacts = Pick<ColumnFacts, "type" | "family"> &
  Partial<Pick<ColumnFacts, "range" | "also" | "values" | "fixedLength">>;

const MEMBER = /'((?:[^']|'')*)'/g;

/** What a database type is in the words that all databases share. `columnType` is the whole type: `int(10) unsigned`. */
export function typeFacts(dataType: string, columnType: string): TypeFacts {
  const name = dataType.toLowerCase();
  if (columnType === "tinyint(1)" || columnType === "bit(1)") return { type: "boolean", family: "boolean" };
  if (name === "bit") return bitFacts(columnType);
  const bits = INTEGER_BITS[name];
  if (bits !== undefined)
    return { type: INTEGERS[name] ?? "integer", family: "integer", range: rangeOf(bits, columnType) };
  if (name === "enum") return { type: "string", family: "string", values: membersOf(columnType) };
  return TYPES[name] ?? STRING;
}

const INTEGER_BITS: Readonly<Record<string, number>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  integer: 32,
  bigint: 64,
};
const INTEGERS: Readonly<Record<string, SimpleType>> = {
  tinyint: "tinyint",
  smallint: "smallint",
  mediumint: "mediumint",
  bigint: "bigint",
};

/** The server also keeps days and months of zero, and more than a day of time. */
const ZERO_DATE = /^(?:\d{4}-00-\d{2}|\d{4}-\d{2}-00)$/;
const ZERO_DATETIME = /^(?:\d{4}-00-\d{2}|\d{4}-\d{2}-00)(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$/;
const LONG_TIME = /^-?\d{1,3}:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/;

const simple = (type: SimpleType, family: Family, more: Partial<TypeFacts> = {}): TypeFacts => ({
  type,
  family,
  ...more,
});
const STRING = simple("string", "string");

const TYPES: Readonly<Record<string, TypeFacts>> = {
  decimal: simple("decimal", "decimal"),
  float: simple("float", "float"),
  double: simple("double", "float"),
  // 1 to 99 would be stored as 2001 to 1999, so they are refused; 0 is the year 0000.
  year: simple("integer", "integer", { range: [1901n, 2155n], also: /^0(?:000)?$/ }),
  date: simple("date", "date", { also: ZERO_DATE }),
  time: simple("time", "time", { also: LONG_TIME }),
  datetime: simple("datetime", "datetime", { also: ZERO_DATETIME }),
  timestamp: simple("timestamp", "datetime", { also: ZERO_DATETIME }),
  char: simple("string", "string", { fixedLength: true }),
  tinytext: simple("text", "string"),
  text: simple("text", "string"),
  mediumtext: simple("mediumtext", "string"),
  longtext: simple("longtext", "string"),
  binary: simple("binary", "binary", { fixedLength: true }),
  varbinary: simple("binary", "binary"),
  tinyblob: simple("binary", "binary"),
  blob: simple("binary", "binary"),
  mediumblob: simple("binary", "binary"),
  longblob: simple("binary", "binary"),
  json: simple("json", "json"),
  uuid: simple("uuid", "uuid"),
};

const GEOMETRIES = new Set([
  "geometry",
  "point",
  "linestring",
  "polygon",
  "multipoint",
  "multilinestring",
  "multipolygon",
  "geometrycollection",
  "geomcollection",
]);

/** Whether values of the column are geometries: they travel as their WKT text. */
export function isGeometry(column: Pick<ColumnFacts, "dbType">): boolean {
  return GEOMETRIES.has(column.dbType);
}

function bitFacts(columnType: string): TypeFacts {
  const bits = BigInt(/\d+/.exec(columnType)?.[0] ?? "1");
  return { type: bits > 31n ? "bigint" : "integer", family: "integer", range: [0n, (1n << bits) - 1n] };
}

function rangeOf(bits: number, columnType: string): readonly [bigint, bigint] {
  const size = 1n << BigInt(bits);
  return columnType.includes("unsigned") ? [0n, size - 1n] : [-size / 2n, size / 2n - 1n];
}

function membersOf(columnType: string): readonly string[] {
  return Array.from(columnType.matchAll(MEMBER), ([, text = ""]) => text.replaceAll("''", "'"));
}
