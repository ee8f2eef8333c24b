import type { JsonObject } from "../contract/json.ts";

/** The fields of an entry that a request names; all of them when it names none. */
export function pick(entry: JsonObject, fields: readonly string[] | undefined): JsonObject {
  if (fields === undefined || fields.length === 0 || fields.includes("*")) return entry;
  return Object.fromEntries(Object.entries(entry).filter(([name]) => fields.includes(name)));
}
