import type { CompareOp, Condition, Operand, Said } from "../../../src/db/filter/condition.ts";
import { Cursor } from "../../../src/db/filter/cursor.ts";
import { isBareKey, isBareName } from "../../../src/db/filter/operand.ts";
import { type Place, readValue } from "../../../src/db/filter/value.ts";

const JOINTS = { and: " AND ", or: " OR ", xor: " XOR ", nor: " NOR " };
const WORDS: Partial<Record<CompareOp, string>> = {
  like: "LIKE",
  contains: "CONTAINS",
  starts_with: "STARTS WITH",
  ends_with: "ENDS WITH",
};

type Group = Extract<Condition, { readonly terms: unknown }>;

/** Writes a condition as a filter that `parseFilter` reads back as the same condition, `at` offsets aside. */
export function printFilter(condition: Condition): string {
  switch (condition.kind) {
    case "and":
    case "or":
    case "xor":
    case "nor":
      return condition.terms.map((term, index) => printTerm(condition, term, index)).join(JOINTS[condition.kind]);
    case "not":
      return `NOT ${isGroup(condition.term) ? inParentheses(condition.term) : printFilter(condition.term)}`;
    default:
      return printComparison(condition);
  }
}

function printTerm(parent: Group, term: Condition, index: number): string {
  return isGroup(term) && !binds(parent, term, index) ? inParentheses(term) : printFilter(term);
}

/** Whether a group is read back as a term of its own even without parentheses. */
function binds(parent: Group, term: Group, index: number): boolean {
  if (parent.kind === "and") return false;
  if (term.kind === "and") return true;
  return index === 0 && !(parent.kind === "or" && term.kind === "or");
}

function isGroup(condition: Condition): condition is Group {
  return "terms" in condition;
}

function inParentheses(condition: Condition): string {
  return `(${printFilter(condition)})`;
}

function printComparison(condition: Exclude<Condition, Group | { readonly kind: "not" }>): string {
  const field = printOperand(condition.operand);
  const not = condition.negated ? "NOT " : "";
  switch (condition.kind) {
    case "compare":
      return `${field} ${not}${WORDS[condition.op] ?? condition.op} ${printValue(condition.value, "plain")}`;
    case "in":
      return `${field} ${not}IN ${printList(condition.values)}`;
    case "between":
      return `${field} ${not}BETWEEN ${printList([condition.low, condition.high])}`;
    case "null":
      return `${field} IS ${not}NULL`;
  }
}

function printOperand({ relations = [], field, path }: Operand): string {
  const name = [...relations, field].map(printName).join(".");
  return [name, ...path.map(printKey)].join("->");
}

function printName(name: string): string {
  return isBareName(name) ? name : `\`${name.replaceAll("`", "``")}\``;
}

function printKey(key: string | number): string {
  return typeof key === "number" || isBareKey(key) ? String(key) : quote(key);
}

function printList(values: readonly Said[]): string {
  return `(${values.map((value) => printValue(value, "list")).join(", ")})`;
}

function printValue(value: Said, place: Place): string {
  switch (value.kind) {
    case "text":
      return quote(value.text);
    case "word":
      return readsBack(value.text, place) ? value.text : quote(value.text);
    case "number":
      return value.text;
    case "boolean":
      return String(value.value);
    case "null":
      return "null";
    case "param":
      return `:${value.name}`;
    case "lookup":
      return `{${value.name}}`;
  }
}

/** A word that no filter could have held is written as text, so that it never turns into syntax. */
function readsBack(word: string, place: Place): boolean {
  try {
    const said = readValue(new Cursor(word), place);
    return said.kind === "word" && said.text === word;
  } catch {
    return false;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
