import type { Column } from "../catalog.ts";
import type { Assigned, Assignment } from "./plan.ts";

/** The values of a new row, each with its column. */
export function assignmentsOf(columns: readonly Column[], row: readonly Assigned[]): readonly Assignment[] {
  return columns.map((column, at) => ({ column, value: row[at] ?? null }));
}
