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

/** Rows as this service holds them: the cells of `columns`, then one for each relationship within it. */
export interface OwnRows {
  /** Those of the plan, and the keys that lead to other services. */
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** Runs a read without what other services hold. */
export async function readOwnRows({ call }: TableCall, plan: ReadPlan, runner: Runner): Promise<OwnRows> {
  const { foreign = [], ...own } = plan;
  const columns = withColumns(
    plan.columns,
    foreign.flatMap(({ fields }) => fields),
  );
  const { rows } = await runner.run({ ...own, columns }, call.signal);
  return { columns, rows };
}

/** Each row as the plan says: the cells of its columns, then one for each relationship, those to other services last. */
export async function withForeignRows(on: TableCall, plan: ReadPlan, own: OwnRows): Promise<readonly Row[]> {
  const { columns, rows } = own;
  if (plan.foreign === undefined) return rows;
  const cells = await foreignCells(on, plan.foreign, own);
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
