import type { Call, Params } from "../../contract/call.ts";
import type { Access } from "../../contract/service.ts";
import { type Catalog, type Column, findTable, type Table } from "../../db/catalog.ts";
import { isWrapped } from "../../db/envelope.ts";
import { Options } from "../../db/options.ts";
import type { Predicate } from "../../db/plan/plan.ts";
import { type Query, readQuery } from "../../db/query.ts";
import { scopeOf, type TableCall } from "../../db/table/context.ts";
import { checkValue } from "../../db/values.ts";
import { isJsonObject } from "../../lib/json.ts";
import { isTrue } from "../../lib/schema.ts";
import type { SystemRow } from "../../store/rows.ts";
import { nestedNames } from "./nested.ts";
import type { SystemParts, SystemResource } from "./resource.ts";

/** A resource with its table as clients may query it. */
export interface ResourceTable {
  readonly resource: SystemResource;
  readonly parts: SystemParts;
  readonly catalog: Catalog;
  readonly table: Table;
  /** The rows that belong to the resource at all. */
  readonly rows: Predicate | undefined;
}

/** The table of a resource without the columns that no client may see, and without ways to other tables. */
export function resourceTable(resource: SystemResource, parts: SystemParts): ResourceTable {
  const stored = findTable(parts.store.catalog, resource.table);
  if (stored === undefined) throw new Error(`The store has no table '${resource.table}'.`);
  const isShown = (column: Column) => !resource.hidden.includes(column.name);
  const table: Table = {
    ...stored,
    columns: stored.columns.filter(isShown),
    columnsByName: new Map([...stored.columnsByName].filter(([, column]) => isShown(column))),
    relations: [],
  };
  const catalog = { ...parts.store.catalog, tables: [table], tablesByName: new Map([[resource.table, table]]) };
  return { resource, parts, catalog, table, rows: fixedRows(resource, stored) };
}

function fixedRows({ fixed = {} }: SystemResource, table: Table): Predicate | undefined {
  const terms = Object.entries(fixed).map(([name, value]): Predicate => {
    const column = table.columnsByName.get(name);
    if (column === undefined) throw new Error(`Table '${table.name}' has no column '${name}'.`);
    return {
      kind: "compare",
      left: { column, path: [], as: column.family },
      op: "=",
      value: checkValue(name, column, value),
    };
  });
  return terms.length === 0 ? undefined : { kind: "and", terms };
}

/** A call on a resource, its options read once from its query and its body. */
export interface ResourceCall {
  readonly on: ResourceTable;
  /** The call as one on any other table. */
  readonly table: TableCall;
  /** The nested lists that the answer shows. */
  readonly related: readonly string[];
  /** Whether a flag that is the resource's own is set. */
  flag(name: string): boolean;
}

/** Reads the options of a call. Raises `bad_request` naming the parameter that is wrong. */
export function resourceCall(on: ResourceTable, call: Call, access: Access): ResourceCall {
  const { params, body, verb } = call;
  const own = ["related", ...(on.resource.flags ?? [])];
  const hasOptions = isWrapped(body) || (verb === "GET" && isJsonObject(body));
  const query = readQuery(new Options(withoutNames(params, own), hasOptions ? without(body, own) : body, verb));
  const related = new Options(params, body, verb).list("related") ?? [];
  return {
    on,
    table: tableCall(on, call, access, query),
    related: nestedNames(on.resource, related, access),
    flag: (name) => isTrue(params.get(name) ?? (isWrapped(body) ? body[name] : undefined)),
  };
}

function tableCall(on: ResourceTable, call: Call, access: Access, query: Query): TableCall {
  const { catalog, table, rows, parts } = on;
  return {
    call,
    access,
    catalog,
    table,
    query,
    scope: { ...scopeOf(call, access, catalog, table, query), rows },
    connector: parts.store.connector,
    size: { standard: 1000, most: 100_000 },
    allowUpsert: false,
  };
}

function withoutNames(params: Params, names: readonly string[]): Params {
  return new Map([...params].filter(([name]) => !names.includes(name)));
}

/** The row without some of its fields. */
export function without(row: SystemRow, names: readonly string[]): SystemRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}
