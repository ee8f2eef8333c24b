import type { SchemaExtras } from "../../contract/extras.ts";
import type { JsonObject } from "../../contract/json.ts";
import { splitList } from "../../lib/list.ts";
import type { Catalog, Table } from "../catalog.ts";
import { extrasOf, type Names } from "./names.ts";

/** The columns that identify or relate records, by the own names of their tables. */
export type Links = ReadonlyMap<string, ReadonlySet<string>>;

/** Whose extras are looked through. */
interface LinksOf {
  readonly catalog: Catalog;
  readonly extras: SchemaExtras;
  readonly names: Names;
  readonly serviceId: number | undefined;
}

/** Collects the columns that keys and relationships, virtual ones too, are made of. */
export function linksOf(on: LinksOf): Links {
  const { catalog } = on;
  const links = new Map(catalog.tables.map(({ name }) => [name, new Set<string>()]));
  for (const table of catalog.tables) {
    for (const [name, columns] of [...realLinks(table), ...virtualLinks(table, on)])
      for (const column of columns) links.get(name)?.add(column);
  }
  return links;
}

type Link = readonly [table: string, columns: readonly string[]];

function realLinks({ name, key, relations }: Table): readonly Link[] {
  const own: Link = [name, key.map(({ nativeName }) => nativeName)];
  return [
    own,
    ...relations.flatMap(({ fields, refTable, refFields, junction }): Link[] => [
      [name, fields],
      [refTable, refFields],
      ...(junction ? [[junction.table, [...junction.fields, ...junction.refFields]] as const] : []),
    ]),
  ];
}

/** Their names may be aliases. */
function virtualLinks(table: Table, { catalog, extras, names, serviceId }: LinksOf): readonly Link[] {
  const isOwn = (service: unknown) => service === undefined || service === serviceId;
  const link = (tableName: unknown, ...lists: readonly unknown[]): readonly Link[] => {
    const found = catalog.tables.find(({ name }) => name === tableName || names.table(name) === tableName);
    const said = lists.flatMap((list) => (typeof list === "string" ? splitList(list) : []));
    const isSaid = (native: string) => said.includes(native) || said.includes(names.field(found?.name ?? "", native));
    return found ? [[found.name, found.columns.map(({ nativeName }) => nativeName).filter(isSaid)]] : [];
  };
  const all: readonly JsonObject[] = Object.values(extrasOf(extras, table.name).relations ?? {});
  return all.flatMap((said) => [
    ...link(table.name, said.field),
    ...(isOwn(said.ref_service_id) ? link(said.ref_table, said.ref_field) : []),
    ...(isOwn(said.junction_service_id) ? link(said.junction_table, said.junction_field, said.junction_ref_field) : []),
  ]);
}
