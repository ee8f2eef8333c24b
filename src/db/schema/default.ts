import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject, isRawNumber } from "../../lib/json.ts";
import { shown } from "../plan/names.ts";
import type { Expression } from "../plan/plan.ts";
import type { Family } from "../types.ts";
import { checkValue, demandRoom, type Value, type ValueRules } from "../values.ts";
import type { Default } from "./change.ts";

const NOW: ReadonlySet<string> = new Set(["NOW()", "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP()"]);
const TODAY: ReadonlySet<string> = new Set(["CURRENT_DATE", "CURRENT_DATE()"]);

/** What the moment is in a column of each family. */
const MOMENTS: Readonly<Partial<Record<Family, Expression>>> = {
  datetime: "now",
  datetimetz: "now",
  date: "today",
  time: "clock",
};

/**
 * Reads the default of a field: a value that fits it, or one of a few expressions. Without rules the type is one of the
 * database's own. Raises `bad_request`.
 */
export function readDefault(field: string, rules: ValueRules | undefined, said: Json): Default {
  const expression = expressionOf(field, rules?.family, said);
  if (expression !== undefined) return { expression };
  const value = checkedValue(field, rules, said);
  if (value !== null) return { value };
  throw new Fault("bad_request", `Field '${shown(field)}': the default is no value.`);
}

function expressionOf(field: string, family: Family | undefined, said: Json): Expression | undefined {
  const isObject = isJsonObject(said) && Object.keys(said).join() === "expression" && family !== "json";
  const text = isObject ? said.expression : said;
  if (typeof text !== "string") return undefined;
  const name = text
    .trim()
    .toUpperCase()
    .replace(/^CURRENT_TIMESTAMP\(\d?\)$/, "CURRENT_TIMESTAMP");
  const moment = family === undefined ? "now" : MOMENTS[family];
  if (NOW.has(name) && moment !== undefined) return moment;
  if (TODAY.has(name) && (family === "date" || family === undefined)) return "today";
  if (!isObject) return undefined;
  throw new Fault(
    "bad_request",
    `Field '${shown(field)}': a default can be the expressions NOW(), CURRENT_TIMESTAMP and CURRENT_DATE only, in a field for such a value.`,
  );
}

function checkedValue(field: string, rules: ValueRules | undefined, said: Json): Value {
  if (rules === undefined) return plainValue(field, said);
  const value = checkValue(field, rules, said);
  demandRoom(field, { length: rules.length ?? null }, value);
  return value;
}

/** Of a type of the database's own it is for the database to say what fits. */
function plainValue(field: string, said: Json): Value {
  if (isRawNumber(said)) return said.rawJSON;
  if (typeof said === "boolean") return said;
  if (typeof said === "string" && said.isWellFormed()) return said;
  if (typeof said === "number") return String(said);
  throw new Fault("bad_request", `Field '${shown(field)}': the default must be a text, a number or a boolean.`);
}
