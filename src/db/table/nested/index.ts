import { Fault, type FaultCode } from "../../../contract/fault.ts";
import type { Runner } from "../../connector.ts";
import type { KeyLookup } from "../../plan/read.ts";
import { planReturning, type Record_ } from "../../plan/write.ts";
import { recordText } from "../../reply.ts";
import type { BatchItem } from "../batch.ts";
import type { TableCall } from "../context.ts";
import { budgetOf } from "./budget.ts";
import type { NestedRecord } from "./plan.ts";
import { readOutermost } from "./read.ts";
import { type PlanInsert, planChangedRow, planCreatedRow } from "./rows.ts";
import { writeNested } from "./run.ts";
import { isNested } from "./said.ts";

/** Creates a record with those that it holds; `undefined` when it holds none. */
export function nestedCreation(on: TableCall, record: Record_, plan: PlanInsert): BatchItem | undefined {
  return isNested(on, record) ? nestedItem(on, () => readOutermost(on, record, planCreatedRow(plan))) : undefined;
}

/** A record, and the rows that it changes. */
export interface Target {
  readonly record: Record_;
  /** `undefined`: those of a filter. */
  readonly lookup: KeyLookup | undefined;
}

/** Changes one row with the records that a record for it holds; `undefined` when it holds none. */
export function nestedChange(on: TableCall, record: Record_, find: () => Target): BatchItem | undefined {
  if (!isNested(on, record)) return undefined;
  return nestedItem(on, () => {
    const { record: own, lookup } = find();
    if (lookup?.keys.length !== 1) throw notOfMany();
    return readOutermost(on, own, planChangedRow(lookup));
  });
}

function notOfMany(): Fault {
  return new Fault(
    "bad_request",
    "Related records can be written with one record only, not with all of 'ids' or 'filter'.",
  );
}

/**
 * Reads the record at once, so that what the caller may not do is refused before anything is written. What is wrong with
 * the record itself is its own failure, at its turn.
 */
function nestedItem(on: TableCall, readIt: () => NestedRecord): BatchItem {
  demandTransaction(on);
  const budget = budgetOf(on.call);
  const before = budget.held;
  const read = readOrFault(readIt);
  const size = budget.held - before;
  return async (runner) => {
    budget.held -= size;
    if (read instanceof Fault) throw read;
    const written = await whole(runner, on, (inside) => writeNested(read, new Map(), { on, runner: inside }));
    return recordText(planReturning(on.query, on.scope), written.cells);
  };
}

function demandTransaction({ connector }: TableCall): void {
  if (connector.batch === undefined) return;
  throw new Fault(
    "not_implemented",
    "Related records are written in one transaction, which this database can not hold open: write them one by one.",
  );
}

/** What is not about one record. */
const OF_REQUEST: ReadonlySet<FaultCode> = new Set(["forbidden", "payload_too_large"]);

function readOrFault(work: () => NestedRecord): NestedRecord | Fault {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault && !OF_REQUEST.has(error.code) && error.status < 500) return error;
    throw error;
  }
}

/** All of the work, or nothing of it. */
function whole<T>(runner: Runner, { call }: TableCall, work: (inside: Runner) => Promise<T>): Promise<T> {
  return runner.transaction ? runner.transaction(work, call.signal) : work(runner);
}
