import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { ExtrasEdit } from "../extras/edit.ts";
import { splitField, splitTable } from "../extras/split.ts";
import { shown } from "../plan/names.ts";
import type { CreateTable, NewIndex, TableName } from "./change.ts";
import { type ReadColumn, readColumn } from "./new-column.ts";
import { keptName, placeOf } from "./place.ts";
import type { Design } from "./reference.ts";
import { planNewRelation } from "./relation-plan.ts";
import { listOf, nameOf } from "./said.ts";

/** Plans a new table, and what Millrace is to keep of it. Raises `bad_request` that names the field. */
export function planCreate(said: JsonObject, design: Design, edit: ExtrasEdit): CreateTable {
  const name = nameOf(said, "table");
  const { extras, rest } = splitTable(said);
  const table = placeOf(design.catalog, name);
  const kept = keptName(design.catalog, table);
  edit.dropTable(kept);
  edit.putTable(kept, extras, "replace");
  const fields = listOf(rest, "field", "field") ?? [];
  const keep: Keep = (field, its) => edit.putField(kept, field, its, "replace");
  const columns = readColumns(fields, name, withSelf({ fields, name, table }, design), keep);
  const change = createOf(table, columns);
  return withRelations(change, rest, { design, edit, kept });
}

function createOf(table: TableName, columns: readonly ReadColumn[]): CreateTable {
  const key = columns.filter((each) => each.isKey).map(({ column }) => column.name);
  return {
    kind: "createTable",
    table,
    columns: columns.map((each) => each.column),
    key,
    indexes: columns.flatMap((each) => indexesOf(each, key)),
    foreignKeys: columns.flatMap(({ foreignKey }) => foreignKey ?? []),
  };
}

interface Draft {
  readonly fields: readonly JsonObject[];
  readonly name: string;
  readonly table: TableName;
}

/** A table that refers to itself refers to those of its fields that do not. */
function withSelf({ fields, name, table }: Draft, design: Design): Design {
  const own = design.catalog.foldTable(name);
  const isSelf = ({ ref_table }: JsonObject) =>
    typeof ref_table === "string" && design.catalog.foldTable(ref_table) === own;
  const others = fields.filter((field) => !isSelf(field));
  if (others.length === fields.length || others.length === 0) return design;
  const change = createOf(
    table,
    readColumns(others, name, design, () => undefined),
  );
  return { ...design, planned: new Map([...design.planned, [own, change]]) };
}

type Keep = (field: string, extras: JsonObject) => void;

function readColumns(fields: readonly JsonObject[], table: string, design: Design, keep: Keep): readonly ReadColumn[] {
  const taken = new Set<string>();
  const columns = fields.flatMap((field) => {
    const name = nameOf(field, "field");
    const { extras, rest, isVirtual } = splitField(field);
    const folded = design.catalog.foldColumn(name);
    if (taken.has(folded))
      throw new Fault("bad_request", `Table '${shown(table)}' has the field '${shown(name)}' twice.`);
    taken.add(folded);
    keep(name, extras);
    return isVirtual ? [] : [readColumn(rest, design)];
  });
  if (columns.length === 0) throw new Fault("bad_request", `Table '${shown(table)}' needs at least one field.`);
  if (columns.filter(({ column }) => column.autoIncrement).length > 1)
    throw new Fault("bad_request", `Table '${shown(table)}' can have only one field that the database counts up.`);
  return columns;
}

/** The key needs no index of its own. */
function indexesOf({ column, isUnique, isIndexed }: ReadColumn, key: readonly string[]): readonly NewIndex[] {
  const isKey = key.length === 1 && key[0] === column.name;
  return (isUnique || isIndexed) && !isKey ? [{ columns: [column.name], unique: isUnique }] : [];
}

interface Surroundings {
  readonly design: Design;
  readonly edit: ExtrasEdit;
  readonly kept: string;
}

function withRelations(change: CreateTable, rest: JsonObject, { design, edit, kept }: Surroundings): CreateTable {
  const self = new Map([...design.planned, [design.catalog.foldTable(kept), change]]);
  const foreignKeys = (listOf(rest, "related", "relationship") ?? []).flatMap(
    (said) =>
      planNewRelation(said, { design: { ...design, planned: self }, edit, kept, columns: change.columns }) ?? [],
  );
  return { ...change, foreignKeys: [...change.foreignKeys, ...foreignKeys] };
}
