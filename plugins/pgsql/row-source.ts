import type { Column } from "../../src/db/catalog.ts";
import type { InsertPlan } from "../../src/db/plan/plan.ts";
import type { Bind } from "../../src/db/sql/dialect.ts";
import type { Bound } from "../../src/db/sql/driver.ts";
import { isExpression } from "../../src/db/sql/keys.ts";
import type { Value } from "../../src/db/values.ts";
import { byteaOfBytes } from "./base64.ts";
import { baseOf } from "./columns.ts";

/** Fewer rows are as quick by VALUES. */
const LEAST_ROWS = 20;

/**
 * Types that a value may be given as before it is assigned to a column, with the same outcome as if it had been assigned
 * at once: the plain type refuses what it can not hold, and the column what it has no room for.
 */
const PLAIN: ReadonlySet<string> = new Set(
  "int2 int4 int8 oid float4 float8 numeric bool bytea date time timetz timestamp timestamptz interval json jsonb uuid text varchar bpchar".split(
    " ",
  ),
);

/**
 * Many rows as one array for each column: the server parses and plans a short statement, and reads each array in one go.
 * Rows come out of `unnest` in the order of the arrays. `undefined` where a column has to be written in another way.
 */
export function rowSource(
  { columns, rows }: InsertPlan,
  bind: Bind,
  boundOf: (column: Column, value: Value) => Bound,
): string | undefined {
  if (rows.length < LEAST_ROWS || !columns.every(isPlain)) return undefined;
  const literals: string[] = [];
  for (const [index, column] of columns.entries()) {
    const literal = arrayOf(rows, index, (value) => boundOf(column, value));
    if (literal === undefined) return undefined;
    literals.push(literal);
  }
  const arrays = columns.map((column, index) => `${bind(literals[index] ?? "")}::pg_catalog.${baseOf(column)}[]`);
  return `SELECT * FROM unnest(${arrays.join(", ")})`;
}

function isPlain(column: Column): boolean {
  return column.family !== "array" && column.expressions?.insert === undefined && PLAIN.has(baseOf(column));
}

/** One column of the rows as an array literal; `undefined` when the database has to work a value out. */
function arrayOf(rows: InsertPlan["rows"], index: number, boundOf: (value: Value) => Bound): string | undefined {
  let literal = "{";
  for (const row of rows) {
    const value = row[index] ?? null;
    if (isExpression(value)) return undefined;
    if (literal.length > 1) literal += ",";
    literal += value === null ? "NULL" : elementOf(boundOf(value));
  }
  return `${literal}}`;
}

function elementOf(bound: Bound): string {
  if (bound instanceof Uint8Array) return quoted(byteaOfBytes(bound));
  return typeof bound === "string" ? quoted(bound) : String(bound);
}

function quoted(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : `"${text}"`;
}
