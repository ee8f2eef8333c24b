import { Fault } from "../../contract/fault.ts";
import type { Routine } from "./catalog.ts";
import { title } from "./match.ts";
import type { CallOutcome } from "./plan.ts";

/** Most rows that a call may give: an answer is made as a whole. */
export const MOST_ROWS = 100_000;
/** Most characters of their values. */
const MOST_TEXT = 64 * 1024 * 1024;

/** Raises `bad_request` for a result that is too large to be answered. */
export function demandBounded(outcome: CallOutcome, routine: Pick<Routine, "kind" | "name">): CallOutcome {
  let rows = 0;
  let text = outcome.scalar?.length ?? 0;
  for (const [, json] of outcome.out) text += json.length;
  for (const set of outcome.sets) {
    rows += set.rows.length;
    for (const row of set.rows) for (const json of row) text += json.length;
  }
  if (rows > MOST_ROWS) throw tooMuch(routine, `${MOST_ROWS} rows`);
  if (text > MOST_TEXT) throw tooMuch(routine, `${MOST_TEXT / 1024 / 1024} MiB`);
  return outcome;
}

function tooMuch(routine: Pick<Routine, "kind" | "name">, most: string): Fault {
  return new Fault("bad_request", `${title(routine)} gives more than the ${most} that a call may answer with.`);
}
