import type { Json } from "../../contract/json.ts";
import type { Column } from "../catalog.ts";
import { automaticAssignments } from "../extras/automatic.ts";
import type { Query } from "../query.ts";
import { assignedBy, findField, noFields } from "./field.ts";
import type { Assignment, DeletePlan, Predicate, UpdatePlan } from "./plan.ts";
import type { Scope } from "./predicate.ts";
import { planFields } from "./read.ts";

export type Record_ = Readonly<Record<string, Json>>;

/** Plans the change of the rows that `where` names. */
export function planUpdate(record: Record_, where: Predicate | undefined, query: Query, scope: Scope): UpdatePlan {
  const set = planSet(record, query, scope);
  if (set.length === 0) throw noFields();
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

/** What a record changes, which may be nothing. Raises `bad_request` for a value that does not fit. */
export function planSet(record: Record_, query: Query, scope: Scope): readonly Assignment[] {
  const row = new Map<Column, Assignment>();
  for (const [name, json] of Object.entries(record)) {
    const field = findField(name, query, scope);
    const value = field && assignedBy(json, field, "update");
    if (field !== undefined && value !== undefined) row.set(field.column, { column: field.column, value });
  }
  const set = scope.table.columns.flatMap((column) => row.get(column) ?? []);
  return set.length === 0 ? set : withAutomatic(set, scope);
}

/** The change of a row with what Millrace itself sets in it. */
export function withAutomatic(set: readonly Assignment[], { table, userId = null }: Scope): readonly Assignment[] {
  const made = automaticAssignments(table.columns, { write: "update", userId });
  return [...set, ...made.filter(({ column }) => !set.some((each) => each.column === column))];
}
