import type { Column } from "../catalog.ts";
import { after, sortedColumn, sortedValue } from "../plan/cursor.ts";
import type { Outcome, ReadPlan, Row } from "../plan/plan.ts";
import { both, withColumns } from "../plan/read.ts";
import type { Dialect } from "./dialect.ts";
import { Asking } from "./portion.ts";

/** A page holds more rows where those before were small, but not so many that a few large ones among them would fill the memory. */
const MOST_ROWS = 128;

type Run = (page: ReadPlan) => Promise<Outcome>;

/**
 * The rows of a plan in pages, each read by itself: not of one moment. A page begins behind the last row of the one before,
 * or, where the order does not say where that is, at its offset.
 */
export function pages(plan: ReadPlan, run: Run, dialect: Pick<Dialect, "columnRules">): AsyncIterable<readonly Row[]> {
  const sorted = sortedBy(plan, dialect);
  return sorted === undefined ? pagesAtOffsets(plan, run) : pagesBehind(plan, run, sorted);
}

/** The columns that say where a row stands among all others, if they do. */
function sortedBy(plan: ReadPlan, { columnRules }: Pick<Dialect, "columnRules">): readonly Column[] | undefined {
  const { order, table, groups } = plan;
  const hasKey = table.key.length > 0 && table.key.every((column) => order.some((each) => each.column === column));
  if (!hasKey || groups !== undefined || order.some(({ through }) => through !== undefined)) return undefined;
  const sorted = order.flatMap(({ column }) => sortedColumn(column, { columnRules }) ?? []);
  return sorted.length === order.length ? sorted : undefined;
}

async function* pagesAtOffsets(plan: ReadPlan, run: Run): AsyncGenerator<readonly Row[]> {
  const asking = new Asking(MOST_ROWS);
  for (let offset = plan.offset; ; ) {
    const limit = asking.rows;
    const { rows } = await run({ ...plan, limit, offset });
    yield rows;
    if (rows.length < limit) return;
    offset += limit;
    asking.note(rows);
  }
}

async function* pagesBehind(plan: ReadPlan, run: Run, sorted: readonly Column[]): AsyncGenerator<readonly Row[]> {
  const columns = withColumns(plan.columns, sorted);
  const places = sorted.map((column) => columns.indexOf(column));
  const shown = (row: Row): Row => [...row.slice(0, plan.columns.length), ...row.slice(columns.length)];
  const asking = new Asking(MOST_ROWS);
  let page: ReadPlan = { ...plan, columns };
  for (;;) {
    const limit = asking.rows;
    const { rows } = await run({ ...page, limit });
    yield columns.length === plan.columns.length ? rows : rows.map(shown);
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    asking.note(rows);
    const values = sorted.map((column, index) => sortedValue(column, last[places[index] ?? 0] ?? "null"));
    page = { ...page, where: both(after(plan.order, sorted, values), plan.where), offset: 0 };
  }
}
