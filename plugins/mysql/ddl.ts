import type { NewType } from "../../src/db/schema/change.ts";
import type { AlterChange, Ddl, DdlDialect } from "../../src/db/sql/ddl/ddl.ts";
import { hexOf, literalOf, standardWords, textLiteral } from "../../src/db/sql/ddl/literal.ts";
import { standardDdl, standardTypes } from "../../src/db/sql/ddl/standard.ts";
import { mysqlLoss } from "./loss.ts";

const json = { text: "JSON", reads: "json" } as const;
const datetime = { text: "DATETIME(6)", sized: "DATETIME", size: "fraction", reads: "datetime" } as const;
const timestamp = { text: "TIMESTAMP(6)", sized: "TIMESTAMP", size: "fraction", reads: "timestamp" } as const;
const time = { text: "TIME(6)", sized: "TIME", size: "fraction", reads: "time" } as const;

const INTEGERS = ["tinyint", "smallint", "mediumint", "int", "integer", "bigint"];
const NAMES = [
  ...INTEGERS.flatMap((name) => [name, `${name} unsigned`]),
  ..."decimal numeric dec fixed float double real bit bool boolean date time datetime timestamp year".split(" "),
  ..."char varchar nchar nvarchar binary varbinary tinytext text mediumtext longtext".split(" "),
  ..."tinyblob blob mediumblob longblob json uuid inet4 inet6 geometry point linestring polygon".split(" "),
  ..."multipoint multilinestring multipolygon geometrycollection".split(" "),
  "double precision",
  "decimal unsigned",
  "float unsigned",
  "double unsigned",
];

/** Whether a backslash escapes depends on the mode of the connection; hexadecimal digits are the same in each. */
function quoted(text: string): string {
  const literal = textLiteral(text);
  return text.includes("\\") ? `_utf8mb4 X'${hexOf(new TextEncoder().encode(text))}'` : literal;
}

const words = { ...standardWords, booleans: ["0", "1"] as const, text: quoted };

/** Types whose default has to stand in parentheses. */
const LONG = new Set(["text", "mediumtext", "longtext", "binary", "json", "jsonb", "array", "object"]);

/** DDL as MySQL has it. ALTER TABLE is written by alter.ts. */
export const mysqlDdl: Ddl = {
  ...standardDdl,
  types: {
    ...standardTypes,
    id: { text: "INT" },
    mediumid: { text: "MEDIUMINT" },
    integer: { text: "INT" },
    tinyint: { text: "TINYINT" },
    mediumint: { text: "MEDIUMINT" },
    mediumtext: { text: "MEDIUMTEXT" },
    longtext: { text: "LONGTEXT" },
    double: { text: "DOUBLE" },
    float: { text: "FLOAT" },
    boolean: { text: "TINYINT(1)" },
    binary: { text: "LONGBLOB", sized: "VARBINARY", size: "length", fixed: "BINARY" },
    time,
    timetz: time,
    datetime,
    datetimetz: datetime,
    timestamp,
    timestamptz: timestamp,
    timestamp_on_create: timestamp,
    timestamp_on_update: timestamp,
    json,
    jsonb: json,
    array: json,
    object: json,
    uuid: { text: "CHAR(36)", reads: "string" },
  },
  nativeTypes: new Set(NAMES),
  sizedTypes: new Set(["varchar", "nvarchar", "varbinary"]),
  longestName: { most: 64, unit: "characters" },
  counted: (type) => `${type} NOT NULL AUTO_INCREMENT`,
  multibyte: "CHARACTER SET utf8mb4",
  literal: (value, type) => literalOf(value, type, words),
  lossText: mysqlLoss,
  defaultText({ type, default: byDefault }) {
    if (byDefault === undefined) return "NULL";
    if ("value" in byDefault) {
      const text = this.literal(byDefault.value, type);
      return isLong(type) ? `(${inExpression(text)})` : text;
    }
    if (byDefault.expression === "now") return `CURRENT_TIMESTAMP${fractionOf(type)}`;
    return byDefault.expression === "today" ? "(CURRENT_DATE)" : "(CURRENT_TIME)";
  },
  indexesInside: true,
  alterTexts: (_change: AlterChange, _dialect: DdlDialect) => {
    throw new Error("ALTER TABLE is written as a whole.");
  },
};

/** The digits of a second, which a default has to have as its column. */
function fractionOf({ native, simple, precision }: NewType): string {
  if (native !== undefined) return /\((\d)\)/.exec(native)?.[0] ?? "";
  const digits = precision ?? (simple === "string" ? 0 : 6);
  return digits === 0 ? "" : `(${digits})`;
}

/** Whether a default has to be an expression in parentheses. */
function isLong({ native, simple }: NewType): boolean {
  return native === undefined ? LONG.has(simple) : /text|blob|json/i.test(native);
}

/** The server writes an expression down again, and a text in hexadecimal digits then as one with its backslashes. */
function inExpression(literal: string): string {
  return literal.replace(/^_utf8mb4 (X'[0-9a-f]*')$/, "CONVERT($1 USING utf8mb4)");
}
