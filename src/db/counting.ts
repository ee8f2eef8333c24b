import { Fault } from "../contract/fault.ts";
import type { Options } from "./options.ts";

/** How rows are counted: exactly, or about, as far as the database can tell without looking at them. */
export interface Counting {
  readonly includeCount: boolean;
  readonly countOnly: boolean;
  readonly estimated: boolean;
}

/** Reads `count`, `include_count` and `count_only`. Raises `bad_request`. */
export function readCounting(options: Options): Counting {
  const estimatesCount = words(options.text("include_count")) === "estimated";
  return {
    includeCount: estimatesCount || options.flag("include_count"),
    countOnly: options.flag("count_only"),
    estimated: estimatesCount || isEstimated(words(options.text("count"))),
  };
}

function isEstimated(said: string): boolean {
  if (said === "estimated") return true;
  if (said === "" || said === "exact") return false;
  throw new Fault("bad_request", "The parameter 'count' must be 'exact' or 'estimated'.");
}

function words(text = ""): string {
  return text.trim().toLowerCase();
}
