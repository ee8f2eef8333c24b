import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject, MutableJsonObject } from "../../contract/json.ts";
import { plainDecimal } from "../../lib/decimal.ts";
import { isJsonObject, isRawNumber, parseStored } from "../../lib/json.ts";
import { splitList } from "../../lib/list.ts";
import { MOST_RELATED_ROWS } from "../limits.ts";
import { isRefresh } from "../options.ts";
import type { TableCall } from "./context.ts";

/** The values of a key, as JSON. */
export type Key = readonly Json[];

/** A read of a table of another service, by keys. */
export interface ForeignRead {
  readonly service: string;
  readonly table: string;
  /** The fields of the keys. */
  readonly fields: readonly string[];
  /** Fields that have to be read besides. */
  readonly more: readonly string[];
  /** What is asked for besides, as said. */
  readonly params: ReadonlyMap<string, string>;
}

/** A row of another service with its key, which is not a part of `record` unless it was asked for. */
export interface Keyed {
  readonly key: Key;
  readonly more: Key;
  readonly record: JsonObject;
}

/** How many values one call asks for. */
const MOST_VALUES = 500;

/** The rows of these keys, through the door of their service and as the same caller. */
export async function readByKeys(on: TableCall, read: ForeignRead, keys: readonly Key[]): Promise<readonly Keyed[]> {
  const wanted = [...new Map(keys.filter((key) => !key.includes(null)).map((key) => [keyOf(key), key])).values()];
  const size = Math.max(1, Math.floor(MOST_VALUES / read.fields.length));
  const { hidden } = fieldsOf(read);
  const found: Keyed[] = [];
  for (let at = 0; at < wanted.length; at += size) {
    const values: MutableJsonObject = { ...on.query.params };
    const condition = conditionOf(read.fields, wanted.slice(at, at + size), values);
    const records = await readThere(on, read, { condition, values, limit: MOST_RELATED_ROWS });
    const called = namesIn(records[0], [...read.fields, ...read.more]);
    for (const record of records) found.push(keyed(record, read, { called, hidden }));
  }
  return found;
}

/** Raises what the other service says against such a read, whatever the keys. */
export async function tryRead(on: TableCall, read: ForeignRead): Promise<void> {
  const condition = read.fields.map((field) => `${quoted(field)} IS NULL`).join(" AND ");
  await readThere(on, read, { condition, values: on.query.params, limit: 1 });
}

/** Which rows are asked for. */
interface Wanted {
  readonly condition: string;
  /** What stands for the names in the condition, and in what was said. */
  readonly values: JsonObject;
  readonly limit: number;
}

async function readThere(on: TableCall, read: ForeignRead, wanted: Wanted): Promise<readonly JsonObject[]> {
  const { service, table } = read;
  const params = paramsOf(read, wanted, isRefresh(on.call));
  return recordsOf(
    await on.access.enter({ verb: "GET", service, path: ["_table", table], params, body: undefined }),
    wanted.limit,
  );
}

/** The fields of the keys are read even where they are not asked for, and then left out again. */
function fieldsOf({ fields, more, params }: ForeignRead) {
  const said = params.get("fields");
  const asked = said === undefined ? (more.length > 0 ? [] : ["*"]) : splitList(said);
  const isAll = asked.includes("*");
  const plain = new Set(asked.map((name) => name.replace(/^[`[]|[`\]]$/g, "").toLowerCase()));
  const hidden = isAll ? [] : [...fields, ...more].filter((name) => !plain.has(name.toLowerCase()));
  return { fields: isAll ? "*" : [...asked, ...hidden.map(quoted)].join(","), hidden };
}

function paramsOf(read: ForeignRead, { condition, values, limit }: Wanted, isFresh: boolean): Call["params"] {
  const said = read.params.get("filter") ?? "";
  // Named even when empty: what is always fetched there would lead on, and perhaps back.
  return new Map([
    ["related", ""],
    ...read.params,
    ["fields", fieldsOf(read).fields],
    ["filter", said.trim() === "" ? condition : `(${said}) AND (${condition})`],
    ["params", JSON.stringify(values)],
    ["limit", String(limit)],
    ...(isFresh ? [["refresh", "true"] as const] : []),
  ]);
}

/** A filter that finds these keys, whose values it adds to the params. */
function conditionOf(fields: readonly string[], keys: readonly Key[], values: MutableJsonObject): string {
  const [only] = fields;
  if (fields.length === 1 && only !== undefined) {
    values[`${PARAM}0`] = keys.map((key) => key[0] ?? null);
    return `${quoted(only)} IN (:${PARAM}0)`;
  }
  const terms = keys.map((key, row) => {
    const pairs = fields.map((field, column) => {
      const name = `${PARAM}${row}_${column}`;
      values[name] = key[column] ?? null;
      return `${quoted(field)} = :${name}`;
    });
    return `(${pairs.join(" AND ")})`;
  });
  return terms.join(" OR ");
}

const PARAM = "related_key_";

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** Raises `bad_request` when there are more rows than one answer holds. */
function recordsOf({ content }: Reply, limit: number): readonly JsonObject[] {
  const value = "json" in content ? parseStored(content.json) : "value" in content ? content.value : null;
  if (!isJsonObject(value) || !Array.isArray(value.resource)) throw new Error("Another service gave no list.");
  const { meta } = value;
  if (limit > 1 && isJsonObject(meta) && (meta.next !== undefined || meta.next_cursor !== undefined))
    throw new Fault("bad_request", "The other service holds more related rows than one answer: use a filter.");
  return value.resource as readonly JsonObject[];
}

/** The names that fields have in the records of another service. */
type Called = ReadonlyMap<string, string>;

/** Another service may find a field by letters of either case. Raises `bad_request` for one that is not there. */
function namesIn(record: JsonObject = {}, names: readonly string[]): Called {
  const all = Object.keys(record);
  const called = new Map<string, string>();
  for (const name of all.length === 0 ? [] : names) {
    const found = all.includes(name) ? name : all.find((each) => each.toLowerCase() === name.toLowerCase());
    if (found === undefined) throw new Fault("bad_request", `The other service gives no field '${name}'.`);
    called.set(name, found);
  }
  return called;
}

interface Names {
  readonly called: Called;
  readonly hidden: readonly string[];
}

function keyed(record: JsonObject, { fields, more }: ForeignRead, { called, hidden }: Names): Keyed {
  const value = (name: string) => record[called.get(name) ?? name] ?? null;
  const unseen = hidden.map((name) => called.get(name));
  const shown = Object.entries(record).filter(([name]) => !unseen.includes(name));
  return { key: fields.map(value), more: more.map(value), record: Object.fromEntries(shown) };
}

/** A key as a text: numbers by their digits, however they are written. */
export function keyOf(key: Key): string {
  return JSON.stringify(key.map(textOf));
}

function textOf(value: Json): string {
  const text = isRawNumber(value) ? value.rawJSON : typeof value === "object" ? JSON.stringify(value) : String(value);
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? plainDecimal(text) : text;
}
