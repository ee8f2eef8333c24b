import type { Catalog, Column, Table } from "../catalog.ts";
import type { CreateTable, SchemaChange, TableName } from "./change.ts";
import { keptName } from "./place.ts";

/**
 * The names of a catalog as they are when these changes are made, without extras: enough to see whether the extras that go
 * with them fit.
 */
export function plannedCatalog(catalog: Catalog, changes: readonly SchemaChange[]): Catalog {
  const base = catalog.base ?? catalog;
  const tables = changes.reduce<readonly Table[]>((known, change) => changed(known, change, base), base.tables);
  return { ...base, tables, tablesByName: new Map(tables.map((table) => [base.foldTable(table.name), table])) };
}

function changed(tables: readonly Table[], change: SchemaChange, catalog: Catalog): readonly Table[] {
  const others = () => tables.filter((table) => !isSame(table, change.table));
  const columns = (of: (columns: readonly Column[]) => readonly Column[]) =>
    tables.map((table) => (isSame(table, change.table) ? { ...table, columns: of(table.columns) } : table));
  switch (change.kind) {
    case "createTable":
      return [...others(), newTable(change, catalog)];
    case "dropTable":
      return others();
    case "addColumn":
      return columns((known) => [...known, newColumn(change.column.name, false)]);
    case "dropColumn":
      return columns((known) => known.filter(({ nativeName }) => nativeName !== change.column));
    default:
      return tables;
  }
}

function isSame(one: TableName, other: TableName): boolean {
  return one.schema === other.schema && one.nativeName === other.nativeName;
}

function newTable({ table, columns, key }: CreateTable, catalog: Catalog): Table {
  const made = columns.map(({ name }) => newColumn(name, key.includes(name)));
  return {
    ...table,
    name: keptName(catalog, table),
    isView: false,
    label: table.nativeName,
    plural: table.nativeName,
    description: null,
    columns: made,
    key: made.filter(({ isKey }) => isKey),
    indexes: [],
    relations: [],
    columnsByName: new Map(made.map((column) => [catalog.foldColumn(column.name), column])),
  };
}

function newColumn(name: string, isKey: boolean): Column {
  return {
    name,
    nativeName: name,
    type: "string",
    family: "string",
    dbType: "",
    length: null,
    precision: null,
    scale: null,
    default: null,
    hasDefault: false,
    allowNull: true,
    isKey,
    isUnique: isKey,
    isIndexed: isKey,
  };
}
