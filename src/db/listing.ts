import type { Call, Reply } from "../contract/call.ts";
import type { Json, JsonObject } from "../contract/json.ts";
import type { Access } from "../contract/service.ts";
import { labelOf } from "../lib/words.ts";
import type { Catalog, Table } from "./catalog.ts";
import { Options } from "./options.ts";
import { shown, UnknownName } from "./plan/names.ts";
import { routineNames } from "./routine/list.ts";
import type { Routines } from "./routine/service.ts";
import { accessOfTable } from "./schema/describe.ts";

/** What stands below a database service; routines only where the database has any. */
const TABLES = ["_schema", "_table"] as const;
const ROUTINES = ["_proc", "_func"] as const;

/** What the root of a service is listed from. */
export interface RootCall {
  readonly call: Call;
  readonly access: Access;
  readonly catalog: Catalog;
  readonly routines: Routines;
}

/** GET of the service itself: its resources, or with `as_access_list` the components that a role may name. */
export async function listRoot(on: RootCall): Promise<Reply> {
  const options = new Options(on.call.params, on.call.body, on.call.verb);
  if (options.flag("as_access_list")) return reply({ resource: await accessList(on) });
  const names = await resourcesSeen(on);
  if (options.flag("as_list")) return reply({ resource: names });
  return reply({ resource: names.map((name) => ({ name, label: labelOf(name) })) });
}

/** GET `_table`: the tables that the caller may touch. */
export function listTables(call: Call, access: Access, catalog: Catalog): Reply {
  const options = new Options(call.params, call.body, call.verb);
  const tables = named(options.list("ids"), tablesOf(access, catalog, "_table"), catalog);
  if (options.flag("as_list")) return reply({ resource: tables.map((table) => table.name) });
  const fields = options.list("fields");
  return reply({ resource: tables.map((table) => pick(entryOf(table, access), fields)) });
}

function reply(value: Json): Reply {
  return { status: 200, content: { value } };
}

function entryOf(table: Table, access: Access): JsonObject {
  const { name, label, plural, description, isView } = table;
  return { name, label, plural, description, is_view: isView, access: accessOfTable(table, access) };
}

function pick(entry: JsonObject, fields: readonly string[] | undefined): JsonObject {
  if (fields === undefined || fields.includes("*")) return entry;
  return Object.fromEntries(Object.entries(entry).filter(([name]) => fields.includes(name)));
}

function named(ids: readonly string[] | undefined, tables: readonly Table[], catalog: Catalog): readonly Table[] {
  if (ids === undefined) return tables;
  return ids.map((id) => {
    const table = tables.find((each) => catalog.foldTable(each.name) === catalog.foldTable(id));
    if (table === undefined) throw new UnknownName("not_found", `Table '${shown(id)}' does not exist in the database.`);
    return table;
  });
}

function tablesOf(access: Access, catalog: Catalog, resource: string): readonly Table[] {
  return catalog.tables.filter(
    ({ name }) => access.verbs([resource, name]) !== 0 || access.verbs([resource, name, "*"]) !== 0,
  );
}

/** The routines are read only where it is they that decide. */
async function resourcesSeen(on: RootCall): Promise<readonly string[]> {
  const resources: readonly string[] = on.routines.exist ? [...TABLES, ...ROUTINES] : TABLES;
  const seen = await Promise.all(
    resources.map(async (name) => on.access.verbs([name]) !== 0 || (await namesBelow(on, name)).length > 0),
  );
  return resources.filter((_, index) => seen[index]);
}

async function namesBelow({ access, catalog, routines }: RootCall, resource: string): Promise<readonly string[]> {
  const isOfTables = TABLES.some((each) => each === resource);
  if (isOfTables) return tablesOf(access, catalog, resource).map((table) => table.name);
  return routineNames(resource, access, await routines.catalog());
}

async function accessList(on: RootCall): Promise<readonly string[]> {
  const resources = on.routines.exist ? [...TABLES, ...ROUTINES] : TABLES;
  const parts = await Promise.all(
    resources.map(async (resource) => [
      `${resource}/`,
      `${resource}/*`,
      ...(await namesBelow(on, resource)).flatMap((name) => componentsOf(resource, name)),
    ]),
  );
  return ["", "*", ...parts.flat()];
}

/** In a name a slash is written `%2F` and an asterisk `%2A`, so that neither looks like more than a name. */
function componentsOf(resource: string, name: string): readonly string[] {
  const segment = name.replaceAll("%", "%25").replaceAll("/", "%2F").replaceAll("*", "%2A");
  return [`${resource}/${segment}/`, `${resource}/${segment}/*`];
}
