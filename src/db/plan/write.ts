import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { type Column, findColumn } from "../catalog.ts";
import { automaticAssignments } from "../extras/automatic.ts";
import { validate } from "../extras/validate.ts";
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
  const said =
    key.length > 0 ? planSet(record, query, scope, "insert") : planAssignments(record, query, scope, "insert");
  const rest = said.filter((each) => !isDefaulted(each) && !key.some(({ column }) => column === each.column));
  if (key.length + rest.length === 0) throw noFields();
  const row = withAutomatic([...key, ...rest], scope, "insert");
  const missing = scope.table.columns.find(
    (column) => isRequired(column) && !row.some((each) => each.column === column),
  );
  if (missing !== undefined) throw required(placed(missing, scope));
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
  const set = planSet(record, query, scope, write);
  if (set.length === 0) throw noFields();
  return set;
}

/** What a record assigns, which may be nothing. */
export function planSet(record: Record_, query: Query, scope: Scope, write: Write): readonly Assignment[] {
  const row = new Map<Column, Assignment>();
  for (const [name, json] of Object.entries(record)) {
    const column = findColumn(scope.catalog, scope.table, name);
    if (column !== undefined && isWritten(column)) {
      const assignment = planField(column, json, placed(column, scope), write);
      if (assignment !== undefined) row.set(column, assignment);
    } else if (query.strict)
      throw new Fault(
        "bad_request",
        `Field '${scope.place ?? ""}${shown(name)}' is unknown or computed by the database.`,
      );
  }
  const set = scope.table.columns.flatMap((column) => row.get(column) ?? []);
  return write === "insert" || set.length === 0 ? set : withAutomatic(set, scope, write);
}

/** `undefined` where a validation of the field leaves the value out. */
function planField(column: Column, json: Json, field: string, write: Write): Assignment | undefined {
  const value = validate(column, json, { field, write });
  if (value === null && !mayBeNull(column, write)) throw required(field);
  return value === undefined ? undefined : planAssignment(column, value, field);
}

/** Whether a client gives its values: else the database or Millrace makes them. */
function isWritten({ generated, automatic }: Column): boolean {
  return generated !== true && automatic === undefined;
}

/** A row with what Millrace itself sets in it. */
export function withAutomatic(
  set: readonly Assignment[],
  { table, userId = null }: Scope,
  write: Write,
): readonly Assignment[] {
  const made = automaticAssignments(table.columns, { write, userId });
  return [...set, ...made.filter(({ column }) => !set.some((each) => each.column === column))];
}

/** How messages name a field. */
function placed(column: Column, { place = "" }: Scope): string {
  return place + column.name;
}

/** A new row may leave its automatic key to the database. */
function mayBeNull(column: Column, write: Write): boolean {
  return column.allowNull || column.generated === true || (write === "insert" && column.autoIncrement === true);
}

function planAssignment(column: Column, json: Json, field: string): Assignment {
  return { column, value: readExpression(column, json, field) ?? checkFit(column, json, field) };
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
function readExpression(column: Column, json: Json, field: string): Assignment["value"] | undefined {
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

function required(field: string): Fault {
  const fault = new Fault("bad_request", `Required field '${field}' can not be NULL.`);
  return new RefusedValue(field, fault);
}

function noFields(): Fault {
  return new Fault("bad_request", "No valid fields were found in record.");
}
