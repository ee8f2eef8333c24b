import { Fault } from "../../../contract/fault.ts";
import type { Json } from "../../../contract/json.ts";
import type { Column } from "../../catalog.ts";
import { withColumns } from "../../plan/read.ts";
import type { TableCall } from "../context.ts";
import { budgetOf } from "./budget.ts";
import { readChildren } from "./children.ts";
import { demandHandedOver } from "./handed-over.ts";
import { toFill } from "./keys.ts";
import { readOwner, type SaidOwner } from "./owners.ts";
import { readInPlace } from "./place.ts";
import type { NestedRecord } from "./plan.ts";
import { isNew } from "./rows.ts";
import { demandObject, type SaidRelation, splitRecord } from "./said.ts";
import type { PlanRow, Spot } from "./spot.ts";

/** Records may stand inside of each other so many times. */
const MOST_DEPTH = 8;

/** Reads the record of a request with those that it holds, and plans its row. Nothing is written. Raises `bad_request` and `forbidden`. */
export function readOutermost(on: TableCall, record: Json, plan: PlanRow): NestedRecord {
  const query = { ...on.query, fields: undefined, ids: undefined, idField: undefined, where: undefined, upsert: false };
  const budget = budgetOf(on.call);
  const top = { place: "", depth: 0, linked: [], isFresh: false };
  return readNested(record, { on, query, scope: on.scope, ...top, budget, read: readNested }, plan);
}

function readNested(record: Json, spot: Spot, plan: PlanRow): NestedRecord {
  const { plain, relations } = splitRecord(demandObject(record, spot.place), spot.scope);
  if (relations.length > 0) demandDepth(spot);
  const owners = relations.filter(isOwner).map((said) => readOwner(said, plain, spot));
  const row = readInPlace(spot.place, () => plan({ plain, ...linksOf(owners, spot) }, spot));
  const others = relations.filter((said) => !isOwner(said));
  if (row.known?.deed.kind === "remove" && relations.length > 0) throw holdsOthers(spot);
  const below = { ...spot, isFresh: isNew(row) };
  const children = others.flatMap((said) => readChildren(said, below));
  const needed = children.flatMap((child) => child.fields);
  demandHandedOver(row, needed);
  return {
    place: spot.place,
    owners: owners.flatMap((owner) => owner.owner ?? []),
    row: { ...row, returning: withColumns(row.returning, [...new Set(needed)]) },
    children,
  };
}

function isOwner({ relation }: SaidRelation): boolean {
  return relation.kind === "belongs_to";
}

/** Raises `bad_request` for a column that two others would give a value. */
function linksOf(owners: readonly SaidOwner[], { linked, place }: Spot) {
  const taken = new Set<Column>(linked);
  for (const { links, name } of owners) {
    const twice = links.find(({ column }) => taken.has(column));
    if (twice) throw twiceGiven(place === "" ? name : `${place}.${name}`, twice.column);
    for (const { column } of links) taken.add(column);
  }
  const late = owners.flatMap((said) => said.owner?.columns ?? []);
  return {
    links: [...toFill(linked), ...owners.flatMap((said) => said.links)],
    linked: [...linked, ...late],
  };
}

function twiceGiven(place: string, column: Column): Fault {
  return new Fault("bad_request", `Field '${place}' can not be set: another record gives '${column.name}' its value.`);
}

function demandDepth({ depth, place }: Spot): void {
  if (depth < MOST_DEPTH) return;
  throw new Fault("bad_request", `Field '${place}' holds related records deeper than ${MOST_DEPTH} levels.`);
}

function holdsOthers({ place }: Spot): Fault {
  return new Fault("bad_request", `Field '${place}' is to be deleted: it can not hold related records.`);
}
