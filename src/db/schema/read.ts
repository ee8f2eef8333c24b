import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { type Catalog, findField, findRelation, type Table } from "../catalog.ts";
import type { Options } from "../options.ts";
import { demandTable, shown, UnknownName } from "../plan/names.ts";
import { describeField, describeRelation, describeTable, relationsSeen, summarizeTable } from "./describe.ts";

/** What the schema handlers share during one call. */
export interface SchemaCall {
  readonly call: Call;
  readonly access: Access;
  readonly catalog: Catalog;
  readonly options: Options;
}

/** GET `_schema` and all below it. */
export function readSchema(on: SchemaCall): Reply {
  const [, name, part, item, ...rest] = on.call.path;
  if (rest.length > 0) throw notFound(on, rest[0] ?? "");
  if (name === undefined) return reply(listTables(on));
  const table = demandTable(on.catalog, name);
  return reply(part === undefined ? describeTable(table, on.access) : describePart(on, table, part, item));
}

function reply(value: Json): Reply {
  return { status: 200, content: { value } };
}

function notFound({ call }: SchemaCall, name: string): Fault {
  return new Fault("not_found", `Resource '${shown(name)}' not found for service '${call.service}'.`);
}

function listTables(on: SchemaCall): Json {
  const { catalog, access, options } = on;
  const ids = options.list("ids");
  const mayRead = (table: Table) => access.allows(["_schema", table.name], "GET");
  const tables = ids ? ids.map((id) => demandReadable(on, id)) : catalog.tables.filter(mayRead);
  if (options.flag("as_list")) return { resource: tables.map((table) => table.name) };
  return { resource: tables.map((table) => (ids ? describeTable(table, access) : summarizeTable(table))) };
}

/** Access is decided before existence. */
function demandReadable(on: SchemaCall, name: string): Table {
  on.access.demand(["_schema", name], "GET");
  return demandTable(on.catalog, name);
}

function describePart(on: SchemaCall, table: Table, part: string, item: string | undefined): Json {
  if (part === "_field") return describeFields(on, table, item);
  if (part === "_related") return describeRelations(on, table, item);
  throw notFound(on, part);
}

function describeFields({ catalog, access }: SchemaCall, table: Table, name: string | undefined): Json {
  if (name === undefined)
    return { resource: [...table.columns, ...(table.aggregates ?? [])].map((column) => describeField(column, access)) };
  const column = findField(catalog, table, name);
  if (column === undefined)
    throw new UnknownName("not_found", `Field '${shown(name)}' does not exist in table '${table.name}'.`);
  return describeField(column, access);
}

function describeRelations({ access }: SchemaCall, table: Table, name: string | undefined): Json {
  const seen = relationsSeen(table, access);
  if (name === undefined) return { resource: seen.map(describeRelation) };
  const relation = findRelation(table, name);
  if (relation === undefined || !seen.includes(relation)) {
    throw new UnknownName("not_found", `Relationship '${shown(name)}' does not exist in table '${table.name}'.`);
  }
  return describeRelation(relation);
}
