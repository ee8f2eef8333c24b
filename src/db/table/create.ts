import type { Reply } from "../../contract/call.ts";
import type { Runner } from "../connector.ts";
import { planInsert } from "../plan/insert.ts";
import type { Assignment, InsertPlan } from "../plan/plan.ts";
import { planReturning, type Record_ } from "../plan/write.ts";
import { listText, recordText } from "../reply.ts";
import { type BatchItem, runBatch } from "./batch.ts";
import type { TableCall } from "./context.ts";
import { nestedCreation } from "./nested/index.ts";
import { readRecords } from "./records.ts";
import { createTogether, notKept } from "./together.ts";

/** POST of a collection: creates the records of the body. */
export async function createRecords(on: TableCall): Promise<Reply> {
  const { records, isList } = readRecords(on.call.body);
  planReturning(on.query, on.scope);
  if (on.query.upsert) demandChange(on);
  if (isList) return reply(listText(await createList(on, records)));
  return reply(await itemOf(on, records[0] ?? {}).work(on.connector));
}

/** Creates records by the rules of a batch, and gives the JSON texts that answer them. */
export async function createList(on: TableCall, records: readonly Record_[]): Promise<readonly string[]> {
  const items = records.map((record) => itemOf(on, record));
  const isPlain = items.every((item) => !item.isNested);
  const together = isPlain && records.length > 1 ? await createTogether(on, records) : undefined;
  const works = items.map(({ work }) => work);
  return together ?? (await runBatch(on, works, "created"));
}

function itemOf(on: TableCall, record: Record_): { readonly work: BatchItem; readonly isNested: boolean } {
  const nested = nestedCreation(on, record, (own, links) => planOne(on, own, links));
  const work: BatchItem = nested ?? (async (runner) => insertOne(on, planOne(on, record), runner));
  return { work, isNested: nested !== undefined };
}

function reply(json: string): Reply {
  return { status: 200, content: { json } };
}

/** Runs the insert of one row and gives its answer. Raises `bad_request` when the database did not keep the row. */
export async function insertOne({ call }: TableCall, plan: InsertPlan, runner: Runner): Promise<string> {
  const { rows, count } = await runner.run(plan, call.signal);
  if (count === 0) throw notKept();
  return recordText(plan.returning, rows[0] ?? []);
}

/** An upsert may change a record that exists, which takes the right to do that as well. */
export function demandChange({ access, table }: TableCall): void {
  const component = ["_table", table.name];
  if (!access.allows(component, "PUT")) access.demand(component, "PATCH");
}

function planOne(on: TableCall, record: Record_, key: readonly Assignment[] = []): InsertPlan {
  return planInsert(record, on.query, on.scope, { key, upsert: on.query.upsert });
}
