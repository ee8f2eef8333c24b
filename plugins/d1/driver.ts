import { Fault } from "../../src/contract/fault.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Cell, Driver, Result, Statement } from "../../src/db/sql/driver.ts";
import { bindable, givesRows } from "./bind.ts";
import type { D1Binding, D1Cell, D1Result, D1Statement } from "./binding.ts";
import { asDatabaseError } from "./errors.ts";

/** A D1 database. Reads are tried again by D1 itself; a write whose end is not known is never run twice. */
export interface D1Driver extends Driver {
  /** Runs statements in one transaction: all hold, or none when one of them fails. */
  batch(statements: readonly Statement[], signal: AbortSignal): Promise<readonly D1Result[]>;
}

export interface D1Options {
  /** The database as it is bound now. Raises a Fault when there is none. */
  readonly binding: () => D1Binding;
  readonly statementTimeoutMs: number;
}

export function d1Driver({ binding, statementTimeoutMs }: D1Options): D1Driver {
  const prepare = (statement: Statement): D1Statement => {
    const { text, values } = bindable(statement);
    return binding()
      .prepare(text)
      .bind(...values);
  };
  const ask = <T>(work: () => Promise<T>, signal: AbortSignal) => inTime(work, signal, statementTimeoutMs);
  return {
    execute: (statement, signal) => ask(() => execute(prepare(statement), givesRows(statement.text)), signal),
    batch: (statements, signal) => ask(() => binding().batch(statements.map(prepare)), signal),
    transaction: () => Promise.reject(new Fault("not_implemented", "D1 has no transactions of several requests.")),
    close: async () => {},
  };
}

async function execute(statement: D1Statement, hasRows: boolean): Promise<Result> {
  if (!hasRows) return { rows: [], affected: (await statement.run()).meta.changes };
  const rows = await statement.raw();
  return { rows: rows.map((row) => row.map(cellOf)), affected: rows.length };
}

/** Bytes come as a list of numbers. */
export function cellOf(cell: D1Cell | undefined): Cell {
  if (typeof cell !== "object" || cell === null) return cell ?? null;
  return cell instanceof ArrayBuffer ? new Uint8Array(cell) : Uint8Array.from(cell);
}

/** D1 can not be told to stop: a statement that takes too long is only waited for no longer. */
async function inTime<T>(work: () => Promise<T>, signal: AbortSignal, limitMs: number): Promise<T> {
  if (signal.aborted) throw new DatabaseError("timeout");
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new DatabaseError("timeout"));
  const timer = setTimeout(stop, limitMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } catch (error) {
    throw error instanceof Fault ? error : asDatabaseError(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
