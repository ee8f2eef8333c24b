import { Fault } from "../../contract/fault.ts";
import type { Catalog, Column, Table } from "../catalog.ts";
import { DatabaseError, type DatabaseErrorKind } from "../errors.ts";
import type { ReadPlan } from "../plan/plan.ts";
import type { ExtrasEdit } from "./edit.ts";
import type { ExpressionText } from "./kept.ts";
import { extrasOf, ownOf } from "./names.ts";

/** What says nothing of an expression. */
const NOT_OF_IT: readonly DatabaseErrorKind[] = [
  "unavailable",
  "saturated",
  "timeout",
  "conflict",
  "deadlock",
  "stale_plan",
];

/** Runs a plan of a trial. */
type Trial = (plan: ReadPlan) => Promise<unknown>;

/**
 * Has the database read each new db_function, without a row. Raises `bad_request` for one that it does not take. `after` is
 * the catalog with the extras as they are to be.
 */
export async function tryFunctions(edit: ExtrasEdit, after: Catalog, run: Trial): Promise<void> {
  for (const table of after.tables)
    for (const column of newlyExpressed(table, edit))
      for (const text of Object.values(column.expressions ?? {})) {
        await run(planTrial(table, column, text)).catch((error: unknown) => {
          if (!(error instanceof DatabaseError) || NOT_OF_IT.includes(error.kind)) throw error;
          const message = `The database does not take the function of field '${column.name}'.`;
          throw new Fault("bad_request", message, { cause: error });
        });
      }
}

function newlyExpressed(table: Table, edit: ExtrasEdit): readonly Column[] {
  const own = table.ownName ?? table.name;
  const now = ownOf(edit.changes(), own)?.fields;
  if (now === undefined) return [];
  const before = extrasOf(edit.before, own).fields ?? {};
  const said = (fields: typeof now, { nativeName }: Column) => JSON.stringify(ownOf(fields, nativeName)?.db_function);
  return [...table.columns, ...(table.aggregates ?? [])].filter(
    (column) => column.expressions !== undefined && said(now, column) !== said(before, column),
  );
}

/** The column itself stands for a value that is to be written: the database knows its type. */
function planTrial(table: Table, column: Column, text: ExpressionText): ReadPlan {
  const select = text.map((part) =>
    typeof part === "object" && "value" in part ? { column: column.nativeName } : part,
  );
  const columns = [{ ...column, expressions: { select } }];
  return { kind: "read", table, columns, where: undefined, order: [], limit: 0, offset: 0 };
}
