import { Fault } from "../../contract/fault.ts";
import type { Access } from "../../contract/service.ts";
import { type Catalog, type ForeignKeyFacts, sameTable, type Table } from "../catalog.ts";
import { shown } from "../plan/names.ts";
import type { NewForeignKey, SchemaChange, TableName } from "./change.ts";
import { seesTable } from "./describe.ts";

/** What the changes of a request are looked at with. */
export interface Surroundings {
  readonly catalog: Catalog;
  readonly access: Access;
  /** All changes of the request. */
  readonly all: readonly SchemaChange[];
}

/**
 * Raises `bad_request` for a foreign key to fields that are not unique, which some databases take and then fail at every
 * write; `conflict` where what goes is referred to by a foreign key that stays.
 */
export function demandReferences(changes: readonly SchemaChange[], on: Surroundings): void {
  for (const change of changes) {
    if (change.kind === "createTable") for (const key of change.foreignKeys) demandUnique(key, on);
    if (change.kind === "addForeignKey") demandUnique(change.foreignKey, on);
    if (change.kind === "dropTable" || change.kind === "dropColumn" || change.kind === "dropIndex")
      demandUnreferred(change, on);
  }
}

function demandUnique({ refTable, refColumns }: NewForeignKey, on: Surroundings): void {
  if (uniquesOf(refTable, on).some((columns) => isSameSet(columns, refColumns))) return;
  const fields = refColumns.map((name) => `'${shown(name)}'`).join(", ");
  throw new Fault(
    "bad_request",
    `A reference must lead to the key of a table or to what is unique in it: ${fields} in table '${shown(refTable.nativeName)}' is not.`,
  );
}

/** The lists of columns that no two rows of the table have alike once the changes are made. */
function uniquesOf(table: TableName, { catalog, all }: Surroundings): readonly (readonly string[])[] {
  const stands = catalog.tables.find((each) => sameTable(each, table));
  const made = all.flatMap((change) => (sameTable(change.table, table) ? madeUnique(change) : []));
  const key = stands?.key.map(({ nativeName }) => nativeName) ?? [];
  const indexes = (stands?.indexes ?? []).filter((index) => index.unique && !isDropped(index.name, table, all));
  return [key, ...indexes.map(({ columns }) => columns), ...made];
}

function madeUnique(change: SchemaChange): readonly (readonly string[])[] {
  if (change.kind === "addIndex") return change.index.unique ? [change.index.columns] : [];
  if (change.kind !== "createTable") return [];
  return [change.key, ...change.indexes.filter(({ unique }) => unique).map(({ columns }) => columns)];
}

function isDropped(index: string, table: TableName, all: readonly SchemaChange[]): boolean {
  return all.some(
    (change) => change.kind === "dropIndex" && sameTable(change.table, table) && change.index.name === index,
  );
}

type Drop = Extract<SchemaChange, { readonly kind: "dropTable" | "dropColumn" | "dropIndex" }>;

function demandUnreferred(change: Drop, on: Surroundings): void {
  const [referrer] = on.catalog.tables.filter((table) =>
    (table.foreignKeys ?? []).some((key) => !goes(table, key, on) && needs(table, key, { change, on })),
  );
  if (referrer === undefined) return;
  const who = seesTable(referrer.name, on.access) ? `table '${referrer.name}'` : "another table";
  throw new Fault("conflict", `${thingOf(change, on)}: ${who} refers to it.`);
}

function thingOf(change: Drop, { catalog }: Surroundings): string {
  const table = catalog.tables.find((each) => sameTable(each, change.table));
  const name = table?.name ?? change.table.nativeName;
  if (change.kind === "dropTable") return `Table '${name}' can not be dropped`;
  if (change.kind === "dropColumn") return `Field '${change.column}' of table '${name}' can not be dropped`;
  return `Field '${change.index.columns.join(", ")}' of table '${name}' has to stay unique`;
}

/** Whether the foreign key goes with the request. */
function goes(table: Table, { columns }: ForeignKeyFacts, { all }: Surroundings): boolean {
  return all.some((change) => {
    if (!sameTable(change.table, table)) return false;
    if (change.kind === "dropForeignKey") return isSameSet(change.foreignKey.columns, columns);
    return change.kind === "dropTable";
  });
}

interface Loss {
  readonly change: Drop;
  readonly on: Surroundings;
}

/** Whether a foreign key of the table can not do without what the change drops. A table may refer to itself. */
function needs(table: Table, { refSchema, refTable, refColumns }: ForeignKeyFacts, { change, on }: Loss): boolean {
  if (!sameTable({ schema: refSchema, nativeName: refTable }, change.table)) return false;
  if (change.kind === "dropTable") return !sameTable(table, change.table);
  if (change.kind === "dropColumn") return refColumns.includes(change.column);
  const isGone = on.all.some((each) => each.kind === "dropColumn" && refColumns.includes(each.column));
  if (isGone || !isSameSet(change.index.columns, refColumns)) return false;
  return !uniquesOf(change.table, on).some((columns) => isSameSet(columns, refColumns));
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}

/** The tables so that each goes before those that it refers to, as far as they do not refer to each other. */
export function dropOrder(tables: readonly Table[]): readonly Table[] {
  const left = [...tables];
  const ordered: Table[] = [];
  while (left.length > 0) {
    const free = left.findIndex((table) => !left.some((other) => other !== table && refersTo(other, table)));
    ordered.push(...left.splice(Math.max(free, 0), 1));
  }
  return ordered;
}

function refersTo({ foreignKeys = [] }: Table, table: Table): boolean {
  return foreignKeys.some(({ refSchema, refTable }) => sameTable({ schema: refSchema, nativeName: refTable }, table));
}
