import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { DatabaseError, faultOf } from "../errors.ts";
import { planPage } from "../plan/group.ts";
import type { ReadPlan, Row } from "../plan/plan.ts";
import type { Query } from "../query.ts";
import { named, type TableCall } from "./context.ts";
import { planRelatedRead } from "./related-rows.ts";
import { namesOf, relatedTexts } from "./related-texts.ts";

/** GET of a collection with `limit=all`: all rows that the query names, as they are read. */
export async function exportRows(on: TableCall): Promise<Reply> {
  refuseMeta(on.query);
  const { connector, call, query, scope, size } = on;
  if (connector.stream === undefined)
    throw new Fault("bad_request", "An export (limit=all) can not be a part of a batch.");
  const plan: ReadPlan = { ...planRelatedRead(on, planPage(query, scope, size)), limit: undefined };
  if (plan.foreign !== undefined)
    throw new Fault("bad_request", "Rows of another service can not be a part of an export (limit=all).");
  const leaving = new AbortController();
  const signal = AbortSignal.any([call.signal, leaving.signal]);
  const rows = connector.stream(plan, signal)[Symbol.asyncIterator]();
  // What fails at once is told as any other failure.
  const first = await rows.next();
  const records = textsOf(first, rows, plan);
  return {
    status: 200,
    content: { records: endedBy(leaving, translated(records, on)), fields: namesOf(plan, plan.columns) },
  };
}

/** What stands beside the records would have to be known before the last of them. */
const BESIDES = ["includeCount", "includeSchema"] as const satisfies readonly (keyof Query)[];
const NAMES: Readonly<Record<(typeof BESIDES)[number], string>> = {
  includeCount: "include_count",
  includeSchema: "include_schema",
};

function refuseMeta(query: Query): void {
  const found = BESIDES.find((each) => query[each]);
  if (found !== undefined)
    throw new Fault("bad_request", `The parameter '${NAMES[found]}' can not be used with limit=all.`);
}

type Rows = AsyncIterator<readonly Row[]>;

async function* textsOf(
  first: IteratorResult<readonly Row[]>,
  rows: Rows,
  plan: ReadPlan,
): AsyncGenerator<readonly string[]> {
  try {
    for (let each = first; !each.done; each = await rows.next()) yield relatedTexts(plan, plan.columns, each.value);
  } finally {
    await rows.return?.();
  }
}

/** What fails on the way is told as a failure of the call, whoever it reaches. */
async function* translated<T>(items: AsyncIterable<T>, { call, table }: TableCall): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw error instanceof DatabaseError ? faultOf(named(error, table) as DatabaseError, call.service) : error;
  }
}

/** Items whose work is told to stop as soon as they are left, even while the next one is waited for. */
function endedBy<T>(leaving: AbortController, items: AsyncGenerator<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => items.next(),
      return: () => {
        leaving.abort();
        return items.return(undefined);
      },
    }),
  };
}
