import { Fault } from "../../contract/fault.ts";

const MAX_ECHO = 40;

/**
 * A 400 that names the place in the filter, counted from 0 in UTF-16 units like `Operand.at`.
 *
 * Something missing is placed right after what was read last (`status=` lacks its value at 7),
 * something wrong where it begins.
 */
export function invalidFilter(problem: string, at: number): Fault {
  return new Fault("bad_request", `Invalid filter: ${problem} at ${at}.`);
}

/** A piece of the filter for use in a message, in quotes and cut to 40 characters. */
export function echo(text: string): string {
  if (text.length <= MAX_ECHO) return `'${text}'`;
  return `'${text.slice(0, MAX_ECHO - 1).replace(/[\uD800-\uDBFF]$/, "")}…'`;
}
