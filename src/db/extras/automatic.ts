import type { Column } from "../catalog.ts";
import type { Assignment, Expression } from "../plan/plan.ts";
import type { Family } from "../types.ts";

/** Who writes, as user fields keep it: the id of a person, `null` for an app without one. */
export type Writing = { readonly write: "insert" | "update"; readonly userId: number | null };

/** Whether a column keeps what it was created with. */
export function isCreateOnly({ validation, automatic }: Column): boolean {
  return automatic?.endsWith("_on_create") === true || validation?.create_only !== undefined;
}

/** What Millrace itself sets in a row, whatever the record says: who creates or changes it, and when. */
export function automaticAssignments(columns: readonly Column[], writing: Writing): readonly Assignment[] {
  return columns.flatMap((column) => (isDue(column, writing) ? (assignmentOf(column, writing) ?? []) : []));
}

/** Both kinds are set when a row is created. */
function isDue({ automatic }: Column, { write }: Writing): boolean {
  return automatic !== undefined && (write === "insert" || automatic.endsWith("_on_update"));
}

/** The time is left to a default of the database when a row is created. */
function assignmentOf(column: Column, { write, userId }: Writing): Assignment | undefined {
  if (column.automatic?.startsWith("timestamp")) {
    const isLeft = write === "insert" && column.hasDefault;
    const expression = NOW[column.family];
    return isLeft || expression === undefined ? undefined : { column, value: { expression } };
  }
  if (userId === null) return column.allowNull ? { column, value: null } : undefined;
  return { column, value: String(userId) };
}

/** What the present is in a column of each family. */
const NOW: Readonly<Partial<Record<Family, Expression>>> = {
  datetime: "now",
  datetimetz: "now",
  string: "now",
  date: "today",
  time: "clock",
};
