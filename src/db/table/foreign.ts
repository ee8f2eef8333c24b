import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { parseStored } from "../../lib/json.ts";
import type { Column } from "../catalog.ts";
import { MOST_RELATED_ROWS } from "../limits.ts";
import type { ForeignPlan, Row } from "../plan/plan.ts";
import { leadsToMany } from "../plan/relation.ts";
import type { TableCall } from "./context.ts";
import { type ForeignRead, type Key, type Keyed, keyOf, readByKeys, tryRead } from "./foreign-read.ts";

/** Rows of this service that rows of others are related to. */
interface Parents {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** For each relationship to another service the cells of all rows, read as the same caller: one call, or one for each portion of keys. */
export async function foreignCells(
  on: TableCall,
  plans: readonly ForeignPlan[],
  parents: Parents,
): Promise<readonly (readonly string[])[]> {
  const cells: (readonly string[])[] = [];
  for (const plan of plans) cells.push(await cellsOf(on, plan, parents));
  return cells;
}

/** Raises what other services say against being asked for what a request names, before anything is done. */
export async function demandForeign(on: TableCall, plans: readonly ForeignPlan[]): Promise<void> {
  for (const plan of plans.filter(({ isOptional }) => !isOptional)) {
    const junction = junctionRead(on, plan);
    if (junction !== undefined) await tryRead(on, junction);
    await tryRead(on, farRead(on, plan));
  }
}

async function cellsOf(on: TableCall, plan: ForeignPlan, { columns, rows }: Parents): Promise<readonly string[]> {
  const places = plan.fields.map((field) => columns.indexOf(field));
  const keys = rows.map((row) => places.map((place) => parseStored(row[place] ?? "null")));
  const found = await relatedRows(on, plan, keys);
  if (found === undefined) return keys.map(() => HIDDEN);
  const many = leadsToMany(plan.relation);
  const end = plan.limit === undefined ? undefined : plan.offset + plan.limit;
  return keys.map((key) => {
    const list = (found.get(keyOf(key)) ?? []).slice(plan.offset, end);
    return JSON.stringify(many ? list : (list[0] ?? null));
  });
}

/** The cell of a relationship that nobody named and that the caller may not follow: it is left out of the record. */
export const HIDDEN = "";

/** Related rows by the key that leads to them, in their order. */
type Found = ReadonlyMap<string, readonly Json[]>;

async function relatedRows(on: TableCall, plan: ForeignPlan, keys: readonly Key[]): Promise<Found | undefined> {
  try {
    return await (plan.relation.junction ? throughJunction(on, plan, keys) : straight(on, plan, keys));
  } catch (error) {
    const isHidden = error instanceof Fault && (error.code === "forbidden" || error.code === "not_found");
    if (plan.isOptional && isHidden) return undefined;
    throw error;
  }
}

async function straight(on: TableCall, plan: ForeignPlan, keys: readonly Key[]): Promise<Found> {
  const found = new Map<string, Json[]>();
  for (const { key, record } of await farRows(on, plan, keys)) listIn(found, keyOf(key)).push(record);
  return found;
}

/** The rows of the other table by their own keys; which of them belong to whom is what the junction says. */
async function throughJunction(on: TableCall, plan: ForeignPlan, keys: readonly Key[]): Promise<Found> {
  const read = junctionRead(on, plan);
  const links = read === undefined ? [] : await readByKeys(on, read, keys);
  const ends = links.map(({ more }) => more);
  const owners = new Map<string, Set<string>>();
  for (const { key, more } of links) setIn(owners, keyOf(more)).add(keyOf(key));
  const found = new Map<string, Json[]>();
  for (const { key, record } of await farRows(on, plan, ends))
    for (const owner of owners.get(keyOf(key)) ?? []) listIn(found, owner).push(record);
  demandRoom([...found.values()].reduce((sum, list) => sum + list.length, 0));
  return found;
}

function junctionRead(on: TableCall, { relation }: ForeignPlan): ForeignRead | undefined {
  const { junction, junctionService: service = on.call.service } = relation;
  if (junction === undefined) return undefined;
  const { table, fields, refFields } = junction;
  return { service, table, fields, more: refFields, params: new Map() };
}

async function farRows(on: TableCall, plan: ForeignPlan, keys: readonly Key[]): Promise<readonly Keyed[]> {
  const rows = await readByKeys(on, farRead(on, plan), keys);
  demandRoom(rows.length);
  return rows;
}

function farRead(on: TableCall, { relation, params }: ForeignPlan): ForeignRead {
  const { refService: service = on.call.service, refTable: table, refFields: fields } = relation;
  return { service, table, fields, more: [], params };
}

function demandRoom(rows: number): void {
  if (rows > MOST_RELATED_ROWS)
    throw new Fault("bad_request", `This request brings more than ${MOST_RELATED_ROWS} related rows: use a filter.`);
}

function listIn<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function setIn(sets: Map<string, Set<string>>, key: string): Set<string> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}
