import type { SchemaExtras, TableExtras } from "../../contract/extras.ts";
import type { Json } from "../../contract/json.ts";
import type { Catalog, Table } from "../catalog.ts";

/** Tells of what can not be laid over a catalog, and so is left out. */
export type Tell = (table: string, problem: string) => void;

export function extrasOf({ tables }: SchemaExtras, table: string): TableExtras {
  return ownOf(tables, table) ?? {};
}

/** What a record holds under a name that a client chose: never what every object has. */
export function ownOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The names of things in the API by their own names. */
export interface Names {
  /** By the table's own name. */
  table(own: string): string;
  /** By the table's own name and the name of the column in the database. */
  field(table: string, native: string): string;
}

/** Works out what each table and field is called. An alias that is another's name already is none. */
export function namesOf(catalog: Catalog, extras: SchemaExtras, tell: Tell): Names {
  const tables = aliases({
    own: catalog.tables.map(({ name }) => name),
    alias: (name) => extrasOf(extras, name).table?.alias,
    fold: catalog.foldTable,
    refuse: (name, alias) => tell(name, `Table '${name}': the alias '${alias}' is the name of another table.`),
  });
  const fields = new Map<Table, ReadonlyMap<string, string>>();
  for (const table of catalog.tables) fields.set(table, fieldNames(table, catalog, extras, tell));
  const byOwn = new Map(catalog.tables.map((table) => [table.name, fields.get(table)]));
  return {
    table: (own) => tables.get(own) ?? own,
    field: (table, native) => byOwn.get(table)?.get(native) ?? native,
  };
}

function fieldNames(
  { name, columns }: Table,
  { foldColumn }: Catalog,
  extras: SchemaExtras,
  tell: Tell,
): ReadonlyMap<string, string> {
  const { fields = {} } = extrasOf(extras, name);
  const real = columns.map(({ nativeName }) => nativeName);
  const virtual = Object.keys(fields).filter((field) => fields[field]?.is_virtual === true && !real.includes(field));
  return aliases({
    own: [...real, ...virtual],
    alias: (field) => ownOf(fields, field)?.alias,
    fold: foldColumn,
    refuse: (field, alias) =>
      tell(name, `Field '${field}': the alias '${alias}' is the name of another field of table '${name}'.`),
  });
}

interface Aliases {
  readonly own: readonly string[];
  alias(own: string): Json | undefined;
  fold(name: string): string;
  refuse(own: string, alias: string): void;
}

function aliases({ own, alias, fold, refuse }: Aliases): ReadonlyMap<string, string> {
  const taken = new Map(own.map((name) => [fold(name), name]));
  const found = new Map<string, string>();
  for (const name of own) {
    const other = alias(name);
    if (typeof other !== "string" || other === name) continue;
    const holder = taken.get(fold(other));
    if (holder !== undefined && holder !== name) refuse(name, other);
    else {
      taken.set(fold(other), name);
      found.set(name, other);
    }
  }
  return found;
}
