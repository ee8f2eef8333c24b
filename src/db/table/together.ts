import { Fault } from "../../contract/fault.ts";
import { BatchFailure, type Runner } from "../connector.ts";
import type { Assignment, InsertPlan, Row } from "../plan/plan.ts";
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
  makePlans: () => Iterable<InsertPlan>,
): Promise<readonly string[] | undefined> {
  try {
    const plans = await merged(makePlans(), on.connector.bulkValues);
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

async function runEach({ call }: TableCall, plans: readonly InsertPlan[], runner: Runner): Promise<readonly string[]> {
  const made: string[] = [];
  for (const [index, plan] of plans.entries()) {
    if (index % YIELD_AFTER_PLANS === YIELD_AFTER_PLANS - 1) await othersTurn();
    const { rows, count } = await runner.run(plan, call.signal);
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
async function merged(plans: Iterable<InsertPlan>, bulkValues: number): Promise<readonly InsertPlan[] | undefined> {
  const runs: { readonly plan: InsertPlan; readonly rows: (readonly Assignment[])[] }[] = [];
  const keys = new Set<string>();
  let count = 0;
  for (const plan of plans) {
    if (++count % YIELD_AFTER_ROWS === 0) await othersTurn();
    const [row = []] = plan.rows;
    if (plan.upsert && keys.size === keys.add(keyText(row, plan)).size) return undefined;
    const run = runs.at(-1);
    const isSame = run !== undefined && assignsSame(run.rows[0] ?? [], row);
    if (isSame && (run.rows.length + 1) * row.length <= bulkValues) run.rows.push(row);
    else runs.push({ plan, rows: [row] });
  }
  return runs.map(({ plan, rows }) => ({ ...plan, rows }));
}

function assignsSame(one: readonly Assignment[], other: readonly Assignment[]): boolean {
  return one.length === other.length && one.every(({ column }, index) => column === other[index]?.column);
}

function keyText(row: readonly Assignment[], { table }: InsertPlan): string {
  return JSON.stringify(table.key.map((column) => row.find((each) => each.column === column)?.value));
}
