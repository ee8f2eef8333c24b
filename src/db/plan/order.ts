import { Fault } from "../../contract/fault.ts";
import { type Column, findColumn } from "../catalog.ts";
import type { OrderTerm } from "../query.ts";
import { demandColumn } from "./names.ts";
import type { Hop, Order } from "./plan.ts";
import { followPath, leadsToMany, type Way } from "./relation.ts";
import type { Scope } from "./scope.ts";

/** Plans one term of an order: by a column of the table, or by one that relationships to one row lead to. Raises `bad_request`. */
export function planOrder(term: OrderTerm, scope: Scope): Order {
  const { descending, nulls } = term;
  return { ...planPlace(term, scope), descending, ...(nulls && { nulls }) };
}

function planPlace({ field, path }: OrderTerm, scope: Scope): Pick<Order, "column" | "through"> {
  const { catalog, table } = scope;
  const names = path.slice(0, -1);
  const own = findColumn(catalog, table, field);
  if (own !== undefined || names.length === 0) return { column: own ?? demandColumn(catalog, table, field) };
  const way = followPath(names, scope);
  demandOneRow(way);
  return { column: demandColumn(catalog, way.scope.table, path.at(-1) ?? ""), through: way.hops };
}

function demandOneRow({ relations, hops }: Way): void {
  const vague = relations.find((relation, index) => leadsToMany(relation) || !isUnique(hops[index]));
  if (vague === undefined) return;
  throw new Fault("bad_request", `Relationship '${vague.name}' may lead to many rows: nothing can be ordered by it.`);
}

/** Whether a hop ends at one row at most: without a junction each relationship is one hop. */
function isUnique(hop: Hop | undefined): boolean {
  if (hop === undefined) return false;
  const { table, refFields } = hop;
  const names = refFields.map((column) => column.nativeName);
  const isCovered = (columns: readonly string[]) => columns.length > 0 && columns.every((each) => names.includes(each));
  return (
    isCovered(table.key.map((column) => column.nativeName)) ||
    table.indexes.some((index) => index.unique && isCovered(index.columns))
  );
}

/** Whether two terms order by the same: the second of them decides nothing any more. */
export function isSamePlace(one: Order, other: Order): boolean {
  return one.column === other.column && isSameWay(one.through ?? [], other.through ?? []);
}

function isSameWay(one: readonly Hop[], other: readonly Hop[]): boolean {
  return one.length === other.length && one.every((hop, index) => isSameHop(hop, other[index]));
}

function isSameHop(one: Hop, other: Hop | undefined): boolean {
  return other !== undefined && one.table === other.table && isSameList(one.fields, other.fields);
}

function isSameList(one: readonly Column[], other: readonly Column[]): boolean {
  return one.length === other.length && one.every((column, index) => column === other[index]);
}
