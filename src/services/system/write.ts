import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import type { Runner } from "../../db/connector.ts";
import { type BatchItem, type Done, runBatch } from "../../db/table/batch.ts";
import type { TableCall } from "../../db/table/context.ts";
import { missingRecord } from "../../db/table/read.ts";
import { readRecords } from "../../db/table/records.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
import { now } from "./clock.ts";
import { readNested, writeNested } from "./nested.ts";
import { readValue, without } from "./read.ts";
import type { Prepared, Write } from "./resource.ts";
import { type ResourceTable, tableCall, withoutRelated } from "./table.ts";
import { findTargets, type Target } from "./targets.ts";

/** What a write does inside its transaction; gives what it answers. A Fault stands for a record that is wrong. */
type Work = Fault | ((rows: Rows) => Promise<SystemRow>);

/** POST: creates the records of the body. */
export async function createRows(on: ResourceTable, call: Call, access: Access): Promise<Reply> {
  const { records, isList } = readRecords(call.body);
  const works = await prepareAll(records, (said) => prepareCreate(on, call, said));
  return { ...(await runAll(on, call, access, works, { done: "created", isList })), status: 201 };
}

/** PUT and PATCH: change the rows that the request names. */
export async function updateRows(on: ResourceTable, call: Call, access: Access, id?: string): Promise<Reply> {
  const { targets, isList } = await findTargets(on, call, access, id);
  const works = await prepareAll(targets, (target) => prepareUpdate(on, call, target));
  return runAll(on, call, access, works, { done: "updated", isList });
}

/** DELETE: removes the rows that the request names. */
export async function deleteRows(on: ResourceTable, call: Call, access: Access, id?: string): Promise<Reply> {
  const { targets, isList } = await findTargets(on, call, access, id);
  const works = await prepareAll(targets, (target) => prepareDelete(on, call, target));
  return runAll(on, call, access, works, { done: "deleted", isList });
}

async function prepareCreate(on: ResourceTable, call: Call, said: SystemRow): Promise<Work> {
  const { resource } = on;
  const nested = readNested(said, resource);
  const prepared = await resource.create(said, writeOf(on, call));
  const stamps = stampsOf(on, { created_date: now(), created_by_id: callerId(call), last_modified_date: now() });
  return async (rows) => {
    const id = await rows.insert(resource.table, { ...prepared.row, ...resource.fixed, ...stamps });
    await prepared.follow?.(id, rows);
    await writeNested(nested, id, rows);
    return answerOf(id, prepared);
  };
}

async function prepareUpdate(on: ResourceTable, call: Call, target: Target): Promise<Work> {
  const { resource } = on;
  const stored = await storedRow(on, target.id);
  const id = Number(stored.id);
  const nested = readNested(target.said, resource);
  const prepared = await resource.update(without(target.said, "id"), stored, writeOf(on, call));
  const stamps = stampsOf(on, { last_modified_date: now(), last_modified_by_id: callerId(call) });
  return async (rows) => {
    await rows.update(resource.table, { id }, { ...prepared.row, ...stamps });
    await prepared.follow?.(id, rows);
    await writeNested(nested, id, rows);
    return answerOf(id, prepared);
  };
}

async function prepareDelete(on: ResourceTable, call: Call, target: Target): Promise<Work> {
  const { resource } = on;
  const stored = await storedRow(on, target.id);
  const id = Number(stored.id);
  await resource.beforeDelete?.(stored, writeOf(on, call));
  return async (rows) => {
    await rows.delete(resource.table, { id });
    return { id };
  };
}

/** Prepares one record after the other, before any transaction begins; a record that is wrong keeps its place. */
async function prepareAll<T>(records: readonly T[], prepare: (record: T) => Promise<Work>): Promise<readonly Work[]> {
  const works: Work[] = [];
  for (const record of records) works.push(await prepare(record).catch(faultOrThrow));
  return works;
}

function faultOrThrow(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}

interface Manner {
  readonly done: Done;
  readonly isList: boolean;
}

/** Runs the prepared writes; whatever became of them, the settings are read anew. */
async function runAll(
  on: ResourceTable,
  call: Call,
  access: Access,
  works: readonly Work[],
  manner: Manner,
): Promise<Reply> {
  const { store, services } = on.parts;
  const batch = tableCall(on, withoutRelated(call), access);
  const items = works.map(
    (work): BatchItem =>
      (runner) =>
        runOne(on, batch, work, runner),
  );
  const isSingle = !manner.isList && items[0] !== undefined;
  try {
    const texts = isSingle && items[0] ? [await items[0](batch.connector)] : await runBatch(batch, items, manner.done);
    const answers = texts.map((text) => parseJson(text) as SystemRow);
    const records = manner.done === "deleted" ? answers : await shownAnswers(on, call, access, answers);
    return { status: 200, content: { value: isSingle ? (records[0] ?? {}) : { resource: records } } };
  } finally {
    await store.reload();
    services.sweep(store.settings);
  }
}

/** One record is written in a transaction of its own, unless `rollback` has put all of them into one. */
async function runOne(on: ResourceTable, batch: TableCall, work: Work, runner: Runner): Promise<string> {
  if (work instanceof Fault) throw work;
  const { signal } = batch.call;
  const inside = async (each: Runner) => {
    const rows = on.parts.store.rows(each, signal);
    const answer = await work(rows);
    await rows.update("store_state", {}, { version: crypto.randomUUID() });
    return JSON.stringify(answer);
  };
  return runner === batch.connector ? batch.connector.transaction(inside, signal) : inside(runner);
}

/** The answers with the fields and nested lists that the request asks for. */
async function shownAnswers(
  on: ResourceTable,
  call: Call,
  access: Access,
  answers: readonly SystemRow[],
): Promise<readonly SystemRow[]> {
  const params = new Map([...call.params].filter(([name]) => ["fields", "select", "related"].includes(name)));
  if (params.size === 0) return answers;
  access.demand(call.path, "GET");
  const asRead: Call = { ...call, verb: "GET", params, body: undefined };
  return Promise.all(
    answers.map(async (answer) => {
      const row: Json = await readValue(on, asRead, access, String(answer.id));
      return { ...(isJsonObject(row) ? row : {}), ...without(answer, "id") };
    }),
  );
}

async function storedRow(on: ResourceTable, id: string): Promise<SystemRow> {
  const { resource, parts } = on;
  const number = /^\d{1,15}$/.test(id) ? Number(id) : -1;
  const [row] = await parts.store.rows().read(resource.table, { id: number, ...resource.fixed });
  if (row === undefined) throw missingRecord(id);
  return row;
}

function writeOf({ parts }: ResourceTable, call: Call): Write {
  return { parts, rows: parts.store.rows(), principal: call.principal, params: call.params, signal: call.signal };
}

function answerOf(id: number, prepared: Prepared): SystemRow {
  return { id, ...prepared.shown };
}

function stampsOf(on: ResourceTable, stamps: SystemRow): SystemRow {
  return Object.fromEntries(Object.entries(stamps).filter(([name]) => on.table.columnsByName.has(name)));
}

function callerId({ principal }: Call): number | null {
  return principal.kind === "admin" ? principal.person.id : null;
}
