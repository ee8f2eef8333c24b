import type { ColumnFacts } from "../../src/db/catalog.ts";
import type { Family, SimpleType } from "../../src/db/types.ts";

/** What the declared type of a column says about its values. */
export type TypeFacts = Pick<
  ColumnFacts,
  "type" | "family" | "dbType" | "length" | "precision" | "scale" | "range" | "fixedLength" | "multibyte" | "also"
>;

export type Affinity = "integer" | "text" | "blob" | "real" | "numeric";

/** What SQLite makes of a declared type (https://sqlite.org/datatype3.html, 3.1). */
export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase();
  if (type.includes("INT")) return "integer";
  if (/CHAR|CLOB|TEXT/.test(type)) return "text";
  if (type === "" || type.includes("BLOB")) return "blob";
  return /REAL|FLOA|DOUB/.test(type) ? "real" : "numeric";
}

/** Such a column takes values of any kind: each is what it is in its cell. Expressions of views are so too. */
export function isUntyped(dbType: string): boolean {
  return dbType === "" || dbType.toUpperCase() === "ANY";
}

type Known = readonly [type: SimpleType, family: Family];

const NAMES: readonly (readonly [names: string, ...Known])[] = [
  ["INTEGER|INT|INT4|YEAR", "integer", "integer"],
  ["BIGINT|INT8|BIG INT", "bigint", "integer"],
  ["MEDIUMINT", "mediumint", "integer"],
  ["SMALLINT|INT2", "smallint", "integer"],
  ["TINYINT|INT1", "tinyint", "integer"],
  ["BOOLEAN|BOOL|BIT", "boolean", "boolean"],
  ["DECIMAL|NUMERIC|NUM|DEC|NUMBER", "decimal", "decimal"],
  ["MONEY|SMALLMONEY|CURRENCY", "money", "decimal"],
  ["DOUBLE|DOUBLE PRECISION|REAL|FLOAT8", "double", "float"],
  ["FLOAT|FLOAT4", "float", "float"],
  [
    "VARCHAR|CHAR|CHARACTER|NCHAR|NVARCHAR|VARYING CHARACTER|CHARACTER VARYING|NATIVE CHARACTER|STRING",
    "string",
    "string",
  ],
  ["TEXT|CLOB|NTEXT|TINYTEXT", "text", "string"],
  ["MEDIUMTEXT", "mediumtext", "string"],
  ["LONGTEXT", "longtext", "string"],
  ["BLOB|BINARY|VARBINARY|TINYBLOB|MEDIUMBLOB|LONGBLOB|BYTEA|IMAGE", "binary", "binary"],
  ["DATE", "date", "date"],
  ["TIME|TIME WITHOUT TIME ZONE", "time", "time"],
  ["TIMETZ|TIME WITH TIME ZONE", "timetz", "time"],
  ["DATETIME|DATETIME2|SMALLDATETIME", "datetime", "datetime"],
  ["TIMESTAMP|TIMESTAMP WITHOUT TIME ZONE", "timestamp", "datetime"],
  ["TIMESTAMPTZ|TIMESTAMP WITH TIME ZONE", "timestamptz", "datetimetz"],
  ["DATETIMETZ|DATETIMEOFFSET", "datetimetz", "datetimetz"],
  ["JSON", "json", "json"],
  ["JSONB", "jsonb", "json"],
  ["UUID|GUID|UNIQUEIDENTIFIER", "uuid", "uuid"],
  ["ANY|", "string", "string"],
];

const BY_NAME: ReadonlyMap<string, Known> = new Map(
  NAMES.flatMap(([names, ...known]) => names.split("|").map((name): [string, Known] => [name, known])),
);

/** The names of types that SQLite's readers know, in small letters. */
export const TYPE_NAMES: ReadonlySet<string> = new Set(
  [...BY_NAME.keys()].filter((name) => name !== "").map((name) => name.toLowerCase()),
);

const BY_AFFINITY: Readonly<Record<Affinity, Known>> = {
  integer: ["integer", "integer"],
  text: ["text", "string"],
  blob: ["binary", "binary"],
  real: ["double", "float"],
  numeric: ["string", "string"],
};

const BITS: Readonly<Partial<Record<SimpleType, bigint>>> = { mediumint: 24n, smallint: 16n, tinyint: 8n };
const FIXED = /^(?:CHAR|CHARACTER|NCHAR|NATIVE CHARACTER)$/;

/** Reads a declared type of any case: `varchar(40)`, `Decimal(10, 2)`, `unsigned big int`, or none. */
export function typeFacts(declared: string): TypeFacts {
  const { name, sizes, isUnsigned } = readDeclared(declared);
  const [type, family] = knownType(name, declared, sizes[0]);
  const [first = null, second = null] = sizes;
  const isNumber = family === "decimal" || family === "float";
  return {
    type,
    family,
    dbType: declared,
    length: family === "string" || family === "binary" ? first : null,
    precision: isNumber ? first : null,
    scale: isNumber ? (second ?? (family === "decimal" && first !== null ? 0 : null)) : null,
    ...(family === "integer" ? { range: rangeOf(BITS[type] ?? 64n, isUnsigned) } : {}),
    ...(family === "string" ? { multibyte: true, fixedLength: FIXED.test(name) } : {}),
    ...(family === "float" ? { also: /^-?Infinity$/ } : {}),
  };
}

function readDeclared(declared: string): { name: string; sizes: readonly number[]; isUnsigned: boolean } {
  const [, before = "", inside = "", after = ""] =
    /^([^(]*)(?:\(([^)]*)\))?(.*)$/s.exec(declared.trim().toUpperCase()) ?? [];
  const words = `${before} ${after}`.split(/\s+/).filter((word) => word !== "");
  const sizes = inside.split(",").map((size) => Number.parseInt(size, 10));
  return {
    name: words.filter((word) => word !== "UNSIGNED" && word !== "SIGNED").join(" "),
    sizes: sizes.every(Number.isFinite) ? sizes : [],
    isUnsigned: words.includes("UNSIGNED"),
  };
}

function knownType(name: string, declared: string, size: number | undefined): Known {
  if (name === "TINYINT" && size === 1) return ["boolean", "boolean"];
  if (name === "BIT" && size !== undefined && size > 1) return ["integer", "integer"];
  return BY_NAME.get(name) ?? BY_AFFINITY[affinityOf(declared)];
}

/** SQLite itself keeps 64 bits whatever the name; a narrower name is a promise to other readers of the file. */
function rangeOf(bits: bigint, isUnsigned: boolean): readonly [bigint, bigint] {
  const half = 2n ** (bits - 1n);
  if (!isUnsigned) return [-half, half - 1n];
  return [0n, bits === 64n ? half - 1n : 2n * half - 1n];
}
