import type { Call } from "../../contract/call.ts";
import type { Access } from "../../contract/service.ts";
import { type Catalog, type Column, findTable, type Table } from "../../db/catalog.ts";
import { Options } from "../../db/options.ts";
import type { Predicate } from "../../db/plan/plan.ts";
import { readQuery } from "../../db/query.ts";
import { scopeOf, type TableCall } from "../../db/table/context.ts";
import { checkValue } from "../../db/values.ts";
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

/** The call as one on any other table. */
export function tableCall(on: ResourceTable, call: Call, access: Access): TableCall {
  const { catalog, table, rows, parts } = on;
  const query = readQuery(new Options(call.params, call.body, call.verb));
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

/** The call without the parameter that the system API answers itself. */
export function withoutRelated(call: Call): Call {
  return { ...call, params: new Map([...call.params].filter(([name]) => name !== "related")) };
}
