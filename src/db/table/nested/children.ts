import { Fault } from "../../../contract/fault.ts";
import type { Json } from "../../../contract/json.ts";
import type { Column } from "../../catalog.ts";
import type { Record_ } from "../../plan/write.ts";
import { takeRoom } from "./budget.ts";
import { given, keyOf, toFill } from "./keys.ts";
import { readFarRecord } from "./links.ts";
import type { Child, Deed, KeyPart, RowWrite } from "./plan.ts";
import { demandChange, demandRemove, relatedScope } from "./rights.ts";
import { planChange, planRelatedRow } from "./rows.ts";
import { demandList, type SaidRelation, saidOf, type Way, wayOf, withoutColumns } from "./said.ts";
import type { PlanRow, RowSaid, Spot } from "./spot.ts";

/** Reads the records that belong to another one, as one relationship of it says them. */
export function readChildren(said: SaidRelation, spot: Spot): readonly Child[] {
  const way = wayOf(said, spot);
  const { kind } = said.relation;
  takeRoom(spot.budget, Array.isArray(said.value) ? said.value.length : 1);
  if (kind === "has_one") return readOnlyChild(said.value, way, spot);
  const list = demandList(said.value, way.place);
  if (kind === "has_many") return list.map((item, index) => readChild(item, way, childSpot(way, spot, index)));
  return list.map((item, index) =>
    readFarRecord(item, said.relation, { way, spot, below: childSpot(way, spot, index) }),
  );
}

/** The record at a place of a list, or the only one. */
function childSpot({ refTable, refFields, place }: Way, spot: Spot, index?: number): Spot {
  const at = index === undefined ? place : `${place}.${index}`;
  const scope = relatedScope(spot.on, refTable, at);
  return { ...spot, scope, place: at, depth: spot.depth + 1, linked: refFields };
}

function readChild(item: Json, { fields, refFields }: Way, spot: Spot): Child {
  return { fields, columns: refFields, record: spot.read(item, spot, planChild) };
}

function readOnlyChild(value: Json, way: Way, spot: Spot): readonly Child[] {
  const below = childSpot(way, spot);
  if (value !== null) return [readChild(value, way, below)];
  // A record that is new has none that could be taken from it.
  return spot.isFresh ? [] : [{ fields: way.fields, columns: way.refFields, record: noChild(below) }];
}

function noChild(spot: Spot) {
  const { scope, linked, place } = spot;
  const known = { key: given(linked), deed: withOwnFields(partingFrom(spot), NOTHING_SAID, spot) };
  const row: RowWrite = { scope, known, mayMiss: true, linked: [], returning: [] };
  return { place, owners: [], row, children: [] };
}

const NOTHING_SAID: RowSaid = { plain: {}, links: [], linked: [] };

/** A child that says its key, and null for what it refers to its parent by, is taken from it. */
const planChild: PlanRow = (said, spot) => {
  const key = keyOf(said.plain, spot);
  if (key === undefined || !isParting(said.plain, key, spot)) return planRelatedRow(said, spot);
  const deed = partingFrom(spot);
  if (deed.kind === "refuse") throw deed.fault;
  const rest = given(spot.linked.filter((column) => !key.some((part) => part.column === column)));
  const known = { key: [...key, ...rest], deed: withOwnFields(deed, said, spot) };
  const linked = said.linked.filter((column) => !spot.linked.includes(column));
  return { scope: spot.scope, known, linked, returning: [] };
};

function isParting(record: Record_, key: readonly KeyPart[], { scope, linked }: Spot): boolean {
  const saysKey = key.some((part) => part.value !== undefined);
  return saysKey && linked.some((column) => saidOf(record, column, scope) === null);
}

/** How a child is taken from its parent: its reference becomes null, or it is deleted where that can not be. */
function partingFrom(spot: Spot): Deed {
  const { on, scope, linked, place } = spot;
  const free = linked.filter((column) => column.allowNull && !column.isKey);
  if (free.length > 0) {
    demandChange(on, scope.table);
    return { kind: "change", set: toFill(free) };
  }
  if (!on.query.allowRelatedDelete) return { kind: "refuse", fault: needsParent(place, linked) };
  demandRemove(on, scope.table);
  return { kind: "remove" };
}

/** What else it says, and whom else it belongs to, is written with it. */
function withOwnFields(deed: Deed, { plain, links, linked }: RowSaid, spot: Spot): Deed {
  if (deed.kind !== "change") return deed;
  const others = {
    plain: withoutColumns(plain, spot.linked, spot.scope),
    links: [...deed.set, ...links.filter(({ column }) => !spot.linked.includes(column))],
    linked: linked.filter((column) => !spot.linked.includes(column)),
  };
  return { kind: "change", set: planChange(others, spot) };
}

function needsParent(place: string, columns: readonly Column[]): Fault {
  const names = columns.map((column) => `'${column.name}'`).join(", ");
  const message = `Field '${place}' can not do without its parent, as ${names} can not be NULL: with 'allow_related_delete=true' it is deleted.`;
  return new Fault("bad_request", message);
}
