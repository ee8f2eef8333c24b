import { parseStored } from "../../lib/json.ts";
import type { Column } from "../catalog.ts";
import type { Runner } from "../connector.ts";
import type { Outcome, ReadPlan, RelatedPlan, Row } from "../plan/plan.ts";
import { withColumns } from "../plan/read.ts";
import { withRelated } from "../plan/related.ts";
import { recordTexts } from "../reply.ts";
import type { TableCall } from "./context.ts";
import { foreignCells, HIDDEN } from "./foreign.ts";

/** The plan of a read with what the request asks of relationships. */
export function planRelatedRead({ query, scope }: TableCall, plan: ReadPlan): ReadPlan {
  return withRelated(plan, query, scope);
}

/** Runs a read: each row has the cells of its columns, then one for each relationship, those to other services last. */
export async function runRead(on: TableCall, plan: ReadPlan, runner: Runner = on.connector): Promise<Outcome> {
  const { foreign = [], ...own } = plan;
  if (foreign.length === 0) return runner.run(own, on.call.signal);
  const width = plan.columns.length;
  const columns = withColumns(
    plan.columns,
    foreign.flatMap(({ fields }) => fields),
  );
  const { rows, count } = await runner.run({ ...own, columns }, on.call.signal);
  const cells = await foreignCells(on, foreign, { columns, rows });
  const full = rows.map((row, index) => [
    ...row.slice(0, width),
    ...row.slice(columns.length),
    ...cells.map((each) => each[index] ?? "null"),
  ]);
  return { rows: full, count };
}

/** The rows of {@link runRead} as JSON texts, with `shown` of their columns, which the plan has first. */
export function relatedTexts(plan: ReadPlan, shown: readonly Column[], rows: readonly Row[]): readonly string[] {
  const { related = [], foreign: all = [] } = plan;
  if (related.length + all.length === 0) return recordTexts(shown, rows);
  const behind = plan.columns.length + related.length;
  const foreign = all.filter((_, at) => rows[0]?.[behind + at] !== HIDDEN);
  const lifted = related.map((each) => liftedNames(each, shown));
  const names = namesOf({ ...plan, foreign }, shown).map((name) => ({ name }));
  const cells = (row: Row) =>
    related.flatMap((_, at) => liftedCells(lifted[at], row[plan.columns.length + at] ?? "null"));
  const far = (row: Row) => row.slice(behind).filter((cell) => cell !== HIDDEN);
  return recordTexts(
    names,
    rows.map((row) => [...row.slice(0, shown.length), ...cells(row), ...far(row)]),
  );
}

/** The names of all that a record of this plan has. */
export function namesOf({ related = [], foreign = [] }: ReadPlan, shown: readonly Column[]): readonly string[] {
  const own = related.flatMap((each) => liftedNames(each, shown)?.map(({ as }) => as) ?? each.name);
  return [...shown.map(({ name }) => name), ...own, ...foreign.map(({ name }) => name)];
}

interface Lifted {
  readonly name: string;
  readonly as: string;
}

/** The fields that stand in the record itself, unless it has one of that name. */
function liftedNames({ flatten, read }: RelatedPlan, shown: readonly Column[]): readonly Lifted[] | undefined {
  if (flatten === undefined) return undefined;
  const all = [...read.columns, ...(read.related ?? [])].map(({ name }) => ({ name, as: `${flatten}${name}` }));
  return all.filter(({ as }) => !shown.some(({ name }) => name === as));
}

function liftedCells(lifted: readonly Lifted[] | undefined, cell: string): readonly string[] {
  if (lifted === undefined) return [cell];
  const record = parseStored(cell) as Readonly<Record<string, unknown>> | null;
  return lifted.map(({ name }) => JSON.stringify(record?.[name] ?? null));
}
