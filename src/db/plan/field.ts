import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { Effort } from "../../lib/regex-automaton.ts";
import { type Column, findColumn } from "../catalog.ts";
import { validate } from "../extras/validate.ts";
import type { Query } from "../query.ts";
import type { Family } from "../types.ts";
import { checkValue, demandRoom, type Value } from "../values.ts";
import { RefusedValue, shown } from "./names.ts";
import type { Assigned, Expression } from "./plan.ts";
import type { Scope } from "./scope.ts";

export type Write = "insert" | "update";

/** A field of a record that sets a column. */
export interface Field {
  readonly column: Column;
  /** How messages name it. */
  readonly name: string;
  readonly effort?: Effort | undefined;
}

/** The field of this name; `undefined` = left out. Raises `bad_request` with `strict` for one that nobody may set. */
export function findField(name: string, { strict }: Pick<Query, "strict">, scope: Scope): Field | undefined {
  const column = findColumn(scope.catalog, scope.table, name);
  if (column !== undefined && isWritten(column)) return { column, name: placed(column, scope), effort: scope.effort };
  if (!strict) return undefined;
  throw new Fault("bad_request", `Field '${scope.place ?? ""}${shown(name)}' is unknown or computed by the database.`);
}

/** What a value sets the column to; `undefined` where a validation of the field leaves it out. Raises RefusedValue. */
export function assignedBy(json: Json, { column, name, effort }: Field, write: Write): Assigned | undefined {
  const value = column.validation === undefined ? json : validate(column, json, { field: name, write, effort });
  if (value === null && !mayBeNull(column, write)) throw required(name);
  if (value === undefined || value === null) return value;
  return (typeof value === "object" ? readExpression(column, value, name) : undefined) ?? checkFit(column, value, name);
}

/** Whether a client gives its values: else the database or Millrace makes them. */
function isWritten({ generated, automatic }: Column): boolean {
  return generated !== true && automatic === undefined;
}

/** How messages name a field. */
export function placed(column: Column, { place = "" }: Scope): string {
  return place + column.name;
}

/** A new row may leave its automatic key to the database. */
function mayBeNull(column: Column, write: Write): boolean {
  return column.allowNull || column.generated === true || (write === "insert" && column.autoIncrement === true);
}

const EXPRESSIONS: Readonly<Record<string, "now" | "today">> = {
  "NOW()": "now",
  CURRENT_TIMESTAMP: "now",
  "CURRENT_TIMESTAMP()": "now",
  CURRENT_DATE: "today",
  "CURRENT_DATE()": "today",
};

/** What an expression is in a column of each family; one that the database might only keep as another value is none. */
const MEANINGS: Readonly<Record<"now" | "today", Readonly<Partial<Record<Family, Expression>>>>> = {
  now: { datetime: "now", datetimetz: "now", string: "now", date: "today", time: "clock" },
  today: { date: "today", datetime: "today", datetimetz: "today", string: "today" },
};

/** `{"expression":"NOW()"}`: one of a fixed list, never SQL. A JSON column takes such an object as plain data. */
function readExpression(column: Column, json: Json, field: string): Assigned | undefined {
  if (column.family === "json" || !isJsonObject(json) || Object.keys(json).join() !== "expression") return undefined;
  const name = typeof json.expression === "string" ? json.expression.trim().toUpperCase() : "";
  if (name === "UUID()") return checkFit(column, crypto.randomUUID(), field);
  if (!Object.hasOwn(EXPRESSIONS, name)) {
    throw new Fault(
      "bad_request",
      `Field '${field}' takes only the expressions NOW(), CURRENT_TIMESTAMP, CURRENT_DATE and UUID().`,
    );
  }
  const expression = MEANINGS[EXPRESSIONS[name] ?? "now"][column.family];
  if (expression === undefined) throw new Fault("bad_request", `Field '${field}' can not hold the value of ${name}.`);
  return { expression };
}

/** A value that the column has room for. Raises RefusedValue. */
function checkFit(column: Column, json: Json, field: string): Value {
  try {
    const value = checkValue(field, column, json);
    demandRoom(field, column, value);
    return value;
  } catch (error) {
    throw error instanceof Fault ? new RefusedValue(field, error) : error;
  }
}

/** A field that has to be given is missing, or null. */
export function required(field: string): Fault {
  const fault = new Fault("bad_request", `Required field '${field}' can not be NULL.`);
  return new RefusedValue(field, fault);
}

export function noFields(): Fault {
  return new Fault("bad_request", "No valid fields were found in record.");
}
