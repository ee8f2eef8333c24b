import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { isJsonObject } from "../../lib/json.ts";
import { wholeNumber } from "../../lib/schema.ts";
import { validate } from "../../lib/validate.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
import type { Nested, SystemResource } from "./resource.ts";

/**
 * The names of nested lists that a request asks for; `*` means those that the caller may read. Raises `bad_request` for
 * one that the resource lacks, and `forbidden` for one whose rows the caller may not read by themselves.
 */
export function nestedNames(resource: SystemResource, related: readonly string[], access: Access): readonly string[] {
  if (related.includes("*")) {
    const entries = Object.entries(resource.nested);
    return entries
      .filter(([, each]) => each.resource === undefined || access.allows([each.resource], "GET"))
      .map(first);
  }
  for (const name of related) {
    const nested = demandNested(resource, name);
    if (nested.resource !== undefined) access.demand([nested.resource], "GET");
  }
  return related;
}

function first<T>([one]: readonly [T, unknown]): T {
  return one;
}

/** The rows with their nested lists. */
export async function withNested(
  rows: readonly SystemRow[],
  names: readonly string[],
  resource: SystemResource,
  store: Rows,
): Promise<readonly SystemRow[]> {
  const ids = rows.map((row) => row.id ?? null);
  const lists = await Promise.all(names.map(async (name) => readLists(demandNested(resource, name), ids, store)));
  return rows.map((row) => {
    const own = names.map((name, index): [string, Json] => [name, lists[index]?.get(row.id ?? null) ?? []]);
    return { ...row, ...Object.fromEntries(own) };
  });
}

async function readLists(
  nested: Nested,
  ids: readonly Json[],
  store: Rows,
): Promise<ReadonlyMap<Json, readonly SystemRow[]>> {
  const rows = await store.readIn(nested.table, nested.key, ids);
  const byId = Map.groupBy(rows, (row) => row[nested.key] ?? null);
  return new Map([...byId].map(([id, list]) => [id, list.map(nested.show)]));
}

/** What a record says of its nested lists, checked. Raises `bad_request`. */
export function readNested(said: SystemRow, resource: SystemResource, strict: boolean): readonly NestedWrite[] {
  return Object.entries(resource.nested).flatMap(([name, nested]) => {
    const list = said[name];
    if (list === undefined || list === null) return [];
    if (nested.schema === undefined) throw new Fault("bad_request", `Field '${name}' can only be read.`);
    if (!Array.isArray(list)) throw new Fault("bad_request", `Field '${name}' must be a list.`);
    return [{ nested, rows: list.map((row, index) => readNestedRow(row, nested, `${name}.${index}`, strict)) }];
  });
}

/** Raises `bad_request` for a field of a record that is none of these. */
export function refuseUnknown(said: SystemRow, known: readonly string[], place = ""): void {
  const unknown = Object.keys(said).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const name = `${place === "" ? "" : `${place}.`}${unknown.slice(0, 64)}`;
  throw new Fault("bad_request", `Field '${name}' is unknown.`);
}

/** The id of a system row. Raises `bad_request` for anything but a whole number, naming the field. */
export function readId(said: Json, field = "id"): number {
  return validate(wholeNumber(), said, field);
}

interface NestedWrite {
  readonly nested: Nested;
  readonly rows: readonly NestedRow[];
}

interface NestedRow {
  readonly id: number | undefined;
  /** The row names its owner as null: it is to be removed. */
  readonly isRemoved: boolean;
  readonly row: SystemRow;
}

function readNestedRow(said: Json, nested: Nested, place: string, strict: boolean): NestedRow {
  if (!isJsonObject(said)) throw new Fault("bad_request", `Field '${place}' must be an object.`);
  if (strict && nested.fields !== undefined) refuseUnknown(said, nested.fields, place);
  const id = said.id === undefined || said.id === null ? undefined : readId(said.id, `${place}.id`);
  const isRemoved = id !== undefined && said[nested.key] === null;
  return { id, isRemoved, row: isRemoved || nested.schema === undefined ? {} : validate(nested.schema, said, place) };
}

/** Without an id a nested row is made, with one it is changed, and with its owner set to null it is removed. */
export async function writeNested(writes: readonly NestedWrite[], owner: number, rows: Rows): Promise<void> {
  for (const { nested, rows: list } of writes) {
    for (const { id, isRemoved, row } of list) await writeNestedRow({ nested, owner, id, isRemoved, row }, rows);
  }
}

async function writeNestedRow(write: NestedRow & { nested: Nested; owner: number }, rows: Rows): Promise<void> {
  const { nested, owner, id, isRemoved, row } = write;
  const { table, key } = nested;
  if (id === undefined) {
    await rows.insert(table, { ...nested.defaults, ...row, [key]: owner });
    return;
  }
  const where = { id, [key]: owner };
  const found = isRemoved ? await rows.delete(table, where) : await rows.update(table, where, { ...row, [key]: owner });
  if (found === 0) throw new Fault("bad_request", `There is no '${table}' with id ${id} here.`);
}

function demandNested(resource: SystemResource, name: string): Nested {
  const nested = Object.hasOwn(resource.nested, name) ? resource.nested[name] : undefined;
  if (nested === undefined) throw new Fault("bad_request", `Invalid relationship requested: '${name.slice(0, 64)}'.`);
  return nested;
}
