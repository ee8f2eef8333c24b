import { Fault } from "../../src/contract/fault.ts";
import type { Column } from "../../src/db/catalog.ts";
import type { Left } from "../../src/db/plan/plan.ts";
import { quoted, standardDecoder } from "../../src/db/sql/decode.ts";
import { ansi, type Bind, type Decoder, type Dialect, plainBound } from "../../src/db/sql/dialect.ts";
import type { Bound } from "../../src/db/sql/driver.ts";
import type { Value } from "../../src/db/values.ts";
import { arrayLiteral, jsonOfArray } from "./array.ts";
import { base64OfBytea } from "./base64.ts";
import { columnRules } from "./column-rules.ts";
import { baseOf, COMPARED_AS_TEXT, receivedAs } from "./columns.ts";
import { pgsqlDdl } from "./ddl.ts";
import { embedding } from "./embedding.ts";
import { estimate } from "./estimate.ts";
import { compareGeometry, geoJsonOf, geometryType, isGeometry, onlyEqual } from "./geometry.ts";
import { rowSource } from "./row-source.ts";

const TEXTS = new Set(["text", "varchar", "citext"]);

/** SQL as PostgreSQL speaks it. A placeholder has no type of its own: the server gives it that of its surroundings. */
export const pgsql: Dialect = {
  ...ansi,
  // The wire counts parameters in 16 bits.
  maxValues: 60_000,
  bulkValues: 50_000,
  rowSource: (plan, bind) => rowSource(plan, bind, bindValue),
  vagueInLists: new Set(["geometry"]),
  placeholder: (position) => `$${position}`,
  // The text of money depends on the locale of the server; a number does not.
  read(column, reference) {
    if (isGeometry(column)) return geoJsonOf(column, reference);
    return baseOf(column) === "money" ? `${reference}::${typeLike(column, "numeric")}` : reference;
  },
  write(column, placeholder) {
    if (isGeometry(column)) return `${placeholder}::${geometryType(column)}`;
    if (baseOf(column) !== "money") return placeholder;
    return `${placeholder}::${typeLike(column, "numeric")}::${typeLike(column, "money")}`;
  },
  typed: (column, placeholder) => `${placeholder}::${column.dbType}`,
  spelling: (reference) => `${reference}::text COLLATE "C"`,
  embedding,
  bind: bindValue,
  decoder: decoderOf,
  ddl: pgsqlDdl,
  received: receivedAs,
  operand(left, reference, bind) {
    return left.path.length > 0 ? insideJson(left, reference, bind) : comparable(left.column, reference);
  },
  compare(left, operand, op, value, bind) {
    const bound = left.path.length > 0 ? insideBound(left, value) : this.bind(left.column, value);
    if (isGeometry(left.column)) return compareGeometry(left.column, operand, op, bind(bound));
    return `${operand} ${op} ${bind(bound)}`;
  },
  match(left, operand, how, text, bind) {
    if (isGeometry(left.column)) throw onlyEqual(left.column);
    const isText = left.path.length > 0 || (left.column.family !== "array" && TEXTS.has(baseOf(left.column)));
    return ansi.match(left, isText ? operand : `${operand}::text`, how, withoutNul(left.column, text), bind);
  },
  order: (term, reference) => ansi.order(term, comparable(term.column, reference)),
  columnRules,
  estimate,
  groupValue(value, reference) {
    const isMoney = value.fn !== undefined && value.of !== undefined && baseOf(value.of) === "money";
    return ansi.groupValue(value, isMoney ? `${reference}::numeric` : reference);
  },
};

/** The type, or the array of it when the column is one. */
function typeLike(column: Column, type: string): string {
  return column.family === "array" ? `${type}[]` : type;
}

function comparable(column: Column, reference: string): string {
  const base = baseOf(column);
  if (base === "money") return `${reference}::${typeLike(column, "numeric")}`;
  return COMPARED_AS_TEXT.has(base) ? `${reference}::${typeLike(column, "text")}` : reference;
}

/** The place as text, or where it meets a number, as the number that it holds, if any: `"abc"` is no error then. */
function insideJson({ column, path, as }: Left, reference: string, bind: Bind): string {
  const place = `${bind(arrayLiteral(path.map(String)))}::text[]`;
  const text = `(${reference} #>> ${place})`;
  if (as !== "float") return text;
  const kind = `${column.type === "jsonb" ? "jsonb" : "json"}_typeof(${reference} #> ${place})`;
  return `CASE ${kind} WHEN 'number' THEN ${text}::numeric END`;
}

function insideBound({ column }: Left, value: Value): Bound {
  return typeof value === "string" ? withoutNul(column, value) : String(value);
}

function bindValue(column: Column, value: Value): Bound {
  if (Array.isArray(value)) return withoutNul(column, arrayLiteral(value, delimiterOf(column)));
  return typeof value === "string" ? withoutNul(column, value) : plainBound(value);
}

/** PostgreSQL keeps no text with the character U+0000. Raises `bad_request`. */
function withoutNul(column: Column, text: string): string {
  if (!text.includes("\0")) return text;
  throw new Fault("bad_request", `Field '${column.name}' can not hold the character NUL.`);
}

function decoderOf(column: Column): Decoder {
  if (column.family !== "array") return textDecoder(column);
  const { element } = column;
  if (element === undefined) return quoted;
  const decode = textDecoder(element);
  const delimiter = delimiterOf(column);
  return (cell) => jsonOfArray(String(cell), delimiter, decode);
}

function textDecoder(column: Pick<Column, "family">): Decoder {
  if (column.family === "binary") return (cell) => `"${base64OfBytea(String(cell))}"`;
  return column.family === "json" || column.family === "geometry" ? jsonLine : standardDecoder(column);
}

/** `json` is kept as it was written; a line break, which can only stand between its tokens, would split a line of NDJSON. */
function jsonLine(cell: NonNullable<Parameters<Decoder>[0]>): string {
  const text = String(cell);
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, " ") : text;
}

/** Boxes hold commas themselves. */
function delimiterOf(column: Column): string {
  const base = baseOf(column);
  if (base === "geometry" || base === "geography") return ":";
  return base === "box" ? ";" : ",";
}
