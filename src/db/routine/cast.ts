import type { CastType } from "./request.ts";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;

type Cast = (json: string) => string;

const CASTS: readonly (readonly [types: readonly CastType[], cast: Cast])[] = [
  [
    ["integer", "tinyint", "smallint", "mediumint", "bigint", "id", "bigid", "smallid", "mediumid", "reference"],
    (json) => numberIn(json, INTEGER),
  ],
  [["decimal", "double", "float", "money"], (json) => numberIn(json, NUMBER)],
  [["boolean"], asBoolean],
  [["string", "text", "mediumtext", "longtext"], (json) => (json.startsWith('"') ? json : JSON.stringify(json))],
  [["json", "jsonb", "array", "object"], asTree],
];

/** A JSON text as one of another type. What the type can not hold stays as it is: the call has been made by now. */
export function castJson(json: string, type: CastType): string {
  if (json === "null") return json;
  const cast = CASTS.find(([types]) => types.includes(type))?.[1];
  return cast === undefined ? json : cast(json);
}

function textOf(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

const BOOLEANS: Readonly<Record<string, string>> = { true: "1", false: "0" };

function numberIn(json: string, pattern: RegExp): string {
  const text = textOf(json).trim();
  const digits = BOOLEANS[text] ?? text;
  return pattern.test(digits) ? digits : json;
}

const TRUE = /^(?:true|t|yes|on|1)$/i;
const FALSE = /^(?:false|f|no|off|0)$/i;

function asBoolean(json: string): string {
  const text = textOf(json).trim();
  if (TRUE.test(text)) return "true";
  return FALSE.test(text) ? "false" : json;
}

function asTree(json: string): string {
  if (!json.startsWith('"')) return json;
  const text = textOf(json);
  try {
    JSON.parse(text);
  } catch {
    return json;
  }
  return text.replace(/[\r\n]+/g, " ");
}
