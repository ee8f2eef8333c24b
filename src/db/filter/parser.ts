import { Fault } from "../../contract/fault.ts";
import { readComparison } from "./comparison.ts";
import type { Condition } from "./condition.ts";
import { Cursor } from "./cursor.ts";
import { invalidFilter } from "./invalid.ts";

/** The longest filter, in bytes of UTF-8. */
export const MAX_FILTER_BYTES = 64 * 1024;
/** How deeply groups and NOTs may nest. */
export const MAX_FILTER_DEPTH = 64;
/** How many comparisons one filter may hold. */
export const MAX_FILTER_TERMS = 1000;

interface Reading {
  readonly cursor: Cursor;
  terms: number;
  /** Each XOR and NOR nests all that stands to its left, without a parenthesis that would count. */
  folds: number;
}

type Joint = "or" | "xor" | "nor";
type Joined = readonly [Joint, Condition];

/** Parses a filter as said, or undefined when it is blank. Raises a 400 {@link Fault} naming the place, see {@link invalidFilter}. */
export function parseFilter(text: string): Condition | undefined {
  refuseLong(text);
  if (text.trim() === "") return undefined;
  const cursor = new Cursor(text);
  const condition = readOr({ cursor, terms: 0, folds: 0 }, 0);
  if (cursor.peek().kind !== "end") throw cursor.expected("AND, OR or the end");
  return condition;
}

function refuseLong(text: string): void {
  // A UTF-16 unit makes at most three bytes, so most filters need no counting.
  if (text.length * 3 <= MAX_FILTER_BYTES) return;
  if (text.length <= MAX_FILTER_BYTES && new TextEncoder().encode(text).length <= MAX_FILTER_BYTES) return;
  throw new Fault("bad_request", `Invalid filter: it is longer than ${MAX_FILTER_BYTES} bytes.`);
}

function readOr(reading: Reading, depth: number): Condition {
  const first = readAnd(reading, depth);
  const rest: Joined[] = [];
  for (let joint = takeJoint(reading); joint !== undefined; joint = takeJoint(reading)) {
    rest.push([joint, readAnd(reading, depth)]);
  }
  return foldLeft(first, rest);
}

function takeJoint(reading: Reading): Joint | undefined {
  const { cursor } = reading;
  if (cursor.takeSymbol("||") || cursor.takeWord("OR")) return "or";
  if (cursor.takeWord("XOR")) return countFold(reading, "xor");
  return cursor.takeWord("NOR") ? countFold(reading, "nor") : undefined;
}

function countFold(reading: Reading, joint: Joint): Joint {
  reading.folds++;
  if (reading.folds > MAX_FILTER_DEPTH) {
    throw invalidFilter(`it holds more than ${MAX_FILTER_DEPTH} XORs and NORs`, reading.cursor.at);
  }
  return joint;
}

/** Neighbouring ORs share one node; a node that stood in parentheses stays by itself. */
function foldLeft(first: Condition, rest: readonly Joined[]): Condition {
  let left = first;
  let open: Condition[] | undefined;
  for (const [kind, term] of rest) {
    if (kind === "or" && open !== undefined) {
      open.push(term);
      continue;
    }
    const terms = [left, term];
    open = kind === "or" ? terms : undefined;
    left = { kind, terms };
  }
  return left;
}

function readAnd(reading: Reading, depth: number): Condition {
  const first = readNot(reading, depth);
  const terms = [first];
  while (takeAnd(reading.cursor)) terms.push(readNot(reading, depth));
  return terms.length === 1 ? first : { kind: "and", terms };
}

function takeAnd(cursor: Cursor): boolean {
  return cursor.takeSymbol("&&") || cursor.takeWord("AND");
}

function readNot(reading: Reading, depth: number): Condition {
  const { cursor } = reading;
  if (depth > MAX_FILTER_DEPTH) throw invalidFilter(`groups nest deeper than ${MAX_FILTER_DEPTH} levels`, cursor.at);
  if (cursor.takeSymbol("!") || cursor.takeWord("NOT")) return { kind: "not", term: readNot(reading, depth + 1) };
  if (cursor.takeSymbol("(")) return readGroup(reading, depth + 1);
  return readTerm(reading);
}

function readGroup(reading: Reading, depth: number): Condition {
  const condition = readOr(reading, depth);
  if (!reading.cursor.takeSymbol(")")) throw reading.cursor.expected("')'");
  return condition;
}

function readTerm(reading: Reading): Condition {
  const condition = readComparison(reading.cursor);
  reading.terms++;
  if (reading.terms > MAX_FILTER_TERMS) {
    throw invalidFilter(`it holds more than ${MAX_FILTER_TERMS} comparisons`, reading.cursor.at);
  }
  return condition;
}
