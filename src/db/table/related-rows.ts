import { Fault } from "../../contract/fault.ts";
import type { Column } from "../catalog.ts";
import type { Runner } from "../connector.ts";
import type { ReadPlan, Row } from "../plan/plan.ts";
import { withColumns } from "../plan/read.ts";
import { withRelated } from "../plan/related.ts";
import type { TableCall } from "./context.ts";
import { foreignCells } from "./foreign.ts";

/** The plan of a read with what the request asks of relationships. */
export function planRelatedRead({ query, scope, isPart }: TableCall, plan: ReadPlan): ReadPlan {
  const all = withRelated(plan, query, scope);
  return isPart ? withoutForeign(all) : all;
}

/** Another service is never asked while a transaction is open: it could wait for what this one holds. */
function withoutForeign({ foreign = [], ...own }: ReadPlan): ReadPlan {
  const named = foreign.find(({ isOptional }) => !isOptional);
  if (named === undefined) return own;
  throw new Fault(
    "bad_request",
    `Relationship '${named.name}' leads to another service: it can not be a part of an atomic batch.`,
  );
}

/** The columns that are read within this service: those of the plan, and the keys that lead to other ones. */
export function ownColumns({ columns, foreign = [] }: ReadPlan): readonly Column[] {
  return withColumns(
    columns,
    foreign.flatMap(({ fields }) => fields),
  );
}

/** Runs a read without what other services hold: each row has its own columns, then a cell for each relationship within. */
export async function readOwnRows({ call }: TableCall, plan: ReadPlan, runner: Runner): Promise<readonly Row[]> {
  const { foreign: _foreign, ...own } = plan;
  return (await runner.run({ ...own, columns: ownColumns(plan) }, call.signal)).rows;
}

/** Such rows as the plan says: the cells of its columns, then one for each relationship, those to other services last. */
export async function withForeignRows(on: TableCall, plan: ReadPlan, rows: readonly Row[]): Promise<readonly Row[]> {
  if (plan.foreign === undefined) return rows;
  const columns = ownColumns(plan);
  const cells = await foreignCells(on, plan.foreign, { columns, rows });
  return rows.map((row, index) => [
    ...row.slice(0, plan.columns.length),
    ...row.slice(columns.length),
    ...cells.map((each) => each[index] ?? "null"),
  ]);
}

/** Runs a read with all that it asks for. */
export async function runRead(on: TableCall, plan: ReadPlan): Promise<readonly Row[]> {
  return withForeignRows(on, plan, await readOwnRows(on, plan, on.connector));
}
