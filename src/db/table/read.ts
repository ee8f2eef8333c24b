import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Column } from "../catalog.ts";
import { shown } from "../plan/names.ts";
import type { ReadPlan, Row } from "../plan/plan.ts";
import {
  type KeyLookup,
  keyColumns,
  keysWithin,
  lookupKeys,
  pageLimit,
  planCount,
  planFields,
  planKeys,
  planRead,
} from "../plan/read.ts";
import { listText, recordText, recordTexts } from "../reply.ts";
import { describeTable } from "../schema/describe.ts";
import { demandAll } from "./batch.ts";
import { run, type TableCall } from "./context.ts";
import { keyText, rowsByKey } from "./keys.ts";

/** GET of a collection: a page of rows, the rows that `ids` names, or their count. */
export async function readCollection(on: TableCall): Promise<Reply> {
  if (on.query.countOnly) return { status: 200, content: { value: await countRows(on) } };
  const lookup = planKeys(on.query, on.scope);
  const json = lookup ? await readByIds(on, lookup) : await readPage(on);
  return { status: 200, content: { json } };
}

/** GET of one record by its id. Raises `not_found`. */
export async function readRecord(on: TableCall, id: string): Promise<Reply> {
  const { query, scope, table } = on;
  const lookup = lookupKeys([id], keyColumns(query, scope));
  const plan = planRead({ ...query, ids: [id], order: [] }, scope, on.size);
  const { rows } = await run(on, { ...plan, where: keysWithin(lookup, scope), limit: 1 });
  const [row] = rows;
  if (row === undefined) throw missingRecord(id);
  return { status: 200, content: { json: recordText(planFields(query, scope) ?? table.columns, row) } };
}

export function missingRecord(id: string): Fault {
  return new Fault("not_found", `Record with identifier '${shown(id)}' not found.`);
}

async function readPage(on: TableCall): Promise<string> {
  const { query, scope, size } = on;
  const plan = planRead(query, scope, size);
  const { rows } = await run(on, plan);
  const limit = pageLimit(query, size);
  const isCut = rows.length > limit;
  const page = isCut ? rows.slice(0, limit) : rows;
  const meta = {
    count: query.includeCount || (isCut && query.limit === undefined) ? await countRows(on) : undefined,
    limit: query.limit !== undefined && query.limit > limit ? limit : undefined,
    next: isCut ? query.offset + limit : undefined,
    schema: schemaOf(on),
  };
  return listText(recordTexts(plan.columns, page), meta);
}

async function readByIds(on: TableCall, lookup: KeyLookup): Promise<string> {
  const { query, scope, table, size } = on;
  const plan = planRead(query, scope, size);
  const { rows } = await run(on, plan);
  demandRoom(plan, rows.length);
  const places = lookup.columns.map((column) => plan.columns.indexOf(column));
  const groups =
    rowsByKey(lookup, rows, (row) => places.map((place) => row[place] ?? "null")) ??
    (await readEachKey(on, lookup, plan));
  const columns = planFields(query, scope) ?? table.columns;
  const answers = groups.flatMap((group, index) => answersOf(group, columns, keyText(lookup.keys[index] ?? [])));
  const records = demandAll(query.continueOnError ? answers : untilFault(answers), "retrieved", false);
  return listText(records, { count: query.includeCount ? records.length : undefined, schema: schemaOf(on) });
}

/** The rows of each key, one after the other. */
async function readEachKey(on: TableCall, lookup: KeyLookup, plan: ReadPlan): Promise<readonly (readonly Row[])[]> {
  const groups: (readonly Row[])[] = [];
  for (const key of lookup.keys) {
    const where = keysWithin({ ...lookup, keys: [key] }, on.scope);
    groups.push((await run(on, { ...plan, where })).rows);
  }
  return groups;
}

/** Identifiers that are no key may match any number of rows, which can not be given in pages. */
function demandRoom({ limit }: ReadPlan, found: number): void {
  if (limit === undefined || found < limit) return;
  throw new Fault("bad_request", `These identifiers match more than ${limit - 1} records: use a filter.`);
}

function answersOf(rows: readonly Row[], columns: readonly Column[], id: string): readonly (string | Fault)[] {
  return rows.length === 0 ? [missingRecord(id)] : recordTexts(columns, rows);
}

/** As every batch: without `continue` nothing is told of what comes after the first failure. */
function untilFault(answers: readonly (string | Fault)[]): readonly (string | Fault)[] {
  const first = answers.findIndex((answer) => answer instanceof Fault);
  return first < 0 ? answers : answers.slice(0, first + 1);
}

async function countRows(on: TableCall): Promise<number> {
  const { count } = await run(on, planCount(on.query, on.scope));
  return count;
}

function schemaOf(on: TableCall): Json | undefined {
  return on.query.includeSchema ? describeTable(on.table, on.access) : undefined;
}
