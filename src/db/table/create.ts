import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { type Column, findColumn } from "../catalog.ts";
import type { Runner } from "../connector.ts";
import type { InsertPlan } from "../plan/plan.ts";
import { planInsert, planReturning, type Record_ } from "../plan/write.ts";
import { listText, recordText, recordTexts } from "../reply.ts";
import { recordFault, runBatch } from "./batch.ts";
import { run, type TableCall } from "./context.ts";
import { readRecords } from "./records.ts";

/** POST of a collection: creates the records of the body. */
export async function createRecords(on: TableCall): Promise<Reply> {
  const { records, isList } = readRecords(on.call.body);
  const columns = planReturning(on.query, on.scope);
  if (!isList) return reply(await createOne(on, on.connector, columns)(records[0] ?? {}));
  const items = records.map((record) => (runner: Runner) => createOne(on, runner, columns)(record));
  const made = (await createTogether(on, records, columns)) ?? (await runBatch(on, items, "created"));
  return reply(listText(made));
}

function reply(json: string): Reply {
  return { status: 200, content: { json } };
}

function createOne(on: TableCall, runner: Runner, columns: readonly Column[]) {
  return async (record: Record_): Promise<string> => {
    const { rows } = await runner.run(planOne(on, record), on.call.signal);
    return recordText(columns, rows[0] ?? []);
  };
}

function planOne(on: TableCall, record: Record_): InsertPlan {
  if (on.query.upsert) demandKey(on, record);
  return planInsert(record, on.query, on.scope, on.query.upsert);
}

function demandKey(on: TableCall, record: Record_): void {
  const names = new Set(Object.keys(record).map((name) => findColumn(on.catalog, on.table, name)));
  const missing = on.table.key.find((column) => !names.has(column));
  if (on.table.key.length === 0)
    throw new Fault("bad_request", `Table '${on.table.name}' has no primary key to upsert by.`);
  if (missing) throw new Fault("bad_request", `An upsert needs the key field '${missing.name}' in each record.`);
}

/**
 * Several records that assign the same fields go in one statement, which holds whole or not at all. `undefined` when that
 * is not possible, or when a record fails: then they have to go one by one, to say which.
 */
async function createTogether(
  on: TableCall,
  records: readonly Record_[],
  columns: readonly Column[],
): Promise<readonly string[] | undefined> {
  if (records.length < 2) return undefined;
  try {
    const plan = mergePlans(
      records.map((record) => planOne(on, record)),
      on.connector.maxValues,
    );
    if (plan === undefined) return undefined;
    const { rows } = await run(on, plan);
    return rows.length === records.length ? recordTexts(columns, rows) : undefined;
  } catch (error) {
    recordFault(error, on, false);
    return undefined;
  }
}

function mergePlans(plans: readonly InsertPlan[], maxValues: number): InsertPlan | undefined {
  const [first] = plans;
  const width = first?.rows[0]?.length ?? 0;
  if (first === undefined || plans.length * width > maxValues) return undefined;
  const shape = shapeOf(first);
  if (plans.some((plan) => shapeOf(plan) !== shape)) return undefined;
  return { ...first, rows: plans.flatMap((plan) => plan.rows) };
}

function shapeOf(plan: InsertPlan): string {
  return JSON.stringify(plan.rows[0]?.map((each) => each.column.name));
}
