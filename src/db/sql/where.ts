import type { Hop, Left, Predicate } from "../plan/plan.ts";
import type { Value } from "../values.ts";
import { afterCondition } from "./after.ts";
import { compared } from "./reference.ts";
import type { Writer } from "./writer.ts";

/** ` WHERE …`, or nothing. `owner` is what qualifies the columns: a quoted alias, or empty for bare names. */
export function whereClause(predicate: Predicate | undefined, owner: string, writer: Writer): string {
  return predicate === undefined ? "" : ` WHERE ${predicateText(predicate, owner, writer)}`;
}

/** ` AND …` behind another condition, or nothing. */
export function andWhere(predicate: Predicate | undefined, owner: string, writer: Writer): string {
  return predicate === undefined ? "" : ` AND (${predicateText(predicate, owner, writer)})`;
}

function predicateText(predicate: Predicate, owner: string, writer: Writer): string {
  switch (predicate.kind) {
    case "and":
    case "or":
      return joined(predicate.terms, predicate.kind, owner, writer);
    case "xor":
      return `(${predicate.terms.map((term) => `(${predicateText(term, owner, writer)})`).join(" <> ")})`;
    case "not":
      return `NOT (${predicateText(predicate.term, owner, writer)})`;
    case "exists":
      return existsText(predicate.hops, predicate.where, owner, writer);
    case "after":
      return predicateText(afterCondition(predicate, writer.dialect), owner, writer);
    case "keys":
      return keysText(predicate, owner, writer);
    default:
      return leafText(predicate, owner, writer);
  }
}

function joined(terms: readonly Predicate[], kind: "and" | "or", owner: string, writer: Writer): string {
  return chain(
    terms.map((term) => predicateText(term, owner, writer)),
    kind === "and" ? " AND " : " OR ",
  );
}

const LONGEST_CHAIN = 50;

/** A chain of terms is a tree as deep as it is long, and SQLite takes no deeper one than 1000: a long chain goes in groups. */
function chain(terms: readonly string[], word: " AND " | " OR "): string {
  if (terms.length <= LONGEST_CHAIN) return `(${terms.join(word)})`;
  const groups: string[] = [];
  for (let at = 0; at < terms.length; at += LONGEST_CHAIN)
    groups.push(chain(terms.slice(at, at + LONGEST_CHAIN), word));
  return chain(groups, word);
}

type Leaf = Extract<Predicate, { left: Left }>;

function leafText(predicate: Leaf, owner: string, writer: Writer): string {
  const { dialect, bind } = writer;
  const { left } = predicate;
  const operand = () => dialect.operand(left, compared(left.column, owner, dialect), bind);
  switch (predicate.kind) {
    case "null":
      return `${operand()} IS NULL`;
    case "match":
      return dialect.match(left, operand(), predicate.how, predicate.text, bind);
    case "compare":
      return dialect.compare(left, operand(), predicate.op, predicate.value, bind);
    case "in":
      return inText(left, predicate.values, operand, writer);
  }
}

/** Nothing is in an empty list. Places inside JSON compare one by one, as each database does it for one value; so does what a list would blur. */
function inText(left: Left, values: readonly Value[], operand: () => string, writer: Writer): string {
  if (values.length === 0) return "1 = 0";
  const { dialect, bind } = writer;
  if (left.path.length > 0 || dialect.vagueInLists.has(left.as))
    return chain(
      values.map((value) => dialect.compare(left, operand(), "=", value, bind)),
      " OR ",
    );
  return `${operand()} IN (${values.map((value) => writer.value(left.column, value)).join(", ")})`;
}

function existsText(hops: readonly Hop[], where: Predicate, owner: string, writer: Writer): string {
  const [hop, ...rest] = hops;
  if (hop === undefined) return predicateText(where, owner, writer);
  const { dialect } = writer;
  const alias = writer.alias();
  const join = hop.fields.map((field, index) => {
    const refField = hop.refFields[index] ?? field;
    return `${alias}.${dialect.quote(refField.nativeName)} = ${qualified(owner, dialect.quote(field.nativeName))}`;
  });
  const own = andWhere(hop.where, alias, writer);
  const inner = existsText(rest, where, alias, writer);
  return `EXISTS (SELECT 1 FROM ${dialect.tableName(hop.table)} ${alias} WHERE ${join.join(" AND ")}${own} AND ${inner})`;
}

function keysText(predicate: Extract<Predicate, { kind: "keys" }>, owner: string, writer: Writer): string {
  const { columns, keys } = predicate;
  const [first] = columns;
  const left = (column: typeof first & {}): Left => ({ column, path: [], as: column.family });
  if (columns.length === 1 && first !== undefined) {
    const values = keys.map((key) => key[0] ?? null);
    const [only] = values;
    if (values.length === 1 && only !== undefined)
      return leafText({ kind: "compare", left: left(first), op: "=", value: only }, owner, writer);
    return leafText({ kind: "in", left: left(first), values }, owner, writer);
  }
  const rows = keys.map((key) =>
    columns
      .map((column, index) =>
        leafText({ kind: "compare", left: left(column), op: "=", value: key[index] ?? null }, owner, writer),
      )
      .join(" AND "),
  );
  return chain(
    rows.map((row) => `(${row})`),
    " OR ",
  );
}

function qualified(owner: string, name: string): string {
  return owner === "" ? name : `${owner}.${name}`;
}
