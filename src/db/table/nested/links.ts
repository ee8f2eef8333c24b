import { Fault } from "../../../contract/fault.ts";
import type { Json } from "../../../contract/json.ts";
import type { Column, Relation, Table } from "../../catalog.ts";
import { planInsert } from "../../plan/insert.ts";
import { demandColumn, demandTable } from "../../plan/names.ts";
import { withColumns } from "../../plan/read.ts";
import type { Record_ } from "../../plan/write.ts";
import type { Value } from "../../values.ts";
import { demandHandedOver } from "./handed-over.ts";
import { assigned, given, toFill, valuesSaid } from "./keys.ts";
import { checkedLinks } from "./linkable.ts";
import { namesOnly } from "./owners.ts";
import type { Child, KeyPart, NestedRecord, Owner, RowWrite } from "./plan.ts";
import { demandCreate, demandRemove, relatedScope } from "./rights.ts";
import { isNew, planRelatedRow } from "./rows.ts";
import { demandObject, type Way } from "./said.ts";
import type { Spot } from "./spot.ts";

interface Through {
  readonly way: Way;
  /** Of the record that is linked from. */
  readonly spot: Spot;
  /** Of the record that is linked to. */
  readonly below: Spot;
}

/** The table between two others. */
interface Junction {
  /** Of a row of it, at the place of the far record. */
  readonly spot: Spot;
  /** What refers to the record that is linked from. */
  readonly near: readonly Column[];
  /** What refers to the record that is linked to. */
  readonly far: readonly Column[];
}

/** Reads a record on the other side of a junction: a child there, which belongs to the far record. */
export function readFarRecord(item: Json, relation: Relation, { way, spot, below }: Through): Child {
  const record = demandObject(item, below.place);
  const { rest, isUnlink } = withoutMarker(record, spot);
  const far = { ...below, linked: [], isFresh: false };
  const values = valuesSaid(rest, way.refFields, far);
  const junction = junctionOf(relation, below);
  const child = { fields: way.fields, columns: junction.near };
  if (isUnlink) return { ...child, record: unlinked(values, junction) };
  if (values && namesOnly(rest, far)) return { ...child, record: linked(junction, { values }) };
  const read = far.read(rest, far, planRelatedRow);
  demandHandedOver(read.row, way.refFields);
  const row = { ...read.row, returning: withColumns(read.row.returning, way.refFields) };
  const owner = { columns: junction.far, fields: way.refFields, record: { ...read, row } };
  return { ...child, record: linked(junction, { owner }) };
}

/** `"orders.id": null` in a product that an order holds says that it is no longer linked to the order. */
function withoutMarker(record: Record_, { scope: { table } }: Spot) {
  const prefix = `${table.name}.`.toLowerCase();
  const isMarker = (name: string) =>
    name.toLowerCase().startsWith(prefix) &&
    table.columns.some((column) => column.name.toLowerCase() === name.slice(prefix.length).toLowerCase());
  const entries = Object.entries(record);
  return {
    rest: Object.fromEntries(entries.filter(([name]) => !isMarker(name))),
    isUnlink: entries.some(([name, value]) => isMarker(name) && value === null),
  };
}

function junctionOf({ junction }: Relation, below: Spot): Junction {
  if (junction === undefined) throw new Error("A relationship of many to many goes through a junction.");
  const { catalog } = below.scope;
  const table = demandTable(catalog, junction.table);
  const near = junction.fields.map((name) => demandColumn(catalog, table, name));
  const far = junction.refFields.map((name) => demandColumn(catalog, table, name));
  const scope = relatedScope(below.on, table, below.place);
  return { spot: { ...below, scope, linked: near }, near, far };
}

interface Far {
  /** What the far record is known by, */
  readonly values?: readonly Value[];
  /** or how it is written. */
  readonly owner?: Owner;
}

/** A row that is there already is left as it is. */
function linked({ spot, near, far }: Junction, { values, owner }: Far): NestedRecord {
  const { on, scope, query, place } = spot;
  demandCreate(on, scope.table);
  const own = near.filter((column) => !far.includes(column));
  const links = [...toFill(own), ...(values ? assigned(far, values) : toFill(far))];
  const late = values ? own : [...own, ...far];
  const create = planInsert({}, query, scope, { key: checkedLinks({ links, linked: late }, spot, "insert") });
  const isPair = isKeyOf(scope.table, [...own, ...far]);
  const isSure = isPair || (owner !== undefined && isNew(owner.record.row));
  const row: RowWrite = {
    scope,
    create: { ...create, upsert: isPair },
    ...(!isSure && { known: { key: [...given(own), ...farKey(far, values)], deed: { kind: "keep" } } }),
    linked: late,
    returning: [],
  };
  return { place, owners: owner ? [owner] : [], row, children: [] };
}

/** Then the database itself sees to it that there is one row at most. */
function isKeyOf({ key }: Table, columns: readonly Column[]): boolean {
  return key.length === columns.length && key.every((column) => columns.includes(column));
}

function farKey(far: readonly Column[], values: readonly Value[] | undefined): readonly KeyPart[] {
  return far.map((column, index) => ({ column, ...(values && { value: values[index] ?? null }) }));
}

/** What was not linked stays so. */
function unlinked(values: readonly Value[] | undefined, { spot, near, far }: Junction): NestedRecord {
  const { on, scope, place } = spot;
  if (values === undefined)
    throw new Fault("bad_request", `Field '${place}' must say the key of the record that is to be unlinked.`);
  demandRemove(on, scope.table);
  const key = [...given(near.filter((column) => !far.includes(column))), ...farKey(far, values)];
  const row: RowWrite = { scope, known: { key, deed: { kind: "remove" } }, mayMiss: true, linked: [], returning: [] };
  return { place, owners: [], row, children: [] };
}
