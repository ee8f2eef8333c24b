import type { Catalog } from "./catalog.ts";
import type { TableDefinition } from "./definition.ts";
import type { Outcome, Plan } from "./plan/plan.ts";

/** A database that runs plans. Raises a DatabaseError for whatever the database says. */
export interface Connector {
  /** Most values that one insert may carry. */
  readonly maxValues: number;
  introspect(signal: AbortSignal): Promise<Catalog>;
  run(plan: Plan, signal: AbortSignal): Promise<Outcome>;
  /**
   * Runs `work` on one connection: all of it holds, or none of it when `work` raises. Work that lost a deadlock is run
   * again, so that it must do nothing but run plans.
   */
  transaction<T>(work: (inside: Runner) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Creates a table unless there is one of that name. */
  create(table: TableDefinition, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The part of a connector that also exists inside a transaction. */
export type Runner = Pick<Connector, "run">;
