import type { Catalog, Table } from "./catalog.ts";
import type { TableDefinition } from "./definition.ts";
import type { DatabaseError } from "./errors.ts";
import type { CountPlan, Outcome, Plan, ReadPlan, Row, WritePlan } from "./plan/plan.ts";
import type { RoutineFacts } from "./routine/facts.ts";
import type { CallOutcome, CallPlan } from "./routine/plan.ts";
import type { DefinedType, SchemaChange } from "./schema/change.ts";
import type { SimpleType } from "./types.ts";

/** A database that runs plans. Raises a DatabaseError for whatever the database says. */
export interface Connector {
  /** Most values that one statement may carry. */
  readonly maxValues: number;
  /** How many values an insert of many rows should carry at most. */
  readonly bulkValues: number;
  introspect(signal: AbortSignal): Promise<Catalog>;
  /** The procedures and functions that the account may call. A database without any has neither this nor `call`. */
  routines?(signal: AbortSignal): Promise<readonly RoutineFacts[]>;
  /** Calls a routine, once: what failed may have been done in part where the database lets routines commit by themselves. */
  call?(plan: CallPlan, signal: AbortSignal): Promise<CallOutcome>;
  run(plan: Plan, signal: AbortSignal): Promise<Outcome>;
  /** Runs reads of one moment in one request, where that takes less time than one after the other. */
  readAll?(plans: readonly ReadPlan[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /**
   * Runs `work` on one connection: all of it holds, or none of it when `work` raises. Work that lost a deadlock is run
   * again, so that it must do nothing but run plans.
   */
  transaction<T>(work: (inside: Runner) => Promise<T>, signal: AbortSignal): Promise<T>;
  /**
   * Runs plans that were made beforehand in one transaction; each has to touch a row, an insert all of its rows, and one
   * that names rows by their keys as many as it names. Raises a BatchFailure when nothing holds because of one of them.
   * Only a database that can hold no transaction open has this: its `transaction` raises `not_implemented`.
   */
  readonly batch?: Batch;
  /** Rows as they are read, some at a time, of one moment where the database can. Ends its work when it is left early. */
  stream?(plan: ReadPlan, signal: AbortSignal): AsyncIterable<readonly Row[]>;
  /** Takes from a cache what it keeps of a table. */
  forget?(table: Table): Promise<void>;
  /** About how many rows there are, without counting them. */
  estimate?(plan: CountPlan, signal: AbortSignal): Promise<number>;
  /** Changes the schema, where the database can. */
  readonly alter?: Alter;
  /** Creates a table unless there is one of that name. */
  create(table: TableDefinition, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * The part of a connector that also exists inside a transaction. There `transaction` is a savepoint: what its work has done
 * is undone when it raises, and all before it stays.
 */
export type Runner = Pick<Connector, "run" | "readAll"> & Partial<Pick<Connector, "transaction">>;

/** How a connector changes the schema of its database. */
export interface Alter {
  /** The simple type that one reads back as. */
  storedAs(type: DefinedType): SimpleType;
  /** Whether a text names a type of the database itself. */
  isType(native: string): boolean;
  /**
   * Makes the changes in their order: all of them, or none where the database can undo what it has done. Raises
   * `bad_request` for what the database can not have, before anything is done, and a ChangeFailure for what it refuses.
   */
  run(changes: readonly SchemaChange[], signal: AbortSignal): Promise<void>;
}

export type Batch = (plans: readonly WritePlan[], signal: AbortSignal) => Promise<readonly Outcome[]>;

/** Which plan of a batch made it fail. Without a reason it touched fewer rows than it must. */
export class BatchFailure extends Error {
  readonly index: number;
  readonly reason: DatabaseError | undefined;

  constructor(index: number, reason: DatabaseError | undefined) {
    super(`plan ${index} of a batch failed`, { cause: reason });
    this.index = index;
    this.reason = reason;
  }
}
