import { plainDecimal } from "../../lib/decimal.ts";
import { parseJson } from "../../lib/json.ts";
import type { Column } from "../catalog.ts";
import type { Assigned, Assignment, DeletePlan, Expression, InsertPlan, UpdatePlan } from "../plan/plan.ts";
import { checkValue, type Value } from "../values.ts";
import type { Dialect } from "./dialect.ts";

/** The values of the key columns of one row. */
export type Key = readonly Value[];
type NewRow = InsertPlan["rows"][number];

/** The keys that a plan names its rows by, if it does. */
export function namedKeys(plan: UpdatePlan | DeletePlan): readonly Key[] | undefined {
  const { where, table } = plan;
  const isKey =
    where?.kind === "keys" && where.columns.length === table.key.length && where.columns.every((each) => each.isKey);
  return isKey ? where.keys : undefined;
}

/** The key that a new row brings along, or `undefined` when the database has to make a part of it. */
export function givenKey(row: NewRow, plan: InsertPlan): Key | undefined {
  const key = plan.table.key.map((column) => givenPart(row, column, plan));
  return key.every((value) => value !== undefined) ? key : undefined;
}

/** The key of a row that was inserted by itself, the automatic part of it as the database told it. */
export function generatedKey(row: NewRow, plan: InsertPlan, insertId: string | undefined): Key {
  return plan.table.key.map(
    (column) => givenPart(row, column, plan) ?? (column.autoIncrement ? insertId : undefined) ?? null,
  );
}

/** MySQL takes 0 and NULL in an AUTO_INCREMENT column for "make one". */
function givenPart(row: NewRow, column: Column, { columns }: InsertPlan): Value | undefined {
  const value = row[columns.indexOf(column)];
  if (value === undefined || isExpression(value)) return undefined;
  return column.autoIncrement && (value === "0" || value === null) ? undefined : value;
}

/** The key of a row after the update. */
export function keyAfter(key: Key, plan: UpdatePlan): Key {
  return plan.table.key.map((column, index) => assignedValue(plan.set, column) ?? key[index] ?? null);
}

function assignedValue(set: readonly Assignment[], column: Column): Value | undefined {
  const assignment = set.find((each) => each.column === column);
  return assignment === undefined || isExpression(assignment.value) ? undefined : assignment.value;
}

/** Whether the database works the value out. */
export function isExpression(value: Assigned): value is { readonly expression: Expression } {
  return typeof value === "object" && value !== null && "expression" in value;
}

/** A column read back as JSON text, as the checked value that it is. */
export function valueOfText(column: Column, text: string): Value {
  return checkValue(column.name, column, parseJson(text));
}

/** A checked value as the JSON text that it reads back as. */
export function jsonTextOf(column: Column, value: Value, dialect: Dialect): string {
  const cell = value === null ? null : dialect.bind(column, value);
  if (cell === null) return "null";
  const isScaled = column.family === "decimal" && column.scale !== null && typeof cell === "string";
  return dialect.decoder(column)(isScaled ? withScale(cell, column.scale ?? 0) : cell);
}

function withScale(digits: string, scale: number): string {
  const [whole = "", fraction = ""] = plainDecimal(digits).split(".");
  return scale > 0 ? `${whole}.${fraction.padEnd(scale, "0")}` : whole;
}
