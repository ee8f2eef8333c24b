import type { Connector } from "../connector.ts";
import type { RoutineFacts } from "../routine/facts.ts";
import type { CallOutcome, CallPlan } from "../routine/plan.ts";
import type { Dialect } from "./dialect.ts";
import type { Driver, Execute, Inside } from "./driver.ts";

/** How an SQL database finds and calls routines. */
export interface SqlRoutines {
  read(execute: Execute): Promise<readonly RoutineFacts[]>;
  /** Calls on one connection, in a transaction unless the call goes alone. */
  call(plan: CallPlan, execute: Execute, dialect: Dialect): Promise<CallOutcome>;
  /** Whether a call runs outside of any transaction, so that the routine may commit by itself. */
  isAlone?(plan: CallPlan): boolean;
}

/** The part of a connector that is about routines. A call that failed is never made a second time. */
export function routinesOf(
  routines: SqlRoutines,
  driver: Driver,
  dialect: Dialect,
): Required<Pick<Connector, "routines" | "call">> {
  return {
    routines: (signal) => routines.read((statement) => driver.execute(statement, signal)),
    call(plan, signal) {
      const { isReadOnly } = plan;
      const isAlone = routines.isAlone?.(plan) ?? false;
      const work = (inside: Inside) => routines.call(plan, (each) => inside.execute(each, signal), dialect);
      if (driver.call) return driver.call(work, { isAlone, isReadOnly }, signal);
      return isAlone ? work(driver) : driver.transaction(work, signal, isReadOnly);
    },
  };
}
