import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { type Column, findColumn } from "../catalog.ts";
import type { Query } from "../query.ts";
import type { Family } from "../types.ts";
import { checkValue, demandRoom, type Value } from "../values.ts";
import { RefusedValue, shown } from "./names.ts";
import type { Assignment, DeletePlan, Expression, InsertPlan, Predicate, UpdatePlan } from "./plan.ts";
import type { Scope } from "./predicate.ts";
import { planFields } from "./read.ts";

export type Record_ = Readonly<Record<string, Json>>;

/** How a row is made: with `key` as the values of its key whatever the record says, and over one that exists. */
export interface Making {
  readonly key?: readonly Assignment[];
  readonly upsert?: boolean;
}

/** Plans one new row. Fields that the table lacks or computes itself are left out, or refused with `strict`. Raises `bad_request` for a value that does not fit or a required field that is missing. */
export function planInsert(record: Record_, query: Query, scope: Scope, making: Making = {}): InsertPlan {
  const { key = [], upsert = false } = making;
  const said = planAssignments(record, query, scope, "insert");
  const rest = said.filter((each) => !isDefaulted(each) && !key.some(({ column }) => column === each.column));
  const row = [...key, ...rest];
  if (row.length === 0) throw noFields();
  const missing = scope.table.columns.find(
    (column) => isRequired(column) && !row.some((each) => each.column === column),
  );
  if (missing !== undefined) throw required(missing);
  return { kind: "insert", table: scope.table, rows: [row], upsert, returning: planReturning(query, scope) };
}

/** Plans the change of the rows that `where` names. */
export function planUpdate(record: Record_, where: Predicate | undefined, query: Query, scope: Scope): UpdatePlan {
  const set = planAssignments(record, query, scope, "update");
  return { kind: "update", table: scope.table, set, where, returning: planReturning(query, scope) };
}

export function planDelete(where: Predicate | undefined, query: Query, scope: Scope): DeletePlan {
  return { kind: "delete", table: scope.table, where, returning: planReturning(query, scope) };
}

/** A column that an insert has to give a value. */
export function isRequired(column: Column): boolean {
  return !column.allowNull && !column.hasDefault && !column.autoIncrement && !column.generated;
}

/**
 * What a write answers with: `fields`, else the key, else (without a key) the whole row. Who may write but not read gets
 * the key alone: raises `forbidden` for fields that say more.
 */
export function planReturning(query: Query, scope: Scope): readonly Column[] {
  const fields = planFields(query, scope);
  if (fields?.some((column) => !column.isKey)) scope.demandOwnRead();
  if (fields !== undefined || scope.table.key.length > 0) return fields ?? scope.table.key;
  return scope.mayRead ? scope.table.columns : [];
}

type Write = "insert" | "update";

function planAssignments(record: Record_, query: Query, scope: Scope, write: Write): readonly Assignment[] {
  const row = new Map<Column, Assignment>();
  for (const [name, json] of Object.entries(record)) {
    const column = findColumn(scope.catalog, scope.table, name);
    if (column !== undefined && !column.generated) row.set(column, planAssignment(column, json, write));
    else if (query.strict)
      throw new Fault("bad_request", `Field '${shown(name)}' is unknown or computed by the database.`);
  }
  if (row.size === 0) throw noFields();
  return scope.table.columns.flatMap((column) => row.get(column) ?? []);
}

function planAssignment(column: Column, json: Json, write: Write): Assignment {
  if (json === null && !column.allowNull && !(write === "insert" && column.autoIncrement)) throw required(column);
  return { column, value: readExpression(column, json) ?? checkFit(column, json) };
}

/** An automatic key given as null means "make one", as if it had not been sent. */
function isDefaulted(assignment: Assignment): boolean {
  return assignment.value === null && assignment.column.autoIncrement === true;
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
function readExpression(column: Column, json: Json): Assignment["value"] | undefined {
  if (column.family === "json" || !isJsonObject(json) || Object.keys(json).join() !== "expression") return undefined;
  const name = typeof json.expression === "string" ? json.expression.trim().toUpperCase() : "";
  if (name === "UUID()") return checkFit(column, crypto.randomUUID());
  if (!Object.hasOwn(EXPRESSIONS, name)) {
    throw new Fault(
      "bad_request",
      `Field '${column.name}' takes only the expressions NOW(), CURRENT_TIMESTAMP, CURRENT_DATE and UUID().`,
    );
  }
  const expression = MEANINGS[EXPRESSIONS[name] ?? "now"][column.family];
  if (expression === undefined)
    throw new Fault("bad_request", `Field '${column.name}' can not hold the value of ${name}.`);
  return { expression };
}

/** A value that the column has room for. Raises RefusedValue. */
function checkFit(column: Column, json: Json): Value {
  try {
    const value = checkValue(column.name, column, json);
    demandRoom(column.name, column, value);
    return value;
  } catch (error) {
    throw error instanceof Fault ? new RefusedValue(column.name, error) : error;
  }
}

function required(column: Column): Fault {
  const fault = new Fault("bad_request", `Required field '${column.name}' can not be NULL.`);
  return new RefusedValue(column.name, fault);
}

function noFields(): Fault {
  return new Fault("bad_request", "No valid fields were found in record.");
}
