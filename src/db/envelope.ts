import type { Verb } from "../contract/call.ts";
import type { Json } from "../contract/json.ts";
import { isJsonObject } from "../lib/json.ts";

type Fields = Readonly<Record<string, Json>>;

/** `resource` is the envelope where it holds records; else it is a column of that name. */
export function isWrapped(body: Json | undefined): body is Fields & { readonly resource: Json } {
  if (!isJsonObject(body)) return false;
  const { resource } = body;
  return Array.isArray(resource) || isJsonObject(resource);
}

/** The record or the list of records that a body holds. */
export function contentOf(body: Json): Json {
  return isWrapped(body) ? body.resource : body;
}

/**
 * The options that stand in a body: beside its records, or all of it where it holds none. On DELETE a bare object whose
 * fields are not all options is a record, whatever its columns are called.
 */
export function optionsOf(body: Json | undefined, verb: Verb, isOption: (name: string) => boolean): Fields {
  if (verb === "GET") return readOptions(body);
  if (isWrapped(body)) return body;
  const isAllOptions = verb === "DELETE" && isJsonObject(body) && Object.keys(body).every(isOption);
  return isAllOptions ? body : {};
}

/** A read has no records to write: a list in its body names those that it asks for. */
function readOptions(body: Json | undefined): Fields {
  if (Array.isArray(body)) return { ids: body };
  if (!isJsonObject(body)) return {};
  return Array.isArray(body.resource) && !Object.hasOwn(body, "ids") ? { ...body, ids: body.resource } : body;
}

/** The names of all fields in the records of a body. */
export function recordFields(body: Json | undefined, verb: Verb): ReadonlySet<string> {
  if (verb === "GET" || verb === "DELETE" || body === undefined) return new Set();
  const content = contentOf(body);
  const records = Array.isArray(content) ? content : [content];
  return new Set(records.flatMap((record) => (isJsonObject(record) ? Object.keys(record) : [])));
}
