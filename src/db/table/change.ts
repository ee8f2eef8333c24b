import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { BatchFailure, type Runner } from "../connector.ts";
import { demandValid, OnlyCreated } from "../extras/validate.ts";
import { planInsert } from "../plan/insert.ts";
import type { DeletePlan, Predicate, Row, UpdatePlan } from "../plan/plan.ts";
import { type KeyLookup, keyColumns, keysWithin, lookupKeys, planKeys, planWhere, withColumns } from "../plan/read.ts";
import { planDelete, planReturning, planUpdate, type Record_ } from "../plan/write.ts";
import { listText, recordTexts } from "../reply.ts";
import { type BatchItem, type BatchWork, type Done, demandAll, recordFault, runBatch } from "./batch.ts";
import { ifMatching, type Present } from "./conditional.ts";
import { run, type TableCall } from "./context.ts";
import { insertOne } from "./create.ts";
import { keyText, rowsByKey } from "./keys.ts";
import { alone, ItemFailure, runKnown } from "./known.ts";
import { nestedChange } from "./nested/index.ts";
import { isOneOf, keyOfRecord, keysOfBody } from "./own-keys.ts";
import { missingRecord, presentRecord } from "./read.ts";
import { readOneRecord, readRecords } from "./records.ts";

/** A change of rows: what it plans for the rows that a condition names, and the row it makes where upsert is allowed. */
interface Change {
  readonly done: Done;
  plan(where: Predicate | undefined): UpdatePlan | DeletePlan;
  /** Creates the row when there is none with this key. */
  create?(key: KeyLookup, runner: Runner): Promise<string>;
}

/** PUT and PATCH of a collection: one record for the rows of `ids` or `filter`, else each record for the row of its key. */
export async function updateCollection(on: TableCall): Promise<Reply> {
  const { query, scope, call } = on;
  checkAnswer(on);
  refuseUndoing(on);
  const lookup = planKeys(query, scope);
  if (lookup || query.where) {
    const record = readOneRecord(call.body);
    const nested = nestedChange(on, record, () => ({ record, lookup }));
    if (nested) return reply(await runBatch(on, [nested], "updated"));
    const change = updateOf(on, record);
    return reply(lookup ? await changeByKeys(on, change, lookup) : await changeByFilter(on, change));
  }
  const { records, isList } = readRecords(call.body);
  const items = records.map(
    (record): BatchItem =>
      nestedChange(on, record, () => byOwnKey(on, record)) ?? ((runner) => updateByOwnKey(on, record, runner)),
  );
  if (!isList && items[0]) return replyText(await items[0](on.connector));
  return reply(await runBatch(on, items, "updated"));
}

/** DELETE of a collection: the rows of `ids`, of `filter`, of the records in the body, or with `force` all. */
export async function deleteCollection(on: TableCall): Promise<Reply> {
  const { query, scope, connector } = on;
  checkAnswer(on);
  const lookup = planKeys(query, scope);
  if (lookup) return reply(await changeByKeys(on, deletion(on), lookup));
  if (query.where) return reply(await changeByFilter(on, deletion(on)));
  const said = keysOfBody(on);
  if (said?.isList) return reply(await changeByKeys(on, deletion(on), said.lookup));
  if (said) return replyText(await changeOnly(on, deletion(on), said.lookup)(connector));
  refusePages(on);
  if (!query.force) {
    throw new Fault(
      "bad_request",
      "To delete all records of a table say 'force=true'; else name them by 'ids' or 'filter'.",
    );
  }
  await run(on, { kind: "delete", table: on.table, where: scope.rows, returning: [] });
  return { status: 200, content: { value: { success: true } } };
}

/** PUT and PATCH of one record by its id. Raises `not_found` unless upsert is allowed. */
export async function updateRecord(on: TableCall, id: string): Promise<Reply> {
  const record = readOneRecord(on.call.body);
  const lookup = lookupOne(on, id);
  const nested = nestedChange(on, record, () => ({ record, lookup }));
  const work = nested ?? changeOnly(on, updateOf(on, record), lookup);
  return replyText(await ifMatching(on, presentOf(on, id), work));
}

/** DELETE of one record by its id. Raises `not_found`. */
export async function deleteRecord(on: TableCall, id: string): Promise<Reply> {
  const lookup = lookupOne(on, id);
  return replyText(await ifMatching(on, presentOf(on, id), changeOnly(on, deletion(on), lookup)));
}

/** The record of an id in the path. With `id_field` it is another one than the path tells a role of, so the table itself must be allowed. */
function lookupOne(on: TableCall, id: string): KeyLookup {
  if (on.query.idField !== undefined) on.access.demand(["_table", on.table.name], on.call.verb);
  return lookupKeys([id], keyColumns(on.query, on.scope));
}

/** The change of one record. Where the field that names it may name several, these are changed only to be undone. */
function changeOnly(on: TableCall, change: Change, lookup: KeyLookup): (runner: Runner) => Promise<string> {
  const work = (runner: Runner) => changeOne(on, change, lookup, runner);
  const { columns } = lookup;
  const isOne = columns.every(({ isKey }) => isKey) || (columns.length === 1 && columns[0]?.isUnique);
  if (isOne) return work;
  if (on.connector.batch) return (runner) => demandOne(on, lookup, runner).then(() => work(runner));
  return (runner) => (runner.transaction ? runner.transaction(work, on.call.signal) : work(runner));
}

/** Where no transaction stays open: looks beforehand whether the change would meet one record alone. */
async function demandOne({ scope, call }: TableCall, lookup: KeyLookup, runner: Runner): Promise<void> {
  const plan = { kind: "count", table: scope.table, where: keysWithin(lookup, scope) } as const;
  if ((await runner.run(plan, call.signal)).count > 1) throw severalRecords(lookup);
}

function severalRecords({ columns }: KeyLookup): Fault {
  const names = columns.map(({ name }) => `'${name}'`).join(", ");
  return new Fault("bad_request", `Several records have this value of ${names}: name them by 'ids' or 'filter'.`);
}

/** What a condition on a record looks at: the answer to a GET of the same address. */
function presentOf(on: TableCall, id: string): Present {
  return (runner) => {
    on.scope.demandOwnRead();
    const { related, ...query } = on.asked ?? on.query;
    return presentRecord({ ...on, query: { ...query, related: { ...related, isRead: true } } }, id, runner);
  };
}

/** A write takes all the rows that it names: pages of them are not served, and must not be ignored. */
function refusePages({ query, call }: TableCall): void {
  const said = query.limit !== undefined || query.offset > 0 || query.order.length > 0;
  if (said)
    throw new Fault("bad_request", `The parameters 'limit', 'offset' and 'order' can not be used with ${call.verb}.`);
}

/** Whether a record is changed or made shows only while a transaction is open. Raises `not_implemented`. */
function refuseUndoing({ query, allowUpsert, connector }: TableCall): void {
  if (!query.rollback || !allowUpsert || connector.batch === undefined) return;
  throw new Fault("not_implemented", "Where PUT and PATCH create records, 'rollback' is not served by this database.");
}

/** Fields that the request may not ask for are its own failure, not that of each record. */
function checkAnswer({ query, scope }: TableCall): void {
  planReturning(query, scope);
}

function reply(records: readonly string[]): Reply {
  return replyText(listText(records));
}

function replyText(json: string): Reply {
  return { status: 200, content: { json } };
}

function deletion(on: TableCall): Change {
  return { done: "deleted", plan: (where) => planDelete(where, on.query, on.scope) };
}

function updateOf(on: TableCall, record: Record_): Change {
  const { query, scope } = on;
  const change: Change = { done: "updated", plan: (where) => planUpdate(record, where, query, scope) };
  if (!on.allowUpsert) return change;
  return { ...change, create: (key, runner) => createMissing(on, record, key, runner) };
}

/** An upsert makes a record, so that the caller needs the right to POST as well. */
async function createMissing(on: TableCall, record: Record_, key: KeyLookup, runner: Runner): Promise<string> {
  on.access.demand(["_table", on.table.name], "POST");
  const keyed = key.columns.map((column, index) => ({ column, value: key.keys[0]?.[index] ?? null }));
  for (const { column, value } of keyed) demandValid(column, value);
  const plan = planInsert(record, on.query, on.scope, { key: keyed });
  return insertOne(on, plan, runner);
}

/** A record that names its row by the key fields it holds; the rest of it is the change. */
async function updateByOwnKey(on: TableCall, said: Record_, runner: Runner): Promise<string> {
  const { record, lookup } = byOwnKey(on, said);
  return changeOnly(on, updateOf(on, record), lookup)(runner);
}

function byOwnKey(on: TableCall, record: Record_) {
  const columns = keyColumns(on.query, on.scope);
  const lookup = lookupKeys([keyOfRecord(on, record, columns)], columns);
  const rest = Object.entries(record).filter(([name]) => !isOneOf(on, name, columns));
  return { record: Object.fromEntries(rest), lookup };
}

async function changeOne(on: TableCall, change: Change, lookup: KeyLookup, runner: Runner): Promise<string> {
  const [first = "", second] = await changeKey(on, change, lookup, runner);
  if (second !== undefined) throw severalRecords(lookup);
  return first;
}

/** The rows of one key: several where `id_field` is not unique. Raises `not_found`. */
async function changeKey(on: TableCall, change: Change, lookup: KeyLookup, runner: Runner): Promise<readonly string[]> {
  const where = keysWithin(lookup, on.scope);
  const planned = change.create ? await unlessNew(on, change, where, runner) : change.plan(where);
  if (planned === undefined) return change.create ? [await change.create(lookup, runner)] : [];
  const plan = withoutSameKey(planned, lookup);
  const { rows } = await runner.run(plan, on.call.signal);
  if (rows.length > 0) return recordTexts(plan.returning, rows);
  if (change.create) return [await change.create(lookup, runner)];
  throw missingRecord(keyText(lookup.keys[0] ?? []));
}

/** The change; `undefined` for one that only a new record takes, where there is none of this key. */
async function unlessNew(on: TableCall, change: Change, where: Predicate, runner: Runner) {
  try {
    return change.plan(where);
  } catch (error) {
    const mayRead = on.connector.batch === undefined || runner === on.connector;
    if (!(error instanceof OnlyCreated && mayRead)) throw error;
    const { count } = await runner.run({ kind: "count", table: on.table, where }, on.call.signal);
    if (count > 0) throw error;
    return undefined;
  }
}

/** A record that repeats its own key does not change it. */
function withoutSameKey(plan: UpdatePlan | DeletePlan, { columns, keys }: KeyLookup): UpdatePlan | DeletePlan {
  if (plan.kind === "delete") return plan;
  const set = plan.set.filter(
    ({ column, value }) => !columns.includes(column) || value !== keys[0]?.[columns.indexOf(column)],
  );
  return set.length > 0 ? { ...plan, set } : plan;
}

async function changeByFilter(on: TableCall, change: Change): Promise<readonly string[]> {
  refusePages(on);
  const plan = change.plan(planWhere(on.query, on.scope, undefined));
  const { rows } = await run(on, plan);
  return recordTexts(plan.returning, rows);
}

/** Several rows go in one statement; when one of them is missing or fails, it is undone and they go one by one. */
async function changeByKeys(on: TableCall, change: Change, lookup: KeyLookup): Promise<readonly string[]> {
  const items = lookup.keys.map(
    (key): BatchWork =>
      (runner) =>
        changeKey(on, change, { ...lookup, keys: [key] }, runner),
  );
  const together = items.length > 1 ? await tryTogether(on, change, lookup, items) : undefined;
  return together ?? runBatch(on, items, change.done);
}

async function tryTogether(
  on: TableCall,
  change: Change,
  lookup: KeyLookup,
  items: readonly BatchWork[],
): Promise<readonly string[] | undefined> {
  const { connector, call } = on;
  try {
    const isOne = keepsKeys(change.plan(undefined), lookup);
    const { batch } = connector;
    if (batch && !(isOne && isPaired(lookup, on))) return await runKnown(batch, items, call.signal);
    if (!isOne) return undefined;
    if (batch) return await changeTogether(on, change, lookup, alone(batch));
    return await connector.transaction((inside) => changeTogether(on, change, lookup, inside), call.signal);
  } catch (error) {
    recordFault(reasonOf(error), on, false);
    return undefined;
  }
}

/** How a record failed; a batch that touched too few rows has missed one. */
function reasonOf(error: unknown): unknown {
  const isOfRecord = error instanceof ItemFailure || error instanceof BatchFailure;
  return isOfRecord ? (error.cause ?? missingRecord("")) : error;
}

/** Whether each key names one row, which is found again by the digits of its key: then a batch of one statement is whole or not at all. */
function isPaired({ columns }: KeyLookup, { table, scope }: TableCall): boolean {
  const isKey = columns.length === table.key.length && columns.every((column) => column.isKey);
  return isKey && scope.rows === undefined && columns.every(({ family }) => family === "integer");
}

/** Whether the rows can still be told apart by their keys after the change. */
function keepsKeys(plan: UpdatePlan | DeletePlan, { columns }: KeyLookup): boolean {
  return plan.kind === "delete" || !plan.set.some(({ column }) => columns.includes(column));
}

async function changeTogether(
  on: TableCall,
  change: Change,
  lookup: KeyLookup,
  runner: Runner,
): Promise<readonly string[]> {
  const plan = change.plan(keysWithin(lookup, on.scope));
  const wide = { ...plan, returning: withColumns(plan.returning, lookup.columns) };
  const { rows } = await runner.run(wide, on.call.signal);
  const places = lookup.columns.map((column) => wide.returning.indexOf(column));
  const groups = rowsByKey(lookup, rows, (row: Row) => places.map((place) => row[place] ?? "null"));
  // Undone, to be done one by one.
  if (groups === undefined) throw new Fault("bad_request", "The rows can not be told apart by these identifiers.");
  const results = groups.flatMap((group, index): readonly (string | Fault)[] =>
    group.length > 0 ? recordTexts(plan.returning, group) : [missingRecord(keyText(lookup.keys[index] ?? []))],
  );
  return demandAll(results, change.done, true);
}
