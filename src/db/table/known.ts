import { Fault } from "../../contract/fault.ts";
import { type Batch, BatchFailure, type Runner } from "../connector.ts";
import type { Outcome, Plan, WritePlan } from "../plan/plan.ts";

/** Does the work for one record by one write plan, or fails before that. */
type Item = (runner: Runner) => Promise<string | readonly string[]>;

/** Which item of several kept all of them from being done; the cause says how. */
export class ItemFailure extends Error {
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super(`item ${index} failed`, { cause });
    this.index = index;
  }
}

/**
 * Does items in one batch: each is asked for its plan, the plans are run, and each makes its answer of what came of its
 * own. Raises an ItemFailure when nothing holds because of one of them, and `bad_request` for too many.
 */
export async function runKnown(batch: Batch, items: readonly Item[], signal: AbortSignal): Promise<readonly string[]> {
  if (items.length > MOST_ITEMS)
    throw new Fault("bad_request", `At most ${MOST_ITEMS} records can be written all together or not at all here.`);
  const plans: WritePlan[] = [];
  for (const [index, item] of items.entries()) plans.push(await planOf(item, index));
  const outcomes = await batch(plans, signal).catch((error: unknown) => raiseFor(error, items));
  const answers: (string | readonly string[])[] = [];
  for (const [index, item] of items.entries()) answers.push(await item(answering(outcomes[index] ?? NOTHING)));
  return answers.flat();
}

/** All of them are planned in one go, in which no other request has its turn. */
const MOST_ITEMS = 1_000;

/** Runs each write as a batch of its own. */
export function alone(batch: Batch): Runner {
  return { run: async (plan, signal) => (await batch([demandWrite(plan)], signal))[0] ?? NOTHING };
}

const NOTHING: Outcome = { rows: [], count: 0 };

/** The plan that an item asks to be run first; there it stops. */
async function planOf(item: Item, index: number): Promise<WritePlan> {
  const stop = new Error("asked for its plan");
  let plan: WritePlan | undefined;
  const tell: Runner["run"] = async (asked) => {
    plan = demandWrite(asked);
    throw stop;
  };
  const error = await item({ run: tell }).catch((raised: unknown) => raised);
  if (plan === undefined || error !== stop) throw new ItemFailure(index, error);
  return plan;
}

function demandWrite(plan: Plan): WritePlan {
  if (plan.kind === "read" || plan.kind === "count") throw new Error("A batch of changes reads nothing.");
  return plan;
}

/** An item whose plan touched nothing says itself what that means. */
async function raiseFor(error: unknown, items: readonly Item[]): Promise<never> {
  if (!(error instanceof BatchFailure)) throw error;
  const reason = error.reason ?? (await items[error.index]?.(answering(NOTHING)).catch((raised: unknown) => raised));
  throw new ItemFailure(error.index, reason);
}

function answering(outcome: Outcome): Runner {
  return { run: () => Promise.resolve(outcome) };
}
