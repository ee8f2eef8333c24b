import type { Reply } from "../../contract/call.ts";
import type { Json } from "../../contract/json.ts";
import type { Query } from "../../db/query.ts";
import { readCollection, readRecord } from "../../db/table/read.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import type { SystemRow } from "../../store/rows.ts";
import { withNested } from "./nested.ts";
import { type ResourceCall, without } from "./table.ts";

/** GET of a resource: its rows, or one of them, with the nested lists that `related` names. */
export async function readResource(asked: ResourceCall, id?: string): Promise<Reply> {
  const { query } = asked.table;
  const value = await readValue(asked, withId(query), id);
  const isAsked = showsId(query);
  return { status: 200, content: { value: isAsked ? value : withoutIds(value) } };
}

/** The rows of these ids as the request wants to see them, by id; each with its id. */
export async function readRows(asked: ResourceCall, ids: readonly number[]): Promise<ReadonlyMap<number, SystemRow>> {
  const { query } = asked.table;
  const byIds = { ids, idField: undefined, where: undefined, order: [], continueOnError: false };
  const plain = { countOnly: false, includeCount: false, includeSchema: false };
  const value = await readValue(asked, withId({ ...query, ...byIds, ...plain }));
  return new Map(rowsOf(value).map((row) => [Number(row.id), row]));
}

async function readValue(asked: ResourceCall, query: Query, id?: string): Promise<Json> {
  const table = { ...asked.table, query };
  const { content } = id === undefined ? await readCollection(table) : await readRecord(table, id);
  const value = "json" in content ? parseJson(content.json) : "value" in content ? content.value : {};
  if (!isJsonObject(value)) return value;
  const rows = await showRows(asked, rowsOf(value));
  return Array.isArray(value.resource) ? { ...value, resource: rows } : (rows[0] ?? {});
}

function rowsOf(value: Json): readonly SystemRow[] {
  if (!isJsonObject(value)) return [];
  return (Array.isArray(value.resource) ? value.resource : [value]) as readonly SystemRow[];
}

/** Whether the answer holds the id. */
export function showsId({ fields }: Query): boolean {
  return fields === undefined || fields === "*" || fields.includes("id");
}

/** Nested lists are found by the id, also where `fields` leaves it out. */
function withId(query: Query): Query {
  const { fields } = query;
  return fields === undefined || fields === "*" || showsId(query) ? query : { ...query, fields: [...fields, "id"] };
}

function withoutIds(value: Json): Json {
  if (!isJsonObject(value)) return value;
  const rows = rowsOf(value).map((row) => without(row, ["id"]));
  return Array.isArray(value.resource) ? { ...value, resource: rows } : (rows[0] ?? {});
}

async function showRows({ on, related }: ResourceCall, rows: readonly SystemRow[]): Promise<readonly SystemRow[]> {
  const shown = await Promise.all(rows.map((row) => on.resource.show(row)));
  return withNested(shown, related, on.resource, on.parts.store.rows());
}
