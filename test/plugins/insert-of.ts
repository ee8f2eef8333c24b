import type { Table } from "../../src/db/catalog.ts";
import type { Assignment, InsertPlan } from "../../src/db/plan/plan.ts";

/** The insert of rows that all set the same columns; it gives nothing back. */
export function insertOf(table: Table, rows: readonly (readonly Assignment[])[]): InsertPlan {
  return {
    kind: "insert",
    table,
    columns: (rows[0] ?? []).map(({ column }) => column),
    rows: rows.map((row) => row.map(({ value }) => value)),
    upsert: false,
    returning: [],
  };
}
