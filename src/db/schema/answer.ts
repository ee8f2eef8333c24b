import type { Json, JsonObject } from "../../contract/json.ts";
import { type Catalog, type Column, findField, findTable, type Table } from "../catalog.ts";
import { describeField, describeTable } from "./describe.ts";
import type { SchemaCall } from "./read.ts";

/** What a change of tables is answered with: their names, or what `fields` asks for of their schema. */
export function answerTables(names: readonly string[], catalog: Catalog, on: SchemaCall): readonly Json[] {
  return names.map((name) => {
    const table = findTable(catalog, name) ?? sameTable(findTable(on.catalog, name), catalog);
    if (table === undefined) return { name };
    return picked({ name: table.name }, () => describeTable(table, on.access), on);
  });
}

/** What a change of fields is answered with. */
export function answerFields(
  names: readonly string[],
  table: Table | undefined,
  catalog: Catalog,
  on: SchemaCall,
): readonly Json[] {
  return names.map((name) => {
    const column = table && (findField(catalog, table, name) ?? sameField(name, table, on.catalog));
    return column === undefined ? { name } : picked({ name: column.name }, () => describeField(column, on.access), on);
  });
}

/** The table, which may be called otherwise now. */
function sameTable(before: Table | undefined, { tables }: Catalog): Table | undefined {
  return before && tables.find((each) => each.schema === before.schema && each.nativeName === before.nativeName);
}

function sameField(name: string, table: Table, before: Catalog): Column | undefined {
  const old = sameTable(table, before);
  const native = (old && findField(before, old, name))?.nativeName ?? name;
  return [...table.columns, ...(table.aggregates ?? [])].find(({ nativeName }) => nativeName === native);
}

function picked(short: JsonObject, describe: () => JsonObject, { options }: SchemaCall): Json {
  const fields = options.list("fields");
  if (fields === undefined || fields.length === 0) return short;
  const all = Object.entries(describe());
  return fields.includes("*")
    ? Object.fromEntries(all)
    : Object.fromEntries(all.filter(([name]) => fields.includes(name)));
}
