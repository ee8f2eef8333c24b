import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { begun, through } from "../../lib/iterate.ts";
import { DatabaseError, faultOf } from "../errors.ts";
import { planPage } from "../plan/group.ts";
import type { ReadPlan } from "../plan/plan.ts";
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
  const rows = await begun(connector.stream(plan, AbortSignal.any([call.signal, leaving.signal])));
  const records = through(rows, {
    item: (some) => relatedTexts(plan, plan.columns, some),
    failure: (error) => translated(error, on),
    left: () => leaving.abort(),
  });
  return { status: 200, content: { records, fields: namesOf(plan, plan.columns) } };
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

/** What fails on the way is told as a failure of the call, whoever it reaches. */
function translated(error: unknown, { call, table }: TableCall): unknown {
  return error instanceof DatabaseError ? faultOf(named(error, table) as DatabaseError, call.service) : error;
}
