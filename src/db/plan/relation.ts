import { Fault } from "../../contract/fault.ts";
import { type Catalog, type Column, findRelation, findTable, type Relation, type Table } from "../catalog.ts";
import { demandColumn, demandTable, shown, UnknownName } from "./names.ts";
import type { Hop } from "./plan.ts";
import type { Scope } from "./scope.ts";

/** The way along relationships, and what is resolved at its end. */
export interface Way {
  readonly relations: readonly Relation[];
  readonly hops: readonly Hop[];
  readonly scope: Scope;
}

/** The relationship that the first of some names lead to, and the names behind it. */
export interface Step {
  readonly relation: Relation;
  readonly rest: readonly string[];
}

/** How many relationships may follow each other. */
export const MAX_DEPTH = 8;

/** Follows relationships by their names. Raises `bad_request` for one that is unknown, `forbidden` for a table that may not be read. */
export function followPath(names: readonly string[], scope: Scope): Way {
  let way: Way = { relations: [], hops: [], scope };
  for (let rest = names; rest.length > 0; ) {
    const step = findStep(rest, way.scope);
    if (step === undefined) throw unknownRelation(names);
    if (way.relations.length === MAX_DEPTH) throw tooDeep(names);
    const next = followRelation(step.relation, way.scope);
    way = { ...next, relations: [...way.relations, step.relation], hops: [...way.hops, ...next.hops] };
    rest = step.rest;
  }
  return way;
}

/** One relationship. Raises `forbidden` when one of its tables may not be read, `bad_request` when it leads to another service. */
export function followRelation(relation: Relation, scope: Scope): Way {
  if (isForeign(relation))
    throw new Fault(
      "bad_request",
      `Relationship '${relation.name}' leads to another service, which can not be used here.`,
    );
  const table = findTable(scope.catalog, relation.refTable);
  if (table === undefined) throw unknownRelation([relation.name]);
  const there = scopeAt(scope, table);
  there.demandOwnRead();
  return { relations: [relation], hops: hopsOf(relation, scope, there), scope: there };
}

/** Whether a part of the relationship stands in another service. */
export function isForeign({ refService, junctionService }: Relation): boolean {
  return refService !== undefined || junctionService !== undefined;
}

/** Whether the relationship leads to many rows. */
export function leadsToMany({ kind }: Relation): boolean {
  return kind === "has_many" || kind === "many_many";
}

/** What is resolved against another table of the same catalog, under its own rules for the caller. */
export function scopeAt(scope: Scope, table: Table): Scope {
  const { place: _place, ...rest } = scope;
  return { ...rest, table, rows: undefined, mayRead: true, demandOwnRead: () => scope.demandRead(table) };
}

/**
 * The relationship that the names begin with. Its name may hold dots, and then takes several; the name of the other table
 * does as well, where only one relationship leads there that the caller may follow. Raises `bad_request` where several do.
 */
export function findStep(names: readonly string[], scope: Scope): Step | undefined {
  for (const find of [findRelation, findByOwnName, (_: Table, name: string) => findByTable(name, scope)]) {
    for (let length = names.length; length > 0; length--) {
      const relation = find(scope.table, names.slice(0, length).join("."));
      if (relation !== undefined) return { relation, rest: names.slice(length) };
    }
  }
  return undefined;
}

/** An alias does not take the name away that a relationship has of itself. */
function findByOwnName({ relations }: Table, name: string): Relation | undefined {
  const folded = name.toLowerCase();
  return relations.find(({ ownName }) => ownName?.toLowerCase() === folded);
}

function findByTable(name: string, scope: Scope): Relation | undefined {
  const fold = scope.catalog.foldTable;
  const leading = scope.table.relations.filter(
    (relation) => fold(relation.refTable) === fold(name) && mayFollow(relation, scope),
  );
  if (leading.length < 2) return leading[0];
  const names = leading
    .map((relation) => `'${relation.name}'`)
    .sort()
    .join(", ");
  throw new Fault("bad_request", `Several relationships lead to '${shown(name)}': name one of ${names}.`);
}

/** Whether the caller may read the tables of a relationship. Of another service only that one can tell. */
export function mayFollow(relation: Relation, scope: Scope): boolean {
  if (isForeign(relation)) return true;
  try {
    followRelation(relation, scope);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

export function unknownRelation(names: readonly string[]): Fault {
  return new UnknownName("bad_request", `Invalid relationship requested: '${shown(names.join("."))}'.`);
}

export function tooDeep(names: readonly string[]): Fault {
  return new Fault(
    "bad_request",
    `Relationships may follow each other ${MAX_DEPTH} times at most: '${shown(names.join("."))}'.`,
  );
}

function hopsOf(relation: Relation, from: Scope, to: Scope): readonly Hop[] {
  const { catalog } = from;
  const { junction } = relation;
  const start = columnsOf(catalog, from.table, relation.fields);
  const end = columnsOf(catalog, to.table, relation.refFields);
  if (junction === undefined) return [hop(to, start, end)];
  const between = scopeAt(from, demandTable(catalog, junction.table));
  between.demandOwnRead();
  const near = columnsOf(catalog, between.table, junction.fields);
  const far = columnsOf(catalog, between.table, junction.refFields);
  return [hop(between, start, near), hop(to, far, end)];
}

function hop({ table, rows }: Scope, fields: readonly Column[], refFields: readonly Column[]): Hop {
  return { table, fields, refFields, where: rows };
}

function columnsOf(catalog: Catalog, table: Table, names: readonly string[]): readonly Column[] {
  return names.map((name) => demandColumn(catalog, table, name));
}
