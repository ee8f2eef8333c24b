import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { type Column, findColumn } from "../catalog.ts";
import { BatchFailure, type Runner } from "../connector.ts";
import type { InsertPlan, Row } from "../plan/plan.ts";
import { planInsert, planReturning, type Record_ } from "../plan/write.ts";
import { listText, recordText, recordTexts } from "../reply.ts";
import { recordFault, runBatch } from "./batch.ts";
import type { TableCall } from "./context.ts";
import { readRecords } from "./records.ts";

/** POST of a collection: creates the records of the body. */
export async function createRecords(on: TableCall): Promise<Reply> {
  const { records, isList } = readRecords(on.call.body);
  const columns = planReturning(on.query, on.scope);
  if (on.query.upsert) demandChange(on);
  if (!isList) return reply(await insertOne(on, planOne(on, records[0] ?? {}), on.connector));
  const items = records.map((record) => async (runner: Runner) => insertOne(on, planOne(on, record), runner));
  const made = (await createTogether(on, records, columns)) ?? (await runBatch(on, items, "created"));
  return reply(listText(made));
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
function demandChange({ access, table }: TableCall): void {
  const component = ["_table", table.name];
  if (!access.allows(component, "PUT")) access.demand(component, "PATCH");
}

function planOne(on: TableCall, record: Record_): InsertPlan {
  if (on.query.upsert) demandKey(on, record);
  return planInsert(record, on.query, on.scope, { upsert: on.query.upsert });
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
    const plans = mergePlans(
      records.map((record) => planOne(on, record)),
      on.connector.maxValues,
    );
    if (plans === undefined) return undefined;
    const { connector, call } = on;
    if (connector.batch) {
      const outcomes = await connector.batch(plans, call.signal);
      return plans.flatMap((plan, index) => answersOf(plan, columns, outcomes[index]?.rows ?? []));
    }
    return await connector.transaction((inside) => runTogether(on, plans, columns, inside), call.signal);
  } catch (error) {
    recordFault(error instanceof BatchFailure ? (error.reason ?? notKept()) : error, on, false);
    return undefined;
  }
}

/** What one statement can not bind goes in several. All rows hold, or none when the database did not keep each of them. */
async function runTogether(
  { call }: TableCall,
  plans: readonly InsertPlan[],
  columns: readonly Column[],
  runner: Runner,
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const plan of plans) {
    const { rows, count } = await runner.run(plan, call.signal);
    if (count < plan.rows.length) throw notKept();
    made.push(...answersOf(plan, columns, rows));
  }
  return made;
}

function answersOf(plan: InsertPlan, columns: readonly Column[], rows: readonly Row[]): readonly string[] {
  return recordTexts(columns, columns.length > 0 ? rows : plan.rows.map(() => []));
}

/** A trigger or rule of the database may drop a row without an error. */
function notKept(): Fault {
  return new Fault("bad_request", "The database did not keep the record.");
}

function mergePlans(plans: readonly InsertPlan[], maxValues: number): readonly InsertPlan[] | undefined {
  const [first] = plans;
  const width = first?.rows[0]?.length ?? 0;
  if (first === undefined || width === 0) return undefined;
  const shape = shapeOf(first);
  if (plans.some((plan) => shapeOf(plan) !== shape) || (first.upsert && !haveOwnKeys(plans))) return undefined;
  const rows = plans.flatMap((plan) => plan.rows);
  const most = Math.max(Math.floor(maxValues / width), 1);
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, index) => ({
    ...first,
    rows: rows.slice(index * most, (index + 1) * most),
  }));
}

/** One statement can not upsert a row twice. */
function haveOwnKeys(plans: readonly InsertPlan[]): boolean {
  const keys = plans.map(({ rows, table }) =>
    JSON.stringify(table.key.map((column) => rows[0]?.find((each) => each.column === column)?.value)),
  );
  return new Set(keys).size === keys.length;
}

function shapeOf(plan: InsertPlan): string {
  return JSON.stringify(plan.rows[0]?.map((each) => each.column.name));
}
