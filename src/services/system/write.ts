import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Runner } from "../../db/connector.ts";
import { type BatchItem, type Done, runBatch } from "../../db/table/batch.ts";
import { missingRecord } from "../../db/table/read.ts";
import { readRecords } from "../../db/table/records.ts";
import { parseJson } from "../../lib/json.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
import { beginChange } from "../../store/store.ts";
import { now } from "./clock.ts";
import { readNested, refuseUnknown, writeNested } from "./nested.ts";
import { readRows, showsId } from "./read.ts";
import type { Prepared, Write } from "./resource.ts";
import { type ResourceCall, type ResourceTable, without } from "./table.ts";
import { findTargets, type Target } from "./targets.ts";

/** What a write does inside its transaction; gives what it answers. A Fault stands for a record that is wrong. */
type Work = Fault | ((rows: Rows) => Promise<SystemRow>);

/** POST: creates the records of the body. */
export async function createRows(asked: ResourceCall): Promise<Reply> {
  const { records, isList } = readRecords(asked.table.call.body);
  const works = await prepareAll(records, (said) => prepareCreate(asked, said));
  return { ...(await runAll(asked, works, { done: "created", isList })), status: 201 };
}

/** PUT and PATCH: change the rows that the request names. */
export async function updateRows(asked: ResourceCall, id?: string): Promise<Reply> {
  const { targets, isList } = await findTargets(asked, id);
  const works = await prepareAll(targets, (target) => prepareUpdate(asked, target));
  return runAll(asked, works, { done: "updated", isList });
}

/** DELETE: removes the rows that the request names. */
export async function deleteRows(asked: ResourceCall, id?: string): Promise<Reply> {
  const { targets, isList } = await findTargets(asked, id);
  const works = await prepareAll(targets, (target) => prepareDelete(asked, target));
  return runAll(asked, works, { done: "deleted", isList });
}

async function prepareCreate(asked: ResourceCall, said: SystemRow): Promise<Work> {
  const { on } = asked;
  const { resource } = on;
  const nested = readSaid(asked, said);
  const prepared = await resource.create(said, writeOf(asked));
  const stamps = stampsOf(on, { created_date: now(), created_by_id: callerId(asked), last_modified_date: now() });
  return async (rows) => {
    const id = await rows.insert(resource.table, { ...prepared.row, ...resource.fixed, ...stamps });
    await prepared.follow?.(id, rows, {});
    await writeNested(nested, id, rows);
    return answerOf(id, prepared);
  };
}

/** Prepared from the row as it is now; the transaction looks at it again, as it may have changed meanwhile. */
async function prepareUpdate(asked: ResourceCall, { id, said }: Target): Promise<Work> {
  const { on } = asked;
  const { resource, parts } = on;
  const stored = await storedRow(on, id, parts.store.rows());
  const nested = readSaid(asked, said);
  const prepared = await resource.update(without(said, ["id"]), stored, writeOf(asked));
  const stamps = stampsOf(on, { last_modified_date: now(), last_modified_by_id: callerId(asked) });
  return async (rows) => {
    const before = await storedRow(on, id, rows);
    await rows.update(resource.table, { id }, { ...prepared.row, ...stamps });
    await prepared.follow?.(id, rows, before);
    await writeNested(nested, id, rows);
    await resource.check?.(rows);
    return answerOf(id, prepared);
  };
}

async function prepareDelete({ on }: ResourceCall, { id }: Target): Promise<Work> {
  const { resource } = on;
  return async (rows) => {
    await resource.beforeDelete?.(await storedRow(on, id, rows));
    await rows.delete(resource.table, { id });
    await resource.check?.(rows);
    return { id };
  };
}

/** The nested lists of a record; with `strict` nothing in it may be unknown. */
function readSaid({ on, table }: ResourceCall, said: SystemRow) {
  const { resource } = on;
  const columns = on.table.columns.map(({ name }) => name);
  const known = [...columns, ...(resource.writeOnly ?? []), ...Object.keys(resource.nested)];
  if (table.query.strict) refuseUnknown(said, known);
  return readNested(said, resource, table.query.strict);
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
async function runAll(asked: ResourceCall, works: readonly Work[], { done, isList }: Manner): Promise<Reply> {
  const { store } = asked.on.parts;
  const { connector } = asked.table;
  const items = works.map(
    (work): BatchItem =>
      (runner) =>
        runOne(asked, work, runner),
  );
  const single = isList ? undefined : items[0];
  try {
    const texts = single ? [await single(connector)] : await runBatch(asked.table, items, done);
    const answers = texts.map((text) => parseJson(text) as SystemRow);
    const records = done === "deleted" ? answers : await shownAnswers(asked, answers);
    return { status: 200, content: { value: single ? (records[0] ?? {}) : { resource: records } } };
  } finally {
    await store.showChange();
  }
}

/** One record is written in a transaction of its own, unless `rollback` has put all of them into one. */
async function runOne({ on, table }: ResourceCall, work: Work, runner: Runner): Promise<string> {
  if (work instanceof Fault) throw work;
  const { signal } = table.call;
  const inside = async (each: Runner) => {
    const rows = on.parts.store.rows(each, signal);
    await beginChange(rows);
    return JSON.stringify(await work(rows));
  };
  return runner === table.connector ? table.connector.transaction(inside, signal) : inside(runner);
}

/** The answers with the fields and nested lists that the request asks for. */
async function shownAnswers(asked: ResourceCall, answers: readonly SystemRow[]): Promise<readonly SystemRow[]> {
  const { query, access, call } = asked.table;
  if ((query.fields === undefined && asked.related.length === 0) || answers.length === 0) return answers;
  access.demand(call.path, "GET");
  const rows = await readRows(asked, [...new Set(answers.map(({ id }) => Number(id)))]);
  const hidden = showsId(query) ? [] : ["id"];
  return answers.map((answer) => {
    const row = { ...rows.get(Number(answer.id)), ...without(answer, ["id"]) };
    return without(row, hidden);
  });
}

async function storedRow({ resource }: ResourceTable, id: number, rows: Rows): Promise<SystemRow> {
  const [row] = await rows.read(resource.table, { id, ...resource.fixed });
  if (row === undefined) throw missingRecord(String(id));
  return row;
}

function writeOf({ on, table, flag }: ResourceCall): Write {
  const { principal, signal } = table.call;
  return { parts: on.parts, principal, flag, signal };
}

function answerOf(id: number, prepared: Prepared): SystemRow {
  return { id, ...prepared.shown };
}

function stampsOf(on: ResourceTable, stamps: SystemRow): SystemRow {
  return Object.fromEntries(Object.entries(stamps).filter(([name]) => on.table.columnsByName.has(name)));
}

function callerId({ table }: ResourceCall): number | null {
  const { principal } = table.call;
  return principal.kind === "admin" ? principal.person.id : null;
}
