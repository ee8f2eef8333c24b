import type { Column } from "../../src/db/catalog.ts";
import type { Comparison, Left } from "../../src/db/plan/plan.ts";
import { ansi, type Bind, type Dialect, plainBound } from "../../src/db/sql/dialect.ts";
import type { Bound } from "../../src/db/sql/driver.ts";
import type { Value } from "../../src/db/values.ts";
import { columnRules, isNumbered } from "./column-rules.ts";
import { isGeometry } from "./columns.ts";
import { mysqlDdl } from "./ddl.ts";
import { decoderOf, isSingle } from "./decode.ts";
import { estimate } from "./estimate.ts";
import { jsonOperand } from "./json.ts";

/** What an OFFSET without a limit has to be written as. */
const ALL_ROWS = "18446744073709551615";

/** MySQL, from 5.7 on. */
export const mysql: Dialect = {
  ...ansi,
  returning: { insert: false, update: false, delete: false },
  // To prepare a statement costs more than to run it: full ones are all alike, and stay prepared.
  bulkValues: 5_000,
  // In a list decimals are compared as doubles, and a TINYINT(1) of 2 is not true.
  vagueInLists: new Set(["decimal", "boolean"]),
  foldTable: (name) => name.toLowerCase(),
  foldColumn: (name) => name.toLowerCase(),
  quote: (name) => `\`${name.replaceAll("`", "``")}\``,
  columnRules,
  estimate,
  nullIs: "smallest",
  read(column, reference) {
    if (isNumbered(column)) return `${reference} + 0`;
    return isGeometry(column) ? `ST_AsText(${reference})` : reference;
  },
  write: (column, placeholder) => (isGeometry(column) ? `ST_GeomFromText(${placeholder})` : placeholder),
  bind: boundOf,
  decoder: decoderOf,
  operand(left, reference, bind) {
    if (left.path.length > 0) return jsonOperand(left, reference, bind);
    // MySQL's own JSON equals no text unless it is made one.
    if (left.column.dbType === "json") return `CAST(${reference} AS CHAR)`;
    return this.read(left.column, reference);
  },
  compare(left, operand, op, value, bind) {
    if (left.path.length > 0) return `${operand} ${op} ${bind(insideJson(left, value))}`;
    if (left.column.family === "boolean") return compareBoolean(operand, op, value === true, bind);
    return ansi.compare.call(this, left, operand, op, value, bind);
  },
  /** NULL is the smallest value; an extra term is only needed where it is wanted elsewhere. */
  order(term, reference) {
    const direction = term.descending ? `${reference} DESC` : reference;
    const standard = term.descending ? "last" : "first";
    if (term.nulls === undefined || term.nulls === standard) return direction;
    return `${reference} IS ${term.nulls === "first" ? "NOT NULL" : "NULL"}, ${direction}`;
  },
  page(limit, offset, bind) {
    if (limit === undefined && offset === 0) return "";
    const first = ` LIMIT ${limit === undefined ? ALL_ROWS : bind(BigInt(limit))}`;
    return offset === 0 ? first : `${first} OFFSET ${bind(BigInt(offset))}`;
  },
  ddl: mysqlDdl,
  upsert(key, changed) {
    const set = changed.map((column) => `${this.quote(column.nativeName)} = VALUES(${this.quote(column.nativeName)})`);
    return `ON DUPLICATE KEY UPDATE ${[...sameKey(key, this), ...set].join(", ")}`;
  },
};

/**
 * The statement would also update another row that shares only a unique value. This assignment changes nothing, and
 * counts beyond the largest integer (a unique conflict: see errors.ts) where the key is not the one that was given. Unlike
 * a division by zero, that fails in every sql_mode.
 */
function sameKey(key: readonly Column[], dialect: Dialect): readonly string[] {
  const names = key.map((column) => dialect.quote(column.nativeName));
  const [first] = names;
  const isSame = names.map((name) => `${name} <=> VALUES(${name})`).join(" AND ");
  return first === undefined ? [] : [`${first} = IF(~0 + (NOT (${isSame})), ${first}, ${first})`];
}

/** Integers travel as integers and floats as floats: as text they would be compared as text, or stored as characters. */
function boundOf(column: Column, value: Value): Bound {
  if (typeof value !== "string") return plainBound(value);
  switch (column.family) {
    case "integer":
      return BigInt(value);
    case "float":
      return boundFloat(column, value);
    case "uuid":
      return value.replace(/[{}]/g, "");
    default:
      return value;
  }
}

/** A float of 32 bits only equals the double that it is. What no float can hold goes as text, for the server to refuse. */
function boundFloat(column: Column, digits: string): Bound {
  const value = isSingle(column) ? Math.fround(Number(digits)) : Number(digits);
  return Number.isFinite(value) ? value : digits;
}

function insideJson(left: Left, value: Value): Bound {
  if (typeof value === "boolean") return String(value);
  return left.as === "float" ? Number(value) : plainBound(value);
}

/** Whatever is not zero is true, in a TINYINT(1) too. */
function compareBoolean(operand: string, op: Comparison, value: boolean, bind: Bind): string {
  if (op === "=") return `${operand} ${value ? "<>" : "="} 0`;
  if (op === "!=") return `${operand} ${value ? "=" : "<>"} 0`;
  return `(${operand} <> 0) ${op} ${bind(value)}`;
}
