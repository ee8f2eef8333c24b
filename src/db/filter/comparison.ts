import type { CompareOp, Condition, Operand, Said } from "./condition.ts";
import type { Cursor } from "./cursor.ts";
import { invalidFilter } from "./invalid.ts";
import { readOperand } from "./operand.ts";
import { keyword, type Token } from "./tokenizer.ts";
import { readValue } from "./value.ts";

/** How many values one IN list may hold. */
export const MAX_IN_VALUES = 1000;

type Operator = CompareOp | "in" | "between" | "is";

interface Subject {
  readonly operand: Operand;
  readonly negated: boolean;
}

const SYMBOLS: ReadonlyMap<string, Operator> = new Map([
  ["=", "="],
  ["==", "="],
  ["!=", "!="],
  ["<>", "!="],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
]);

const WORDS: ReadonlyMap<string, Operator> = new Map([
  ["EQ", "="],
  ["NE", "!="],
  ["LT", "<"],
  ["LTE", "<="],
  ["GT", ">"],
  ["GTE", ">="],
  ["LIKE", "like"],
  ["CONTAINS", "contains"],
  ["STARTS", "starts_with"],
  ["ENDS", "ends_with"],
  ["IN", "in"],
  ["BETWEEN", "between"],
  ["IS", "is"],
]);

/** Reads one comparison: a field, an operator that may have NOT on its left, and what the field is compared with. */
export function readComparison(cursor: Cursor): Condition {
  const operand = readOperand(cursor);
  refuseCall(cursor);
  const subject = { operand, negated: cursor.takeWord("NOT") };
  const operator = readOperator(cursor);
  if (operator === "in") return { kind: "in", ...subject, values: readList(cursor) };
  if (operator === "between") return readBetween(cursor, subject);
  if (operator === "is") return readIsNull(cursor, subject);
  return compare(subject, operator, readValue(cursor, "plain"));
}

function refuseCall(cursor: Cursor): void {
  const { kind, text, at } = cursor.peek();
  if (kind === "symbol" && text === "(") throw invalidFilter("a filter can not call a function", at);
}

function readOperator(cursor: Cursor): Operator {
  const operator = operatorOf(cursor.peek());
  if (operator === undefined) throw cursor.expected("an operator");
  cursor.take();
  if (operator === "starts_with" || operator === "ends_with") need(cursor.takeWord("WITH"), cursor, "WITH");
  return operator;
}

function operatorOf(token: Token): Operator | undefined {
  if (token.kind === "symbol") return SYMBOLS.get(token.text);
  return token.kind === "word" ? WORDS.get(keyword(token.text)) : undefined;
}

/** SQL's `= null` is never true, so those who write it mean IS NULL. */
function compare(subject: Subject, op: CompareOp, value: Said): Condition {
  const equality = op === "=" || op === "!=";
  if (value.kind !== "null" || !equality) return { kind: "compare", ...subject, op, value };
  return isNull(subject, op === "!=");
}

function readIsNull(cursor: Cursor, subject: Subject): Condition {
  const negated = cursor.takeWord("NOT");
  need(cursor.takeWord("NULL"), cursor, "NULL");
  return isNull(subject, negated);
}

function isNull({ operand, negated }: Subject, not: boolean): Condition {
  return { kind: "null", operand, negated: negated !== not };
}

function readBetween(cursor: Cursor, subject: Subject): Condition {
  // Not a token yet: an unquoted low value may stand here.
  const listed = cursor.text.charAt(cursor.nextAt) === "(" && cursor.takeSymbol("(");
  const place = listed ? "list" : "plain";
  const low = readValue(cursor, place);
  need(listed ? cursor.takeSymbol(",") : cursor.takeWord("AND"), cursor, listed ? "','" : "AND");
  const high = readValue(cursor, place);
  if (listed) need(cursor.takeSymbol(")"), cursor, "')'");
  return { kind: "between", ...subject, low, high };
}

function readList(cursor: Cursor): Said[] {
  need(cursor.takeSymbol("("), cursor, "'('");
  const values = [readFirst(cursor)];
  while (cursor.takeSymbol(",")) {
    if (values.length === MAX_IN_VALUES) {
      throw invalidFilter(`an IN list holds more than ${MAX_IN_VALUES} values`, cursor.at);
    }
    values.push(readValue(cursor, "list"));
  }
  need(cursor.takeSymbol(")"), cursor, "',' or ')'");
  return values;
}

function readFirst(cursor: Cursor): Said {
  const at = cursor.nextAt;
  const first = readValue(cursor, "list");
  if (first.kind === "word" && /^select\s/i.test(first.text))
    throw invalidFilter("a filter can not hold a subquery", at);
  return first;
}

function need(found: boolean, cursor: Cursor, what: string): void {
  if (!found) throw cursor.expected(what);
}
