import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Runner } from "../connector.ts";
import { shown } from "../plan/names.ts";
import type { ReadPlan, Row } from "../plan/plan.ts";
import { type KeyLookup, keyColumns, keysWithin, lookupKeys, planFields, planKeys, planRead } from "../plan/read.ts";
import { listText } from "../reply.ts";
import { demandAll } from "./batch.ts";
import { entityTag } from "./conditional.ts";
import type { TableCall } from "./context.ts";
import { exportRows } from "./export.ts";
import { keyText, rowsByKey } from "./keys.ts";
import { countRows, readPage, schemaOf } from "./page.ts";
import { planRelatedRead, readOwnRows, runRead, withForeignRows } from "./related-rows.ts";
import { ownTexts, relatedTexts } from "./related-texts.ts";

/** GET of a collection: a page of rows, the rows that `ids` names, or their count. */
export async function readCollection(on: TableCall): Promise<Reply> {
  if (on.query.countOnly) return { status: 200, content: { value: await countRows(on) } };
  const isOfRows = on.query.groups === undefined && on.query.cursor === undefined;
  const lookup = isOfRows ? planKeys(on.query, on.scope) : undefined;
  if (lookup === undefined && on.query.all && on.query.cursor === undefined) return exportRows(on);
  return { status: 200, content: lookup ? { json: await readByIds(on, lookup) } : await readPage(on) };
}

/** GET of one record by its id. Raises `not_found`. */
export async function readRecord(on: TableCall, id: string): Promise<Reply> {
  const plan = planRecord(on, id);
  const shown = planFields(on.query, on.scope) ?? on.table.columns;
  const rows = await readOwnRows(on, plan, on.connector);
  const [own] = ownTexts(plan, shown, rows);
  if (own === undefined) throw missingRecord(id);
  const [json = own] = plan.foreign ? relatedTexts(plan, shown, await withForeignRows(on, plan, rows)) : [];
  return { status: 200, content: { json }, headers: { ETag: entityTag(own, json) } };
}

/** The record as a GET answers it, if there is one, without what other services hold; it stays so until the transaction of the runner ends. */
export async function presentRecord(on: TableCall, id: string, runner: Runner): Promise<string | undefined> {
  const plan = planRecord(on, id);
  const shown = planFields(on.query, on.scope) ?? on.table.columns;
  return ownTexts(plan, shown, await readOwnRows(on, { ...plan, lock: true }, runner))[0];
}

function planRecord(on: TableCall, id: string): ReadPlan {
  const { query, scope, size } = on;
  const where = keysWithin(lookupKeys([id], keyColumns(query, scope)), scope);
  return { ...planRelatedRead(on, planRead({ ...query, ids: [id], order: [] }, scope, size)), where, limit: 1 };
}

export function missingRecord(id: string): Fault {
  return new Fault("not_found", `Record with identifier '${shown(id)}' not found.`);
}

async function readByIds(on: TableCall, lookup: KeyLookup): Promise<string> {
  const { query, scope, table, size } = on;
  const plan = planRelatedRead(on, planRead(query, scope, size));
  const rows = await runRead(on, plan);
  demandRoom(plan, rows.length);
  const places = lookup.columns.map((column) => plan.columns.indexOf(column));
  const groups =
    rowsByKey(lookup, rows, (row) => places.map((place) => row[place] ?? "null")) ??
    (await readEachKey(on, lookup, plan));
  const columns = planFields(query, scope) ?? table.columns;
  const answers = groups.flatMap((group, index): readonly (string | Fault)[] =>
    group.length > 0 ? relatedTexts(plan, columns, group) : [missingRecord(keyText(lookup.keys[index] ?? []))],
  );
  const records = demandAll(query.continueOnError ? answers : untilFault(answers), "retrieved", false);
  return listText(records, { count: query.includeCount ? records.length : undefined, schema: schemaOf(on) });
}

/** The rows of each key, one after the other. */
async function readEachKey(on: TableCall, lookup: KeyLookup, plan: ReadPlan): Promise<readonly (readonly Row[])[]> {
  const groups: (readonly Row[])[] = [];
  for (const key of lookup.keys) {
    const where = keysWithin({ ...lookup, keys: [key] }, on.scope);
    groups.push(await runRead(on, { ...plan, where }));
  }
  return groups;
}

/** Identifiers that are no key may match any number of rows, which can not be given in pages. */
function demandRoom({ limit }: ReadPlan, found: number): void {
  if (limit === undefined || found < limit) return;
  throw new Fault("bad_request", `These identifiers match more than ${limit - 1} records: use a filter.`);
}

/** As every batch: without `continue` nothing is told of what comes after the first failure. */
function untilFault(answers: readonly (string | Fault)[]): readonly (string | Fault)[] {
  const first = answers.findIndex((answer) => answer instanceof Fault);
  return first < 0 ? answers : answers.slice(0, first + 1);
}
