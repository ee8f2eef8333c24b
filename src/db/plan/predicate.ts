import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isRawNumber, rawNumber } from "../../lib/json.ts";
import type { Column } from "../catalog.ts";
import { MAX_IN_VALUES } from "../filter/comparison.ts";
import type { CompareOp, Condition, Operand, Said } from "../filter/condition.ts";
import { checkValue, type Value, type ValueRules } from "../values.ts";
import { demandColumn, shown } from "./names.ts";
import type { Comparison, Left, Predicate, TextMatch } from "./plan.ts";
import { followPath } from "./relation.ts";
import type { Scope } from "./scope.ts";

export type { Scope } from "./scope.ts";

/** Resolves names to columns and values to what fits them. Raises `bad_request` naming what does not. */
export function resolveCondition(condition: Condition, scope: Scope): Predicate {
  switch (condition.kind) {
    case "and":
    case "or":
      return { kind: condition.kind, terms: condition.terms.map((term) => resolveCondition(term, scope)) };
    case "xor":
    case "nor":
      return resolveExclusive(
        condition.kind,
        condition.terms.map((term) => resolveCondition(term, scope)),
      );
    case "not":
      return { kind: "not", term: resolveCondition(condition.term, scope) };
    default:
      return resolveComparison(condition, scope);
  }
}

function resolveExclusive(kind: "xor" | "nor", terms: readonly Predicate[]): Predicate {
  if (kind === "nor") return { kind: "not", term: { kind: "or", terms } };
  return terms.reduce((left, right) => ({ kind: "xor", terms: [left, right] }));
}

type Leaf = Extract<Condition, { operand: Operand }>;

/** A comparison through relationships holds when a related row exists for which it holds, negation included. */
function resolveComparison(condition: Leaf, scope: Scope): Predicate {
  const { relations } = condition.operand;
  if (relations === undefined) return resolveLeaf(condition, scope);
  const way = followPath(relations, scope);
  const where = resolveLeaf(condition, way.scope);
  return { kind: "exists", hops: way.hops, where };
}

function resolveLeaf(condition: Leaf, scope: Scope): Predicate {
  const { column, path } = resolvePlace(condition.operand, scope);
  const values = new Values(column, path.length > 0, scope);
  return negate(resolvePositive(condition, { column, path, as: column.family }, values), condition.negated);
}

function resolvePositive(condition: Leaf, left: Left, values: Values): Predicate {
  switch (condition.kind) {
    case "null":
      return { kind: "null", left };
    case "in":
      return oneOf(left, values.list(condition.values), values);
    case "between":
      return between(left, values.one(condition.low), values.one(condition.high), values);
    case "compare":
      return compare(left, condition.op, condition.value, values);
  }
}

function resolvePlace(operand: Operand, scope: Scope): Pick<Left, "column" | "path"> {
  const column = demandColumn(scope.catalog, scope.table, operand.field);
  if (operand.path.length > 0 && column.family !== "json") {
    throw new Fault("bad_request", `Field '${column.name}' is not JSON: '->' can not reach into it.`);
  }
  return { column, path: operand.path };
}

/** A place inside JSON meets each value as what that value is: `level in (3, 'high')`. */
function oneOf(left: Left, jsons: readonly Json[], values: Values): Predicate {
  if (left.path.length === 0) return { kind: "in", left, values: jsons.map((json) => values.check(json)) };
  if (jsons.includes(null)) throw notNull(left.column);
  const terms = jsons.map(
    (json): Predicate => ({ kind: "in", left: values.left(left, json), values: [values.check(json)] }),
  );
  return terms.length === 0 ? { kind: "in", left, values: [] } : { kind: "or", terms };
}

function between(left: Left, low: Json, high: Json, values: Values): Predicate {
  const terms: Predicate[] = [
    { kind: "compare", left: values.left(left, low), op: ">=", value: values.check(low) },
    { kind: "compare", left: values.left(left, high), op: "<=", value: values.check(high) },
  ];
  return { kind: "and", terms };
}

const MATCHES: Readonly<Partial<Record<CompareOp, TextMatch>>> = {
  like: "pattern",
  contains: "contains",
  starts_with: "starts_with",
  ends_with: "ends_with",
};

function compare(left: Left, op: CompareOp, said: Said, values: Values): Predicate {
  const how = MATCHES[op];
  if (how !== undefined) return { kind: "match", left, how, text: values.text(said) };
  const json = values.json(said);
  if (json !== null)
    return { kind: "compare", left: values.left(left, json), op: op as Comparison, value: values.check(json) };
  if (op !== "=" && op !== "!=") throw notNull(left.column);
  return negate({ kind: "null", left }, op === "!=");
}

function notNull(column: Column): Fault {
  return new Fault("bad_request", `Field '${column.name}' can not be compared with null here: say IS NULL.`);
}

function tooMany(column: Column): Fault {
  return new Fault("bad_request", `The IN list of field '${column.name}' holds more than ${MAX_IN_VALUES} values.`);
}

function negate(term: Predicate, negated: boolean): Predicate {
  return negated ? { kind: "not", term } : term;
}

/** Turns said values into checked ones for the left side they meet. */
class Values {
  readonly #column: Column;
  readonly #isInside: boolean;
  readonly #scope: Scope;

  constructor(column: Column, isInside: boolean, scope: Scope) {
    this.#column = column;
    this.#isInside = isInside;
    this.#scope = scope;
  }

  json(said: Said): Json {
    switch (said.kind) {
      case "null":
        return null;
      case "boolean":
        return said.value;
      case "number":
        return numberOf(said.text, this.#column);
      case "param":
        return this.#param(said.name);
      case "lookup":
        return this.#lookup(said.name);
      default:
        return said.text;
    }
  }

  check(json: Json): Value {
    return checkValue(this.#column.name, this.#isInside ? insideJson(json) : comparable(this.#column), json);
  }

  /** A place inside JSON is compared as the kind of value that it meets. */
  left(left: Left, json: Json): Left {
    return this.#isInside ? { ...left, as: insideJson(json).family } : left;
  }

  one(said: Said): Json {
    const json = this.json(said);
    if (json === null) throw notNull(this.#column);
    return json;
  }

  /** A param that holds a list stands for its items. */
  list(values: readonly Said[]): readonly Json[] {
    const list: Json[] = [];
    for (const said of values) {
      const json = this.json(said);
      const items = Array.isArray(json) ? (json as readonly Json[]) : [json];
      if (list.length + items.length > MAX_IN_VALUES) throw tooMany(this.#column);
      list.push(...items);
    }
    return list;
  }

  text(said: Said): string {
    const json = this.json(said);
    if (json !== null && typeof json !== "object" && String(json).isWellFormed()) return String(json);
    if (isRawNumber(json)) return json.rawJSON;
    throw new Fault("bad_request", `Field '${this.#column.name}' can only be matched with a text.`);
  }

  #param(name: string): Json {
    const { params } = this.#scope;
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value === undefined)
      throw new Fault("bad_request", `The filter names ':${shown(name)}', which 'params' does not hold.`);
    return value;
  }

  #lookup(name: string): Json {
    const value = this.#scope.lookup(name);
    if (value === undefined) throw new Fault("bad_request", `The filter names an unknown lookup '{${shown(name)}}'.`);
    return value;
  }
}

/** In front of a text column a number is the text that was written: `code = 007`; a boolean is read from its text. */
function numberOf(text: string, column: Column): Json {
  const isPlain = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);
  return column.family === "string" || column.family === "boolean" || !isPlain ? text : rawNumber(text);
}

/** JSON columns compare by their text, and precision and scale need not hold for a value that is only looked for. */
function comparable(column: Column): ValueRules {
  const { length: _length, precision: _precision, scale: _scale, ...rules } = column;
  return column.family === "json" ? { ...rules, family: "string" } : rules;
}

/** What stands inside JSON is compared as the kind of value that the filter gives. */
function insideJson(json: Json): ValueRules {
  const family =
    typeof json === "boolean" ? "boolean" : isRawNumber(json) || typeof json === "number" ? "float" : "string";
  return { family, dbType: "json" };
}
