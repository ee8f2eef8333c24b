import { Fault } from "../../../contract/fault.ts";
import type { Json } from "../../../contract/json.ts";
import { isJsonObject, isRawNumber } from "../../../lib/json.ts";
import { type Column, findColumn, findRelation, type Relation, type Table } from "../../catalog.ts";
import { demandColumn, demandTable, shown } from "../../plan/names.ts";
import { findStep, isForeign } from "../../plan/relation.ts";
import type { Scope } from "../../plan/scope.ts";
import type { Record_ } from "../../plan/write.ts";
import type { TableCall } from "../context.ts";
import type { Spot } from "./spot.ts";

/** What a record says under the name of a relationship. */
export interface SaidRelation {
  readonly relation: Relation;
  /** The name as it was said. */
  readonly name: string;
  readonly value: Json;
}

/** Whether a record holds related ones. */
export function isNested({ scope }: TableCall, record: Record_): boolean {
  if (scope.table.relations.length === 0) return false;
  return Object.entries(record).some(([name, value]) => relationSaid(name, value, scope) !== undefined);
}

/** The relationship of this name, unless it is that of a column. Its short form names one only where it holds records. */
function relationSaid(name: string, value: Json, scope: Scope): Relation | undefined {
  const { catalog, table } = scope;
  if (findColumn(catalog, table, name) !== undefined) return undefined;
  const isShort = typeof value === "object" && value !== null && !isRawNumber(value);
  return findRelation(table, name) ?? (isShort ? findStep([name], scope)?.relation : undefined);
}

/** The fields of a record itself, and the records that it holds. */
export function splitRecord(record: Record_, scope: Scope) {
  const plain: [string, Json][] = [];
  const relations: SaidRelation[] = [];
  for (const [name, value] of Object.entries(record)) {
    const relation = relationSaid(name, value, scope);
    if (relation) relations.push({ relation, name: shown(name), value });
    else plain.push([name, value]);
  }
  return { plain: Object.fromEntries(plain), relations };
}

/** What a record says of a column. */
export function saidOf(record: Record_, column: Column, { catalog, table }: Scope): Json | undefined {
  const name = Object.keys(record).find((each) => findColumn(catalog, table, each) === column);
  return name === undefined ? undefined : record[name];
}

/** A record without what it says of some columns. */
export function withoutColumns(record: Record_, columns: readonly Column[], { catalog, table }: Scope): Record_ {
  if (columns.length === 0) return record;
  const isOther = (name: string) => {
    const column = findColumn(catalog, table, name);
    return column === undefined || !columns.includes(column);
  };
  return Object.fromEntries(Object.entries(record).filter(([name]) => isOther(name)));
}

/** The columns of the two sides of a relationship, and where its records stand. */
export interface Way {
  readonly fields: readonly Column[];
  readonly refFields: readonly Column[];
  readonly refTable: Table;
  readonly place: string;
}

/** Resolves a relationship that a record says. Raises `bad_request` for one that leads to another service. */
export function wayOf({ relation, name }: SaidRelation, { scope, place }: Spot): Way {
  const at = place === "" ? name : `${place}.${name}`;
  const { catalog, table } = scope;
  if (isForeign(relation))
    throw new Fault("bad_request", `Field '${at}' leads to another service: its records can not be written from here.`);
  const refTable = demandTable(catalog, relation.refTable);
  return {
    fields: relation.fields.map((field) => demandColumn(catalog, table, field)),
    refFields: relation.refFields.map((field) => demandColumn(catalog, refTable, field)),
    refTable,
    place: at,
  };
}

/** Raises `bad_request` unless the value is a record. */
export function demandObject(value: Json, place: string): Record_ {
  if (!isJsonObject(value)) throw new Fault("bad_request", `Field '${place}' must be an object.`);
  return value;
}

/** Raises `bad_request` unless the value is a list. */
export function demandList(value: Json, place: string): readonly Json[] {
  if (!Array.isArray(value)) throw new Fault("bad_request", `Field '${place}' must be a list of objects.`);
  return value as readonly Json[];
}
