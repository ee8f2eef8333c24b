import type { Json } from "../../../src/contract/json.ts";
import { plainDecimal } from "../../../src/lib/decimal.ts";
import { isJsonObject, isRawNumber, parseJson } from "../../../src/lib/json.ts";

/** The last field of the object that an answer is: the text of a number, which shows its digits; else the value. */
export function valueIn(answer: string, name: string): Json {
  const start = answer.indexOf(`"${name}":`);
  return start < 0 ? answer : readAs(name, answer.slice(start + name.length + 3, -1));
}

/** A JSON text to be compared: what a column of JSON holds by its values, all else by its digits and characters. */
export function readAs(name: string, text: string): Json {
  if (name.endsWith("_json")) return spelled(parseJson(text));
  return /^["[{]/.test(text) ? parseJson(text) : text;
}

/** A value of a random row and what was read of it, in one spelling. */
export function comparable(name: string, value: Json | undefined): unknown {
  if (name === "c_json") return spelled(value ?? null);
  // PostgreSQL leaves the last zeros of a fraction out, MariaDB fills them up.
  if (name.endsWith("time") && typeof value === "string") return value.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  if (name === "c_float") return Math.fround(Number(isRawNumber(value) ? value.rawJSON : value));
  if (isRawNumber(value)) return name === "c_decimal" || name === "c_big" ? value.rawJSON : Number(value.rawJSON);
  return name === "c_big" || name === "c_decimal" ? String(value) : value;
}

/** Numbers as their digits: a database may write 1e-7 as 0.0000001. */
function spelled(value: Json): Json {
  if (isRawNumber(value)) return `#${plainDecimal(value.rawJSON)}`;
  if (typeof value === "number") return `#${plainDecimal(String(value))}`;
  if (Array.isArray(value)) return value.map(spelled);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, spelled(each)]));
}
