import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { type Catalog, type Column, type ForeignKeyFacts, findColumn, findTable, type Table } from "../catalog.ts";
import { shown, UnknownName } from "../plan/names.ts";
import type { SimpleType } from "../types.ts";
import type { CreateTable, DefinedType, NewForeignKey, NewType, TableName } from "./change.ts";
import { seesTable } from "./describe.ts";
import { familyOf } from "./new-type.ts";
import { namesOf } from "./said.ts";

/** What the planning of a change of the schema goes by. */
export interface Design {
  readonly access: Access;
  readonly catalog: Catalog;
  /** Tables that the same request makes, by their folded names. */
  readonly planned: ReadonlyMap<string, CreateTable>;
  /** What is wrong with what is to be kept, as far as planning finds it. */
  readonly problems: string[];
  /** The simple type that one reads back as. */
  readonly storedAs: (type: DefinedType) => SimpleType;
  /** Whether a text names a type of the database. */
  readonly isType: (native: string) => boolean;
}

/** A foreign key as a request says it. */
export interface SaidReference {
  readonly table: string;
  readonly fields: readonly string[];
  readonly onUpdate: string | null | undefined;
  readonly onDelete: string | null | undefined;
}

const ACTIONS: readonly string[] = ["CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"];

/** What a field or relationship refers to; `undefined` when it names no table. Raises `bad_request`. */
export function readReference(said: JsonObject): SaidReference | undefined {
  const { ref_table: table } = said;
  if (table === undefined || table === null || table === "") return undefined;
  return {
    table: String(table),
    fields: namesOf(said.ref_field ?? said.ref_fields),
    onUpdate: actionOf(said, "ref_on_update"),
    onDelete: actionOf(said, "ref_on_delete"),
  };
}

function actionOf(said: JsonObject, property: "ref_on_update" | "ref_on_delete"): string | null | undefined {
  const value = said[property];
  if (value === undefined || value === null || value === "") return value === undefined ? undefined : null;
  const action = String(value).trim().toUpperCase().replaceAll("_", " ");
  if (ACTIONS.includes(action)) return action;
  throw new Fault(
    "bad_request",
    `Field '${shown(String(said.name ?? said.field))}': '${property}' must be one of ${ACTIONS.join(", ")}.`,
  );
}

/** The end of a foreign key: where it leads, and the types of what it leads to. */
export interface Target {
  readonly table: TableName;
  readonly columns: readonly { readonly name: string; readonly type: NewType }[];
}

/** Finds what is referred to. A table that the caller may not know of does not exist. Raises `bad_request`. */
export function targetOf({ table: name, fields }: SaidReference, design: Design): Target {
  const { catalog, access, planned } = design;
  const change = planned.get(catalog.foldTable(name));
  if (change !== undefined) return plannedTarget(change, name, fields, design);
  const table = seesTable(name, access) ? findTable(catalog, name) : undefined;
  if (table === undefined || table.isView) throw unknownTable(name);
  const columns = fields.length > 0 ? fields.map((each) => demandField(design, table, each)) : table.key;
  if (columns.length === 0)
    throw new Fault("bad_request", `Table '${table.name}' has no key: 'ref_field' must be said.`);
  return { table, columns: columns.map((column) => ({ name: column.nativeName, type: sameType(column, design) })) };
}

function unknownTable(name: string): Fault {
  return new UnknownName(
    "bad_request",
    `The table '${shown(name)}' that is referred to does not exist in the database.`,
  );
}

function plannedTarget(change: CreateTable, name: string, fields: readonly string[], { catalog }: Design): Target {
  const wanted = fields.length > 0 ? fields : change.key;
  const columns = wanted.map((field) => {
    const folded = catalog.foldColumn(field);
    const column = change.columns.find((each) => catalog.foldColumn(each.name) === folded);
    if (column === undefined) throw unknownField(field, name);
    return { name: column.name, type: column.type };
  });
  if (columns.length === 0)
    throw new Fault("bad_request", `Table '${shown(name)}' has no key: 'ref_field' must be said.`);
  return { table: change.table, columns };
}

function demandField({ catalog }: Design, table: Table, name: string): Column {
  const column = findColumn(catalog, table, name);
  if (column === undefined) throw unknownField(name, table.name);
  return column;
}

function unknownField(field: string, table: string): Fault {
  return new UnknownName(
    "bad_request",
    `The field '${shown(field)}' that is referred to does not exist in table '${shown(table)}'.`,
  );
}

/** A type that can hold the values of a column that stands. */
function sameType(column: Column, { isType }: Design): NewType {
  const simple: DefinedType = column.family === "integer" ? (isWide(column) ? "bigint" : "integer") : "string";
  const sizes = { length: column.length, precision: null, scale: null, fixedLength: false, multibyte: false };
  if (isType(column.dbType)) return { simple, native: column.dbType, family: column.family, ...sizes };
  return { simple, family: familyOf(simple), ...sizes };
}

function isWide({ range }: Column): boolean {
  return range !== undefined && range[1] > 2n ** 32n;
}

/** The foreign key of these columns to the target. Raises `bad_request` when they do not pair up. */
export function foreignKeyOf(columns: readonly string[], said: SaidReference, target: Target): NewForeignKey {
  if (columns.length !== target.columns.length)
    throw new Fault(
      "bad_request",
      `A reference to '${shown(said.table)}' takes ${target.columns.length} fields, not ${columns.length}.`,
    );
  return {
    columns,
    refTable: { schema: target.table.schema, nativeName: target.table.nativeName },
    refColumns: target.columns.map(({ name }) => name),
    onUpdate: said.onUpdate ?? null,
    onDelete: said.onDelete ?? null,
  };
}

/** Whether a foreign key that stands is already what is said; an action that is not said may be any. */
export function isSameKey(key: ForeignKeyFacts, wanted: NewForeignKey, said: SaidReference): boolean {
  const isSame = (one: readonly string[], other: readonly string[]) => one.join("\0") === other.join("\0");
  return (
    key.refSchema === wanted.refTable.schema &&
    key.refTable === wanted.refTable.nativeName &&
    isSame(key.columns, wanted.columns) &&
    isSame(key.refColumns, wanted.refColumns) &&
    isSameAction(key.onUpdate, said.onUpdate) &&
    isSameAction(key.onDelete, said.onDelete)
  );
}

function isSameAction(stands: string | null, said: string | null | undefined): boolean {
  return said === undefined || (stands ?? "NO ACTION") === (said ?? "NO ACTION");
}
