import type { Call, Reply } from "../../contract/call.ts";
import type { Json } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import type { Query } from "../../db/query.ts";
import { readCollection, readRecord } from "../../db/table/read.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import type { SystemRow } from "../../store/rows.ts";
import { nestedNames, withNested } from "./nested.ts";
import { type ResourceTable, tableCall, withoutRelated } from "./table.ts";

/** GET of a resource: its rows, or one of them, with the nested lists that `related` names. */
export async function readResource(on: ResourceTable, call: Call, access: Access, id?: string): Promise<Reply> {
  return { status: 200, content: { value: await readValue(on, call, access, id) } };
}

/** What {@link readResource} answers. */
export async function readValue(on: ResourceTable, call: Call, access: Access, id?: string): Promise<Json> {
  const names = nestedNames(on.resource, call.params.get("related"));
  const said = tableCall(on, withoutRelated(call), access);
  const query = withId(said.query);
  const asked = { ...said, query };
  const { content } = id === undefined ? await readCollection(asked) : await readRecord(asked, id);
  const value = "json" in content ? parseJson(content.json) : content.value;
  if (!isJsonObject(value)) return value;
  const { resource } = value;
  const rows = (Array.isArray(resource) ? resource : [value]) as readonly SystemRow[];
  const shown = await showRows(on, rows, names);
  const kept = query === said.query ? shown : shown.map((row) => without(row, "id"));
  return Array.isArray(resource) ? { ...value, resource: kept } : (kept[0] ?? {});
}

/** Nested lists are found by the id, also where `fields` leaves it out. */
function withId(query: Query): Query {
  const { fields } = query;
  return fields === undefined || fields === "*" || fields.includes("id")
    ? query
    : { ...query, fields: [...fields, "id"] };
}

async function showRows(
  on: ResourceTable,
  rows: readonly SystemRow[],
  names: readonly string[],
): Promise<readonly SystemRow[]> {
  const shown = await Promise.all(rows.map((row) => on.resource.show(row)));
  return withNested(shown, names, on.resource, on.parts.store.rows());
}

/** The row without one of its fields. */
export function without(row: SystemRow, name: string): SystemRow {
  return Object.fromEntries(Object.entries(row).filter(([each]) => each !== name));
}
