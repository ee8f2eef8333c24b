import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import { type Column, findColumn, findRelation, findSaidField, findSaidRelation, type Table } from "../catalog.ts";
import type { EditMode, ExtrasEdit } from "../extras/edit.ts";
import { splitField, splitRelation, splitTable, withoutKeptType } from "../extras/split.ts";
import { shown, UnknownName } from "../plan/names.ts";
import { foreignKeyOn, planField } from "./alter-field.ts";
import type { SchemaChange } from "./change.ts";
import { readColumn } from "./new-column.ts";
import { keptName } from "./place.ts";
import { type Design, isSameKey, readReference } from "./reference.ts";
import { demandEnds, type PlacedColumn, planForeignKey, planNewRelation } from "./relation-plan.ts";
import { listOf, nameOf } from "./said.ts";

/** What an existing table is planned with. */
export interface Alteration {
  readonly table: Table;
  readonly design: Design;
  readonly edit: ExtrasEdit;
  readonly mode: EditMode;
}

/** Plans what is said of a table that stands. With `replace`, fields that are not said are dropped. */
export function planAlter(said: JsonObject, on: Alteration): readonly SchemaChange[] {
  const { table, design, edit, mode } = on;
  const { extras, rest } = splitTable(said);
  edit.putTable(keptName(design.catalog, table), extras, mode);
  const fields = listOf(rest, "field", "field");
  const changed = fields?.flatMap((field) => planAnyField(field, on)) ?? [];
  const dropped = mode === "replace" && fields !== undefined ? planMissing(fields, on) : [];
  const related = (listOf(rest, "related", "relationship") ?? []).flatMap((each) => planRelation(each, on));
  return demandTable([...dropped, ...changed, ...related], table);
}

/** Millrace may know more of a view, but nothing changes what it is. */
function demandTable(changes: readonly SchemaChange[], table: Table): readonly SchemaChange[] {
  if (table.isView && changes.length > 0)
    throw new Fault("bad_request", `'${table.name}' is a view: its fields can not be changed.`);
  return changes;
}

/** Plans new fields, or those of the names said: `isNew` and `isKnown` say which may be. */
export function planFields(
  fields: readonly JsonObject[],
  on: Alteration,
  may: { readonly create: boolean; readonly change: boolean },
): readonly SchemaChange[] {
  for (const field of fields) {
    const name = nameOf(field, "field");
    const column = findSaidField(on.design.catalog, on.table, name);
    if (column && !may.change)
      throw new UnknownName("conflict", `Field '${shown(name)}' already exists in table '${on.table.name}'.`);
    if (!column && !may.create) throw unknownField(name, on.table);
  }
  return demandTable(
    fields.flatMap((field) => planAnyField(field, on)),
    on.table,
  );
}

function unknownField(name: string, table: Table): Fault {
  return new UnknownName("not_found", `Field '${shown(name)}' does not exist in table '${table.name}'.`);
}

function planAnyField(said: JsonObject, on: Alteration): readonly SchemaChange[] {
  const { table, design, edit, mode } = on;
  const name = nameOf(said, "field");
  const column = findSaidField(design.catalog, table, name);
  const { extras, rest, isVirtual } = splitField(said, column?.isVirtual);
  if (column && isVirtual !== (column.isVirtual ?? false))
    throw new Fault("bad_request", `Field '${shown(name)}' exists: whether it is virtual can not be changed.`);
  edit.putField(keptName(design.catalog, table), column?.nativeName ?? name, extras, mode);
  if (isVirtual) return [];
  return column ? planField(column, withoutKeptType(rest, column), table, design) : planNew(rest, table, design);
}

function planNew(said: JsonObject, table: Table, design: Design): readonly SchemaChange[] {
  const { column, isKey, isUnique, isIndexed, foreignKey } = readColumn(said, design);
  if (isKey)
    throw new Fault("bad_request", `Field '${shown(column.name)}': the primary key of a table can not be changed.`);
  const index = isUnique || isIndexed ? [{ columns: [column.name], unique: isUnique }] : [];
  return [
    { kind: "addColumn", table, column },
    ...index.map((each): SchemaChange => ({ kind: "addIndex", table, index: each })),
    ...(foreignKey ? [{ kind: "addForeignKey", table, foreignKey } as const] : []),
  ];
}

function planMissing(fields: readonly JsonObject[], on: Alteration): readonly SchemaChange[] {
  const { table, design } = on;
  const said = new Set(fields.map((field) => findSaidField(design.catalog, table, nameOf(field, "field"))));
  const missing = [...table.columns, ...(table.aggregates ?? [])].filter((column) => !said.has(column));
  return planDropFields(missing, on);
}

/** Plans to drop columns, with the foreign keys and indexes that are theirs alone. Raises `bad_request` for the last one. */
export function planDropFields(
  columns: readonly Column[],
  { table, design, edit }: Alteration,
): readonly SchemaChange[] {
  const kept = keptName(design.catalog, table);
  for (const { nativeName } of columns) edit.dropField(kept, nativeName);
  const real = columns.filter((column) => !column.isVirtual);
  const key = real.find((column) => column.isKey);
  if (key) throw new Fault("bad_request", `Field '${key.name}' is in the primary key, and can not be dropped.`);
  if (real.length > 0 && table.columns.every((column) => column.isVirtual || real.includes(column)))
    throw new Fault("bad_request", `Table '${table.name}' needs at least one field.`);
  const isGone = (name: string) => real.some(({ nativeName }) => nativeName === name);
  const foreignKeys = (table.foreignKeys ?? []).filter((each) => each.columns.some(isGone));
  const changes: readonly SchemaChange[] = [
    ...foreignKeys.map((foreignKey) => ({ kind: "dropForeignKey", table, foreignKey }) as const),
    ...table.indexes
      .filter(({ columns: [only = "", ...more], primary }) => more.length === 0 && isGone(only) && !primary)
      .map((index) => ({ kind: "dropIndex", table, index }) as const),
    ...real.map(({ nativeName: column }) => ({ kind: "dropColumn", table, column }) as const),
  ];
  return demandTable(changes, table);
}

/** Plans a relationship of a table that stands: a new one, or what is said of one that there is. */
export function planRelation(said: JsonObject, on: Alteration, isNew = false): readonly SchemaChange[] {
  const { table, design, edit, mode } = on;
  const kept = keptName(design.catalog, table);
  const stands = typeof said.name === "string" ? findSaidRelation(table, said.name) : undefined;
  if (stands && isNew)
    throw new UnknownName("conflict", `Relationship '${stands.name}' already exists in table '${table.name}'.`);
  const place = { design, edit, kept, columns: placedColumns(table), mode };
  if (stands === undefined) {
    const foreignKey = planNewRelation(said, place);
    return foreignKey ? replaceKey(foreignKey, said, on) : [];
  }
  const { extras, rest, isVirtual } = splitRelation(said, stands.isVirtual);
  if (isVirtual) demandEnds(extras, stands.ownName ?? stands.name, design);
  edit.putRelation(kept, stands.ownName ?? stands.name, extras, mode);
  const isReal = !isVirtual && stands.kind === "belongs_to" && readReference(rest) !== undefined;
  return isReal
    ? replaceKey(planForeignKey({ field: stands.fields.join(","), ...rest, type: "belongs_to" }, place), said, on)
    : [];
}

function placedColumns({ columns }: Table): readonly PlacedColumn[] {
  return columns.map(({ nativeName, name }) => ({ name: nativeName, served: name }));
}

function replaceKey(
  foreignKey: ReturnType<typeof planForeignKey>,
  said: JsonObject,
  { table }: Alteration,
): readonly SchemaChange[] {
  const old = foreignKeyOn(table, foreignKey.columns);
  const reference = readReference(said);
  if (old && reference && isSameKey(old, foreignKey, reference)) return [];
  return [
    ...(old ? [{ kind: "dropForeignKey", table, foreignKey: old } as const] : []),
    { kind: "addForeignKey", table, foreignKey },
  ];
}

/** Plans to drop a relationship. Raises `bad_request` for one that follows from another table's foreign key. */
export function planDropRelation(name: string, { table, design, edit }: Alteration): readonly SchemaChange[] {
  const relation = findRelation(table, name);
  if (relation === undefined)
    throw new UnknownName("not_found", `Relationship '${shown(name)}' does not exist in table '${table.name}'.`);
  edit.dropRelation(keptName(design.catalog, table), relation.ownName ?? relation.name);
  if (relation.isVirtual) return [];
  const columns = relation.fields.map((field) => findColumn(design.catalog, table, field)?.nativeName ?? field);
  const foreignKey = relation.kind === "belongs_to" ? foreignKeyOn(table, columns) : undefined;
  if (foreignKey === undefined)
    throw new Fault(
      "bad_request",
      `The relationship '${relation.name}' follows from the foreign key of another table.`,
    );
  return demandTable([{ kind: "dropForeignKey", table, foreignKey }], table);
}
