import { Fault } from "../../contract/fault.ts";
import { parseStored } from "../../lib/json.ts";
import type { Batch, Runner } from "../connector.ts";
import { DatabaseError, type DatabaseErrorKind, faultOf } from "../errors.ts";
import { StaleCatalog } from "../stale.ts";
import { named, type TableCall } from "./context.ts";
import { ItemFailure, runKnown } from "./known.ts";

/** Does the work for one record and gives the JSON text that answers it. Raises a Fault or a DatabaseError. */
export type BatchItem = (runner: Runner) => Promise<string>;

/** Does the work for one key, which may name several rows where it is no primary one. */
export type BatchWork = (runner: Runner) => Promise<string | readonly string[]>;

/** What a batch did, in the words of its error message. */
export type Done = "created" | "updated" | "deleted" | "retrieved";

/** Runs the items one after the other: stops at the first failure, goes on with `continue`, undoes all with `rollback`. */
export async function runBatch(on: TableCall, items: readonly BatchWork[], done: Done): Promise<readonly string[]> {
  const { connector, call, query } = on;
  if (!query.rollback) return runItems(on, connector, items, done);
  if (connector.batch) return runOrUndo(on, connector.batch, items, done);
  return connector.transaction((inside) => runItems(on, inside, items, done), call.signal);
}

/** What was undone is answered as nothing: only a transaction that stays open could tell what it would have been. */
async function runOrUndo(
  on: TableCall,
  batch: Batch,
  items: readonly BatchWork[],
  done: Done,
): Promise<readonly string[]> {
  try {
    return await runKnown(batch, items, on.call.signal);
  } catch (error) {
    if (!(error instanceof ItemFailure)) throw error;
    const undone: readonly string[] = Array(error.index).fill("{}");
    return demandAll([...undone, recordFault(error.cause, on, false)], done, true);
  }
}

async function runItems(
  on: TableCall,
  runner: Runner,
  items: readonly BatchWork[],
  done: Done,
): Promise<readonly string[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    if (index % YIELD_EVERY === YIELD_EVERY - 1) await new Promise((resolve) => setTimeout(resolve));
    const result = await attempt(on, runner, item, results.length > 0 && !isWhole(on));
    results.push(result);
    if (result instanceof Fault && !on.query.continueOnError) break;
  }
  return demandAll(results, done, on.query.rollback);
}

/** Whether all of it is undone when it fails: then whatever another try might not meet ends it, to be tried again. */
function isWhole({ query, isPart = false }: TableCall): boolean {
  return query.rollback || isPart;
}

/** Records that fail before they reach the database would otherwise keep all other requests waiting. */
const YIELD_EVERY = 500;

type Result = string | readonly string[] | Fault;

async function attempt(on: TableCall, runner: Runner, item: BatchWork, hasBegun: boolean): Promise<Result> {
  const { call, connector, query, isPart } = on;
  try {
    // After a failure a transaction goes on from a savepoint only.
    return await (isPart && query.continueOnError ? connector.transaction(item, call.signal) : item(runner));
  } catch (error) {
    return recordFault(error, on, hasBegun);
  }
}

/** The failure of one record. Whatever is not about the record ends the whole request, as does what a newer catalog might mend. */
export function recordFault(error: unknown, on: TableCall, hasBegun: boolean): Fault {
  if (!hasBegun && on.mayBeStale?.(error)) throw new StaleCatalog(error);
  const fault =
    error instanceof DatabaseError ? faultOf(named(error, on.table) as DatabaseError, on.call.service) : error;
  if (fault instanceof Fault && (fault.status < 500 || (hasBegun && isPassing(error)))) return fault;
  throw error;
}

const PASSING: readonly DatabaseErrorKind[] = ["conflict", "deadlock", "timeout", "saturated", "stale_plan"];

/** What another try may not meet again. After rows were written the caller has to be told which, not to try all again. */
function isPassing(error: unknown): boolean {
  return error instanceof DatabaseError && PASSING.includes(error.kind);
}

/** The answers of all records, or the batch error that says what became of each. */
export function demandAll(answers: readonly Result[], done: Done, isUndone: boolean): readonly string[] {
  const results = answers.flat() as readonly (string | Fault)[];
  const failed = results.flatMap((result, index) => (result instanceof Fault ? [index] : []));
  if (failed.length === 0) return results as readonly string[];
  const resource = results.map((result) => (result instanceof Fault ? faultEntry(result) : parseStored(result)));
  const suffix = isUndone ? " All changes rolled back." : "";
  const message = `Batch Error: Not all requested records could be ${done}.${suffix}`;
  throw new Fault("batch", message, { context: { error: failed, resource } });
}

/** A failed record in the context of its batch. */
export function faultEntry(fault: Fault) {
  return { code: fault.wireCode, message: fault.message, status_code: fault.status };
}
