import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import { type Catalog, findColumn, type Table } from "../catalog.ts";
import { contentOf, isWrapped } from "../envelope.ts";
import type { Family } from "../types.ts";

/** What need not be a single value, and so stands in a text as its JSON. */
const FAMILIES: readonly Family[] = ["json", "array"];

/** A reply that says which of its fields may hold any JSON: where it is written as texts, they stand there as their JSON. */
export function withJsonFields(table: Table, reply: Reply): Reply {
  const { content } = reply;
  if ("value" in content) return reply;
  const jsonFields = table.columns.filter(({ family }) => family === "json").map(({ name }) => name);
  return jsonFields.length === 0 ? reply : { ...reply, content: { ...content, jsonFields } };
}

/**
 * A call whose body holds texts, with JSON in place of its text for the columns that take it; what is no JSON stays a text.
 * Raises `bad_request` for a list or an object that is begun and is none.
 */
export function withJsonOfTexts(call: Call, catalog: Catalog, table: Table): Call {
  const { body, texts } = call;
  if (texts !== true || body === undefined) return call;
  const reader = new TextReader(catalog, table);
  const content = contentOf(body);
  const each = (value: Json) => (isJsonObject(value) ? reader.record(value) : value);
  const read = Array.isArray(content) ? content.map(each) : each(content);
  return { ...call, body: isWrapped(body) ? { ...body, resource: read } : read };
}

/** Reads the texts of records, with the JSON that columns of a table take as such. */
export class TextReader {
  readonly #catalog: Catalog;
  readonly #table: Table;
  readonly #takesJson = new Map<string, boolean>();

  constructor(catalog: Catalog, table: Table) {
    this.#catalog = catalog;
    this.#table = table;
  }

  /** A record, which begins at this line. Raises `bad_request`. */
  record(record: JsonObject, line?: number): JsonObject {
    const names = Object.keys(record).filter((name) => this.#takes(name) && typeof record[name] === "string");
    if (names.length === 0) return record;
    const read = names.map((name): [string, Json] => [name, readJson(name, String(record[name]), line)]);
    return { ...record, ...Object.fromEntries(read) };
  }

  #takes(name: string): boolean {
    const known = this.#takesJson.get(name);
    if (known !== undefined) return known;
    const column = findColumn(this.#catalog, this.#table, name);
    const takes = column !== undefined && FAMILIES.includes(column.family);
    this.#takesJson.set(name, takes);
    return takes;
  }
}

function readJson(name: string, text: string, line: number | undefined): Json {
  try {
    return parseJson(text);
  } catch {
    if (!/^\s*[[{]/.test(text)) return text;
    const place = line === undefined ? "" : `Line ${line}: `;
    throw new Fault("bad_request", `${place}Field '${name.slice(0, 64)}' must be a valid JSON value.`);
  }
}
