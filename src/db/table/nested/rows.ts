import { Fault } from "../../../contract/fault.ts";
import { planInsert } from "../../plan/insert.ts";
import type { Assignment, InsertPlan } from "../../plan/plan.ts";
import type { KeyLookup } from "../../plan/read.ts";
import { planReturning, planSet, type Record_, withAutomatic } from "../../plan/write.ts";
import { isMadeByDatabase, keyOf } from "./keys.ts";
import { checkedLinks } from "./linkable.ts";
import type { KeyPart, RowWrite } from "./plan.ts";
import { demandChange, demandCreate, rightsOn } from "./rights.ts";
import { saidOf, withoutColumns } from "./said.ts";
import type { PlanRow, RowSaid, Spot } from "./spot.ts";

/** The row of a related record: one without a key is new, one with it is changed. */
export const planRelatedRow: PlanRow = (said, spot) => {
  const key = keyOf(said.plain, spot);
  if (key === undefined || isSurelyNew(key, spot)) return newRow(said, spot);
  if (isMadeByDatabase(key)) return changedRow(said, key, spot);
  return changedOrNewRow(said, key, spot);
};

/** Nothing can hang on a new record yet. */
function isSurelyNew(key: readonly KeyPart[], { isFresh }: Spot): boolean {
  return isFresh && key.some((part) => part.value === undefined);
}

function newRow(said: RowSaid, spot: Spot) {
  demandCreate(spot.on, spot.scope.table);
  return { scope: spot.scope, create: planNew(said, spot), linked: said.linked, returning: [] };
}

function planNew(said: RowSaid, spot: Spot): InsertPlan {
  const { query, scope } = spot;
  const key = checkedLinks(said, spot, "insert");
  return planInsert(ownFields(said, spot), query, scope, { key });
}

/** What the record says itself, and nobody else gives it. */
function ownFields({ plain, links }: RowSaid, { scope }: Spot): Record_ {
  const others = links.map((each) => each.column);
  return withoutColumns(plain, others, scope);
}

function changedRow(said: RowSaid, key: readonly KeyPart[], spot: Spot): RowWrite {
  demandChange(spot.on, spot.scope.table);
  const known = { key, deed: { kind: "change", set: planChange(said, spot) } } as const;
  return { scope: spot.scope, known, linked: said.linked, returning: [] };
}

/** What a change sets, which may be nothing. */
export function planChange(said: RowSaid, spot: Spot): readonly Assignment[] {
  const { query, scope } = spot;
  const links = checkedLinks(said, spot, "update");
  const set = [...links, ...planSet(ownFields(said, spot), query, scope)];
  return set.length > 0 ? withAutomatic(set, scope) : set;
}

/** A key that no database makes may be that of a row which is to be made. */
function changedOrNewRow(said: RowSaid, key: readonly KeyPart[], spot: Spot): RowWrite {
  const { mayCreate, mayChange } = rightsOn(spot.on, spot.scope.table);
  if (mayCreate && !mayChange) return newRow(said, spot);
  const changed = changedRow(said, key, spot);
  const saysMore = saysMoreThan(said.plain, key, spot) || key.some((part) => part.value === undefined);
  return mayCreate && saysMore ? { ...changed, create: orFault(() => planNew(said, spot)) } : changed;
}

function saysMoreThan(record: Record_, key: readonly KeyPart[], { scope }: Spot): boolean {
  return scope.table.columns.some(
    (column) => !key.some((part) => part.column === column) && saidOf(record, column, scope) !== undefined,
  );
}

function orFault<T>(work: () => T): T | Fault {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** Plans the insert of a record itself, some columns of which have values already. */
export type PlanInsert = (record: Record_, links: readonly Assignment[]) => InsertPlan;

/** The row of a POST. */
export function planCreatedRow(planInsertOf: PlanInsert): PlanRow {
  return (said, spot) => {
    const create = planInsertOf(ownFields(said, spot), checkedLinks(said, spot, "insert"));
    return { scope: spot.scope, create, linked: said.linked, returning: create.returning };
  };
}

/** The row of a PUT or PATCH that a lookup of one key names; it is made when there is none, where that is allowed. */
export function planChangedRow({ columns, keys }: KeyLookup): PlanRow {
  return (said, spot) => {
    const { on, scope } = spot;
    const key = columns.map((column, index) => ({ column, value: keys[0]?.[index] ?? null }));
    const set = planChange(said, spot);
    const making = { ...said, plain: withoutColumns(said.plain, columns, scope), links: [...key, ...said.links] };
    return {
      scope,
      known: { key, deed: { kind: "change", set } },
      ...(on.allowUpsert && {
        create: orFault(() => newRow(making, spot).create),
      }),
      linked: said.linked,
      returning: planReturning(on.query, scope),
    };
  };
}

/** Whether the row is certainly made by this request. */
export function isNew({ known, create }: RowWrite): boolean {
  return known === undefined && create !== undefined && !(create instanceof Fault) && !create.upsert;
}
