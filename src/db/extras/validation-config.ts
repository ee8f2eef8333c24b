import type { Json, JsonObject, MutableJsonObject } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { parsePattern } from "../../lib/pattern.ts";
import { type Place, type Reader, refused } from "./said.ts";

const LONGEST_CHOICE = 1_000;
const MOST_CHOICES = 1_000;

/** Reads `picklist`: a list of values, or a text with commas between them. */
export const readPicklist: Reader = (value, place, property) => {
  const list = typeof value === "string" ? value.split(",").map((each) => each.trim()) : value;
  if (!Array.isArray(list) || list.length > MOST_CHOICES || !list.every(isChoice))
    throw refused(place, property, `must be a list of at most ${MOST_CHOICES} texts or numbers`);
  const choices = list.map(plain).filter((each) => each !== "");
  return choices.length === 0 ? null : choices;
};

function isChoice(value: Json): boolean {
  const isScalar = typeof value === "string" || typeof value === "number" || JSON.isRawJSON(value);
  return isScalar && plain(value).length <= LONGEST_CHOICE;
}

function plain(value: Json): string {
  return JSON.isRawJSON(value) ? (value as { rawJSON: string }).rawJSON : String(value);
}

/** What a setting of a validation must be; the answer is how a message says it, or `undefined` when it is right. */
type Check = (value: Json) => string | undefined;

const text: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "a text");
const number: Check = (value) => (typeof value === "number" || JSON.isRawJSON(value) ? undefined : "a number");
const whole: Check = (value) =>
  number(value) === undefined && /^-?\d+$/.test(plain(value)) ? undefined : "a whole number";
const count: Check = (value) => (whole(value) || Number(value) < 0 ? "a whole number of at least 0" : undefined);

const range =
  (each: Check): Check =>
  (value) =>
    isJsonObject(value) &&
    Object.entries(value).every(([name, end]) => /^m(in|ax)$/.test(name) && (end === null || each(end) === undefined))
      ? undefined
      : "an object with 'min' and 'max'";

const some =
  (...choices: readonly string[]): Check =>
  (value) => {
    const list = (Array.isArray(value) ? value : [value]) as readonly Json[];
    return list.every((each) => choices.includes(String(each).toLowerCase())) ? undefined : choices.join(" or ");
  };

const pattern: Check = (value) => {
  if (typeof value !== "string" || value === "") return "a regular expression";
  return parsePattern(value).why;
};

/** Every validation with its settings besides `on_fail`. */
const VALIDATIONS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  api_read_only: {},
  create_only: {},
  not_null: {},
  not_empty: {},
  not_zero: {},
  email: {},
  url: { sections: some("path", "query") },
  int: { range: range(whole), formats: some("hex", "octal") },
  float: { range: range(number), decimal: some(".", ",") },
  boolean: {},
  match: { regexp: pattern },
  picklist: {},
  multi_picklist: { delimiter: text, min: count, max: count },
};

/** Reads `validation`: an object of validations, each `true` or an object of its settings. */
export const readValidation: Reader = (value, place, property) => {
  if (!isJsonObject(value)) throw refused(place, property, "must be an object of validations");
  const kept: MutableJsonObject = {};
  for (const [name, settings] of Object.entries(value)) {
    if (settings === null || settings === false) continue;
    kept[name] = readOne(name, settings, { place, property });
  }
  return Object.keys(kept).length === 0 ? null : kept;
};

interface Where {
  readonly place: Place;
  readonly property: string;
}

function readOne(name: string, said: Json, { place, property }: Where): JsonObject {
  const checks = Object.hasOwn(VALIDATIONS, name) ? VALIDATIONS[name] : undefined;
  if (checks === undefined) throw refused(place, property, `names an unknown validation '${name.slice(0, 64)}'`);
  const settings = isJsonObject(said) ? said : {};
  if (said !== true && !isJsonObject(said) && !isEmptyList(said))
    throw refused(place, property, `must say '${name}' by true or an object`);
  const known: Readonly<Record<string, Check>> = { ...checks, on_fail: text };
  const kept = Object.entries(settings).filter(([, value]) => value !== null && value !== "");
  for (const [setting, value] of kept) {
    const why = Object.hasOwn(known, setting) ? known[setting]?.(value) : `none: '${name}' has no such setting`;
    if (why !== undefined) throw refused(place, property, `must have as '${name}.${setting.slice(0, 64)}' ${why}`);
  }
  if (name === "match" && settings.regexp === undefined)
    throw refused(place, property, "must have as 'match.regexp' a regular expression");
  return Object.fromEntries(kept);
}

/** PHP writes an empty object as an empty list. */
function isEmptyList(value: Json): boolean {
  return Array.isArray(value) && value.length === 0;
}
