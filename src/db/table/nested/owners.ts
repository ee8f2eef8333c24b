import { Fault } from "../../../contract/fault.ts";
import type { Json } from "../../../contract/json.ts";
import { type Column, findColumn } from "../../catalog.ts";
import type { Assignment } from "../../plan/plan.ts";
import { withColumns } from "../../plan/read.ts";
import type { Record_ } from "../../plan/write.ts";
import { checkValue, type Value } from "../../values.ts";
import { takeRoom } from "./budget.ts";
import { demandHandedOver } from "./handed-over.ts";
import { assigned, toFill, valuesSaid } from "./keys.ts";
import type { Owner } from "./plan.ts";
import { relatedScope } from "./rights.ts";
import { planRelatedRow } from "./rows.ts";
import { demandObject, type SaidRelation, saidOf, type Way, wayOf } from "./said.ts";
import type { Spot } from "./spot.ts";

/** What a record says of one that it belongs to. */
export interface SaidOwner {
  readonly name: string;
  /** The foreign key: with its values, or with null where they are known only when the owner is written. */
  readonly links: readonly Assignment[];
  readonly owner?: Owner;
}

/** Reads the record that another one belongs to: null, one that is only named by its key, or one to be written. */
export function readOwner(said: SaidRelation, plain: Record_, spot: Spot): SaidOwner {
  const way = wayOf(said, spot);
  const { name } = said;
  if (said.value === null) return { name, links: noOwner(plain, way, spot) };
  const record = demandObject(said.value, way.place);
  takeRoom(spot.budget, 1);
  const below = ownerSpot(way, spot);
  const values = valuesSaid(record, way.refFields, below);
  if (values && namesOnly(record, below)) {
    demandAgreement(plain, { ...way, values }, spot);
    return { name, links: assigned(way.fields, values) };
  }
  demandAgreement(plain, { ...way, values }, spot);
  return { name, links: toFill(way.fields), owner: writtenOwner(record, way, below) };
}

function ownerSpot({ refTable, place }: Way, spot: Spot): Spot {
  const scope = relatedScope(spot.on, refTable, place);
  return { ...spot, scope, place, depth: spot.depth + 1, linked: [], isFresh: false };
}

function writtenOwner(record: Record_, { fields, refFields }: Way, spot: Spot): Owner {
  const read = spot.read(record, spot, planRelatedRow);
  demandHandedOver(read.row, refFields);
  const row = { ...read.row, returning: withColumns(read.row.returning, refFields) };
  return { columns: fields, fields: refFields, record: { ...read, row } };
}

/** Whether a record says nothing but its key. */
export function namesOnly(record: Record_, { scope: { catalog, table } }: Spot): boolean {
  return Object.keys(record).every((name) => findColumn(catalog, table, name)?.isKey === true);
}

function noOwner(plain: Record_, { fields, place }: Way, spot: Spot): readonly Assignment[] {
  const fixed = fields.find((column) => !column.allowNull);
  if (fixed) throw new Fault("bad_request", `Field '${place}' can not be null: field '${fixed.name}' needs a value.`);
  demandAgreement(plain, { fields, place, values: undefined }, spot);
  return toFill(fields);
}

interface Agreement {
  readonly fields: readonly Column[];
  readonly place: string;
  /** `undefined`: none that could be said. */
  readonly values: readonly Value[] | undefined;
}

/** A record that says its foreign key as well must mean the same record by it. Raises `bad_request`. */
function demandAgreement(plain: Record_, { fields, place, values }: Agreement, { scope }: Spot): void {
  const differs = (column: Column, index: number) => {
    const json: Json = saidOf(plain, column, scope) ?? null;
    if (json === null) return false;
    const said = checkValue(`${scope.place ?? ""}${column.name}`, column, json);
    return values === undefined || String(said) !== String(values[index]);
  };
  const other = fields.find(differs);
  if (other)
    throw new Fault("bad_request", `Fields '${place}' and '${scope.place ?? ""}${other.name}' contradict each other.`);
}
