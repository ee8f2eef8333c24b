import type { SchemaExtras } from "../../contract/extras.ts";
import { pluralOf } from "../../lib/words.ts";
import type { Catalog, Column, Table } from "../catalog.ts";
import { columnsOf } from "./fields.ts";
import { type Links, linksOf } from "./links.ts";
import { extrasOf, type Names, namesOf, type Tell } from "./names.ts";
import { relationsOf } from "./relations.ts";

export interface ApplyOptions {
  /** The id of the service whose extras these are. */
  readonly serviceId?: number | undefined;
  /** The name of the service with this id. */
  serviceName?(id: number): string | undefined;
  /** Hears of each part of the extras that does not fit the catalog and is left out. */
  readonly tell?: Tell;
}

/** The catalog of a database with what Millrace keeps of it besides. What does not fit it, or no longer, is left out. */
export function withExtras(catalog: Catalog, extras: SchemaExtras, options: ApplyOptions = {}): Catalog {
  if (Object.keys(extras.tables).length === 0) return catalog;
  const { tell = () => undefined, serviceName = () => undefined, serviceId } = options;
  const on: Laying = { catalog, extras, names: namesOf(catalog, extras, tell), tell, serviceName, serviceId };
  const links = linksOf(on);
  const laid = new Map(catalog.tables.map((table) => [table, layTable(table, on, links)]));
  return {
    ...catalog,
    base: catalog,
    tables: catalog.tables.map((table) => laid.get(table) ?? table).sort((a, b) => (a.name < b.name ? -1 : 1)),
    tablesByName: tableIndex(catalog, laid),
  };
}

interface Laying extends Required<Omit<ApplyOptions, "serviceId">> {
  readonly serviceId: number | undefined;
  readonly catalog: Catalog;
  readonly extras: SchemaExtras;
  readonly names: Names;
}

function layTable(table: Table, on: Laying, links: Links): Table {
  const { catalog, extras, names } = on;
  const { table: said = {}, fields = {}, relations = {} } = extrasOf(extras, table.name);
  const isLink = (column: string) => links.get(table.name)?.has(column) ?? false;
  const all = columnsOf({ ...on, table, extras: fields, isLink });
  const columns = all.filter(({ isAggregate }) => isAggregate !== true);
  const name = names.table(table.name);
  const label = typeof said.label === "string" ? said.label : table.label;
  return {
    ...table,
    name,
    ...(name !== table.name && { ownName: table.name, alias: name }),
    label,
    plural: typeof said.plural === "string" ? said.plural : label === table.label ? table.plural : pluralOf(label),
    description: typeof said.description === "string" ? said.description : table.description,
    ...nameFieldOf(said.name_field, columns, catalog),
    columns,
    aggregates: all.filter(({ isAggregate }) => isAggregate === true),
    key: table.key.flatMap((key) => columns.filter(({ nativeName }) => nativeName === key.nativeName)),
    relations: relationsOf({ ...on, table, extras: relations }),
    columnsByName: columnIndex(columns, catalog),
  };
}

function nameFieldOf(said: unknown, columns: readonly Column[], { foldColumn }: Catalog): { nameField?: string } {
  if (typeof said !== "string") return {};
  const found = columns.find(({ name, nativeName }) =>
    [name, nativeName].some((each) => foldColumn(each) === foldColumn(said)),
  );
  return found ? { nameField: found.name } : {};
}

/** Columns that differ only by case are told apart where the database does. */
function columnIndex(columns: readonly Column[], { foldColumn }: Catalog): ReadonlyMap<string, Column> {
  return new Map(columns.map((column) => [foldColumn(column.name), column]));
}

/** Each table has one name only: with an alias that alone, or rules for the other name would not hold. */
function tableIndex(catalog: Catalog, laid: ReadonlyMap<Table, Table>): ReadonlyMap<string, Table> {
  const index = new Map<string, Table>();
  for (const [name, table] of catalog.tablesByName) {
    const now = laid.get(table);
    if (now !== undefined && now.alias === undefined) index.set(name, now);
  }
  for (const table of laid.values()) {
    if (table.alias === undefined) continue;
    const folded = catalog.foldTable(table.name);
    index.set(table.name, table);
    if (!index.has(folded)) index.set(folded, table);
  }
  return index;
}
