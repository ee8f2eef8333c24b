import type { Call } from "../../../contract/call.ts";
import { Fault } from "../../../contract/fault.ts";

/** So many related records are held at a time for one request: small ones take far more memory than their text. */
const MOST_RELATED = 10_000;

/** How many related records of a request are read and not yet written. */
export interface Budget {
  held: number;
}

const BUDGETS = new WeakMap<Call, Budget>();

/** The budget that all records of a call share. */
export function budgetOf(call: Call): Budget {
  const budget = BUDGETS.get(call) ?? { held: 0 };
  BUDGETS.set(call, budget);
  return budget;
}

/** Takes room for so many records. Raises `payload_too_large`. */
export function takeRoom(budget: Budget, count: number): void {
  budget.held += count;
  if (budget.held <= MOST_RELATED) return;
  throw new Fault("payload_too_large", `The request holds more than ${MOST_RELATED} related records.`);
}
