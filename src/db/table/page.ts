import type { JsonText } from "../../contract/call.ts";
import type { Json } from "../../contract/json.ts";
import type { Column } from "../catalog.ts";
import { continued, planCursorRead } from "../plan/cursor.ts";
import { planGroupCount, planPage } from "../plan/group.ts";
import type { CountPlan, ReadPlan, Row } from "../plan/plan.ts";
import { pageLimit, planCount } from "../plan/read.ts";
import { listText } from "../reply.ts";
import { describeTable } from "../schema/describe.ts";
import { run, type TableCall } from "./context.ts";
import { cursorBehind, demandSeal, openCursor } from "./cursor.ts";
import { planRelatedRead, runRead } from "./related-rows.ts";
import { namesOf, relatedTexts } from "./related-texts.ts";

/** A page as it is read. */
interface Page {
  readonly plan: ReadPlan;
  /** What is shown of its columns. */
  readonly columns: readonly Column[];
  /** One more than the page holds, when there are more. */
  readonly rows: readonly Row[];
  /** How the page behind this one is asked for, its last row given. */
  next(last: Row): Promise<Readonly<Record<string, Json>>>;
}

/** A page of rows, or of groups of them, with what stands beside it. Without rows it says which fields they would have. */
export async function readPage(on: TableCall): Promise<JsonText> {
  const { query, size } = on;
  const page = await (query.cursor === undefined ? pageAt(on) : pageBehind(on, query.cursor));
  const limit = pageLimit(query, size);
  const isCut = page.rows.length > limit;
  const rows = isCut ? page.rows.slice(0, limit) : page.rows;
  const last = rows.at(-1);
  const meta = {
    ...(query.includeCount || (isCut && query.limit === undefined) ? await countMeta(on, isCut ? [] : rows) : {}),
    limit: query.limit !== undefined && query.limit > limit ? limit : undefined,
    ...(isCut && last && (await page.next(last))),
    schema: schemaOf(on),
  };
  const json = listText(relatedTexts(page.plan, page.columns, rows), meta);
  return last ? { json } : { json, fields: namesOf(page.plan, page.columns) };
}

/** How many rows a query names, or groups of them, before limit and offset. */
export async function countRows(on: TableCall): Promise<number> {
  return (await counted(on)).count;
}

/** The description of the table, when it is asked for. */
export function schemaOf(on: TableCall): Json | undefined {
  return on.query.includeSchema ? describeTable(on.table, on.access) : undefined;
}

/** The page at an offset. */
async function pageAt(on: TableCall): Promise<Page> {
  const { query, scope, size } = on;
  const plan = planRelatedRead(on, planPage(query, scope, size));
  const rows = await runRead(on, plan);
  return { plan, columns: plan.columns, rows, next: async () => ({ next: query.offset + pageLimit(query, size) }) };
}

/** The page behind the row that a cursor says. */
async function pageBehind(on: TableCall, cursor: string): Promise<Page> {
  const read = planCursorRead(on.query, on.scope, on.size);
  demandSeal(on);
  const plan = planRelatedRead(on, cursor === "" ? read.plan : continued(read, await openCursor(on, read, cursor)));
  const rows = await runRead(on, plan);
  return {
    plan,
    columns: plan.columns.slice(0, read.shown),
    rows,
    next: async (last) => ({ next_cursor: await cursorBehind(on, read, last) }),
  };
}

/** Behind `lastRows`, the rows of a page that no other follows, nothing is left to guess at. */
async function countMeta(on: TableCall, lastRows: readonly Row[]): Promise<Readonly<Record<string, Json>>> {
  const { estimated, cursor, offset } = on.query;
  if (estimated && cursor === undefined && lastRows.length > 0) return { count: offset + lastRows.length };
  const { count, isEstimated } = await counted(on);
  return isEstimated ? { count, count_estimated: true } : { count };
}

interface Counted {
  readonly count: number;
  readonly isEstimated: boolean;
}

/** Where the database guesses at nothing, an estimate is the count itself. */
async function counted(on: TableCall): Promise<Counted> {
  const { connector, call, query } = on;
  const plan = planCounted(on);
  if (query.estimated && connector.estimate)
    return { count: await connector.estimate(plan, call.signal), isEstimated: true };
  return { count: (await run(on, plan)).count, isEstimated: false };
}

function planCounted({ query, scope }: TableCall): CountPlan {
  const { groups } = query;
  return groups ? planGroupCount({ ...query, groups }, scope) : planCount(query, scope);
}
