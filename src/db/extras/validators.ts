import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject, isRawNumber, rawNumber } from "../../lib/json.ts";
import { Lru } from "../../lib/lru.ts";
import { type Pattern, parsePattern } from "../../lib/pattern.ts";
import { type Effort, TooMuchEffort } from "../../lib/regex-automaton.ts";
import type { Column } from "../catalog.ts";

/** What a validator looks at. */
export interface Subject {
  readonly value: Json;
  readonly settings: JsonObject;
  readonly column: Column;
  readonly write: "insert" | "update";
  readonly effort?: Effort | undefined;
}

/** Why a value is not valid, as the end of a sentence about its field; or what it is written as. Nothing = it is valid. */
export type Validated = { readonly why: string } | { readonly value: Json } | undefined;
type Validator = (subject: Subject) => Validated;

/** Every validation by its name; an empty value is judged by `not_null` and `not_empty` alone. */
export const VALIDATORS: Readonly<Record<string, Validator>> = {
  api_read_only: () => ({ why: "is read only" }),
  create_only: ({ write }) => (write === "update" ? { why: "can only be set when a record is created" } : undefined),
  not_null: ({ value }) => (value === null ? { why: "can not be NULL" } : undefined),
  not_empty: ({ value }) => (isEmpty(value) ? { why: "can not be empty" } : undefined),
  not_zero: filled(({ value }) => (isZero(value) ? { why: "can not be zero" } : undefined)),
  email: filled(({ value }) => (isEmail(value) ? undefined : { why: "must be a valid e-mail address" })),
  url: filled(({ value, settings }) => (isUrl(value, settings) ? undefined : { why: "must be a valid URL" })),
  int: filled(checkInt),
  float: filled(checkFloat),
  boolean: filled(({ value }) =>
    BOOLEANS.has(plain(value).toLowerCase()) ? undefined : { why: "must be true or false" },
  ),
  match: filled(checkMatch),
  picklist: filled(({ value, column }) =>
    choicesOf(column).includes(plain(value)) ? undefined : { why: `must be one of ${listed(choicesOf(column))}` },
  ),
  multi_picklist: filled(checkChoices),
};

function filled(validator: Validator): Validator {
  return (subject) => {
    const { value, column } = subject;
    if (value === null || value === "") return undefined;
    const expression = column.family === "json" ? undefined : expressionOf(value);
    if (expression === undefined) return validator(subject);
    return expression === "" ? undefined : { why: "takes no expression: its values are checked" };
  };
}

/** An empty one stands for a value that is not known yet; nothing is written by it. */
function expressionOf(value: Json): Json | undefined {
  return isJsonObject(value) && Object.keys(value).join() === "expression" ? value.expression : undefined;
}

/** Scalars as text; what is none fits no validation of texts. */
function plain(value: Json): string {
  if (isRawNumber(value)) return value.rawJSON;
  return typeof value === "object" ? "\0" : String(value);
}

function isEmpty(value: Json): boolean {
  if (value === "") return true;
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

function isZero(value: Json): boolean {
  return value === false || /^\s*[-+]?(?:0+\.?0*|\.0+)(?:e[-+]?\d+)?\s*$/i.test(plain(value));
}

const EMAIL =
  /^[\w.!#$%&'*+/=?^`{|}~\u0080-\uffff-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}]{2,63}$/u;

function isEmail(value: Json): boolean {
  const text = plain(value);
  return text.length <= 320 && EMAIL.test(text) && !/^\.|\.\.|\.@/.test(text);
}

/** Schemes whose addresses run what they hold, or hold it. */
const UNSAFE = /^(?:javascript|vbscript|data):/i;

function isUrl(value: Json, { sections }: JsonObject): boolean {
  const text = plain(value);
  const parts = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+(\/[^\s?#]*)?(\?[^\s#]+)?(?:#\S*)?$/i.exec(text);
  if (text.length > LONGEST_TEXT || parts === null || UNSAFE.test(text) || !URL.canParse(text)) return false;
  const demanded = Array.isArray(sections) ? sections.map(String) : sections === undefined ? [] : [String(sections)];
  const has: Readonly<Record<string, boolean>> = { path: parts[1] !== undefined, query: parts[2] !== undefined };
  return demanded.every((section) => has[section.toLowerCase()] === true);
}

/** Hexadecimal and octal digits are written as the number that they are, unless the field holds texts. */
function checkInt({ value, settings, column }: Subject): Validated {
  const formats = Array.isArray(settings.formats) ? settings.formats.map(String) : [String(settings.formats ?? "")];
  const text = plain(value).trim();
  const number = typeof value === "boolean" ? undefined : integerOf(text, formats);
  if (number === undefined) return { why: "must be a whole number" };
  const { min, max } = rangeOf(settings);
  const isOut = (min !== undefined && number < BigInt(min)) || (max !== undefined && number > BigInt(max));
  if (isOut) return { why: `must be ${within(min, max)}` };
  return /^0[xo\d]/i.test(text) && isNumeric(column) ? { value: rawNumber(String(number)) } : undefined;
}

function isNumeric({ family }: Column): boolean {
  return family === "integer" || family === "decimal" || family === "float";
}

function integerOf(text: string, formats: readonly string[]): bigint | undefined {
  if (text.length > MOST_DIGITS) return undefined;
  if (formats.includes("hex") && /^0x[0-9a-f]+$/i.test(text)) return BigInt(text);
  if (formats.includes("octal") && /^0o?[0-7]+$/i.test(text)) return BigInt(`0o${text.replace(/^0o?/i, "")}`);
  const whole = /^[-+]?\d+(?:\.0*)?$/.test(text) ? text.replace(/\..*$/, "").replace(/^\+/, "") : undefined;
  return whole === undefined ? undefined : BigInt(whole);
}

const MOST_DIGITS = 1_000;

function rangeOf({ range }: JsonObject): { readonly min?: string; readonly max?: string } {
  const { min, max } = range !== undefined && isJsonObject(range) ? range : {};
  const isSaid = (end: Json | undefined) => end !== undefined && end !== null;
  return { ...(isSaid(min) && { min: plain(min ?? null) }), ...(isSaid(max) && { max: plain(max ?? null) }) };
}

function within(min: string | undefined, max: string | undefined): string {
  if (max === undefined) return `at least ${min}`;
  return min === undefined ? `at most ${max}` : `between ${min} and ${max}`;
}

/** A decimal comma is written as a point, unless the field holds texts. */
function checkFloat({ value, settings, column }: Subject): Validated {
  const mark = settings.decimal === "," ? "," : ".";
  const text = plain(value).trim();
  const digits = typeof value === "string" && mark === "," ? text.replace(",", ".") : text;
  const isNumber = typeof value !== "boolean" && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(digits);
  if (!isNumber || (mark === "," && typeof value === "string" && text.includes(".")))
    return { why: "must be a number" };
  const { min, max } = rangeOf(settings);
  const number = Number(digits);
  if ((min !== undefined && number < Number(min)) || (max !== undefined && number > Number(max)))
    return { why: `must be ${within(min, max)}` };
  return digits === text || !isNumeric(column) ? undefined : { value: digits };
}

const BOOLEANS = new Set(["true", "false", "1", "0", "on", "off", "yes", "no"]);

/** Longer texts take too long to look through. */
const LONGEST_TEXT = 10_000;

function checkMatch({ value, settings, effort }: Subject): Validated {
  const text = plain(value);
  if (text.length > LONGEST_TEXT) return { why: `can hold at most ${LONGEST_TEXT} characters` };
  try {
    const fits = patternOf(String(settings.regexp)).matches?.(text, effort) === true;
    return fits ? undefined : { why: "does not have the form that it must have" };
  } catch (error) {
    if (error instanceof TooMuchEffort) return { why: "is too long for the pattern that it must have" };
    throw error;
  }
}

const MOST_PATTERNS = 100;
const patterns = new Lru<string, Pattern>(MOST_PATTERNS);

function patternOf(said: string): Pattern {
  const pattern = patterns.get(said) ?? parsePattern(said);
  patterns.set(said, pattern);
  return pattern;
}

/** What a field may be set to: its list, or the values of its enum. Without both nothing fits. */
function choicesOf({ picklist, values }: Column): readonly string[] {
  return picklist ?? values ?? [];
}

const MOST_LISTED = 20;

function listed(choices: readonly string[]): string {
  const some = choices.slice(0, MOST_LISTED).map((each) => `'${each}'`);
  return `${some.join(", ")}${choices.length > MOST_LISTED ? ", …" : ""}`;
}

function checkChoices({ value, settings, column }: Subject): Validated {
  const delimiter = typeof settings.delimiter === "string" ? settings.delimiter : ",";
  const all = Array.isArray(value) ? value.map(plain) : plain(value).split(delimiter);
  const items = all.map((each) => each.trim()).filter((each) => each !== "");
  const least = Number(settings.min ?? 1);
  const most = settings.max === undefined ? Number.POSITIVE_INFINITY : Number(settings.max);
  if (items.length < least) return { why: `must hold at least ${least} of its choices` };
  if (items.length > most) return { why: `can hold at most ${most} of its choices` };
  const choices = choicesOf(column);
  return items.every((item) => choices.includes(item))
    ? undefined
    : { why: `must hold only choices of ${listed(choices)}` };
}
