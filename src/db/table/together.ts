import { Fault } from "../../contract/fault.ts";
import type { Column } from "../catalog.ts";
import { BatchFailure, type Runner } from "../connector.ts";
import { type NewRow, NewRows } from "../plan/insert.ts";
import type { InsertPlan, Row } from "../plan/plan.ts";
import type { Record_ } from "../plan/write.ts";
import { recordTexts } from "../reply.ts";
import { recordFault } from "./batch.ts";
import type { TableCall } from "./context.ts";

/**
 * Creates records by as few statements as it takes: neighbours that assign the same fields go in one. All of them hold, or
 * none; gives the JSON texts that answer them. `undefined` when that is not possible, or when a record fails: then they
 * have to go one by one, to say which.
 */
export async function createTogether(
  on: TableCall,
  records: readonly Record_[],
): Promise<readonly string[] | undefined> {
  try {
    const plans = await planTogether(on, records);
    return plans && (await runAll(on, plans));
  } catch (error) {
    recordFault(error instanceof BatchFailure ? (error.reason ?? notKept()) : error, on, false);
    return undefined;
  }
}

/** A trigger or rule of the database may drop a row without an error. */
export function notKept(): Fault {
  return new Fault("bad_request", "The database did not keep the record.");
}

/** Where a batch is one request, it can hold no more statements. */
const MOST_IN_BATCH = 1_000;

async function runAll(on: TableCall, plans: readonly InsertPlan[]): Promise<readonly string[] | undefined> {
  const { connector, call } = on;
  if (connector.batch === undefined) return connector.transaction((inside) => runEach(on, plans, inside), call.signal);
  if (plans.length > MOST_IN_BATCH) return undefined;
  const outcomes = await connector.batch(plans, call.signal);
  return plans.flatMap((plan, index) => answersOf(plan, outcomes[index]?.rows ?? []));
}

async function runEach(
  { call, meanwhile }: TableCall,
  plans: readonly InsertPlan[],
  runner: Runner,
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const [index, plan] of plans.entries()) {
    if (index % YIELD_AFTER_PLANS === YIELD_AFTER_PLANS - 1) await othersTurn();
    const running = runner.run(plan, call.signal);
    meanwhile?.();
    const { rows, count } = await running;
    if (count < plan.rows.length) throw notKept();
    for (const text of answersOf(plan, rows)) made.push(text);
  }
  return made;
}

function answersOf({ returning, rows: given }: InsertPlan, rows: readonly Row[]): readonly string[] {
  return recordTexts(returning, returning.length > 0 ? rows : given.map(() => []));
}

/** So much is done before all other requests have their turn. */
const YIELD_AFTER_PLANS = 20;
const YIELD_AFTER_ROWS = 1_000;

function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Neighbours of the same fields in one plan, as far as it may grow. `undefined` when one statement would upsert a row twice. */
async function planTogether(on: TableCall, records: readonly Record_[]): Promise<readonly InsertPlan[] | undefined> {
  const planner = new NewRows(on.query, on.scope, { upsert: on.query.upsert });
  const runs: NewRow[][] = [];
  const keys = new Set<string>();
  for (const [index, record] of records.entries()) {
    if (index % YIELD_AFTER_ROWS === YIELD_AFTER_ROWS - 1) await othersTurn();
    const row = planner.row(record);
    if (on.query.upsert && keys.size === keys.add(keyText(row, on)).size) return undefined;
    const run = runs.at(-1);
    if (run !== undefined && isRoom(run, row, on.connector)) run.push(row);
    else runs.push([row]);
  }
  return runs.map((run) => planner.plan(run));
}

function isRoom(run: readonly NewRow[], { columns }: NewRow, { bulkValues }: TableCall["connector"]): boolean {
  const [first] = run;
  return first !== undefined && setsSame(first.columns, columns) && (run.length + 1) * columns.length <= bulkValues;
}

function setsSame(one: readonly Column[], other: readonly Column[]): boolean {
  return one === other || (one.length === other.length && one.every((column, at) => column === other[at]));
}

function keyText({ columns, values }: NewRow, { table }: TableCall): string {
  return JSON.stringify(table.key.map((column) => values[columns.indexOf(column)]));
}
