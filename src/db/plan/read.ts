import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject, isRawNumber } from "../../lib/json.ts";
import { splitList } from "../../lib/list.ts";
import type { Column } from "../catalog.ts";
import type { Query } from "../query.ts";
import { checkValue, type Value } from "../values.ts";
import { demandColumn } from "./names.ts";
import { isSamePlace, planOrder } from "./order.ts";
import type { CountPlan, Order, Predicate, ReadPlan } from "./plan.ts";
import { resolveCondition, type Scope } from "./predicate.ts";

/** How many rows a service gives at most when nobody says, and at most whatever is said. */
export interface PageSize {
  readonly standard: number;
  readonly most: number;
}

/** The rows that a query names by `ids`. */
export interface KeyLookup {
  readonly columns: readonly Column[];
  readonly keys: readonly (readonly Value[])[];
}

/** Plans a read of the rows that `ids`, else `filter`, name; one row more than asked for, to see whether there are more. */
export function planRead(query: Query, scope: Scope, size: PageSize): ReadPlan {
  const { table } = scope;
  const lookup = planKeys(query, scope);
  const fields = planFields(query, scope) ?? table.columns;
  const order = planOrders(query, scope);
  return {
    kind: "read",
    table,
    columns: lookup ? withColumns(fields, lookup.columns) : fields,
    where: planWhere(query, scope, lookup),
    order: lookup ? [] : order,
    limit: lookup && isKey(lookup, scope) ? undefined : pageLimit(query, size) + 1,
    offset: lookup ? 0 : query.offset,
  };
}

/** Whether each identifier can name one row only. */
function isKey({ columns }: KeyLookup, { table }: Scope): boolean {
  return table.key.length > 0 && table.key.every((column) => columns.includes(column));
}

/** Plans the count of the rows that the query names, before limit and offset. */
export function planCount(query: Query, scope: Scope): CountPlan {
  return { kind: "count", table: scope.table, where: planWhere(query, scope, planKeys(query, scope)) };
}

/** The number of rows that a page holds. */
export function pageLimit(query: Query, size: PageSize): number {
  return Math.min(query.limit ?? size.standard, size.most);
}

/** The columns that `fields` names, each once; `undefined` when it names none. */
export function planFields(query: Query, scope: Scope): readonly Column[] | undefined {
  if (query.fields === undefined) return undefined;
  if (query.fields === "*") return scope.table.columns;
  return [...new Set(query.fields.map((name) => demandColumn(scope.catalog, scope.table, name)))];
}

/** The condition of a query: its `ids`, else its `filter`. */
export function planWhere(query: Query, scope: Scope, lookup: KeyLookup | undefined): Predicate | undefined {
  if (lookup) return keysWithin(lookup, scope);
  return both(query.where && resolveCondition(query.where, scope), scope.rows);
}

/** The rows of these keys, as far as the caller may reach them. */
export function keysWithin(lookup: KeyLookup, scope: Scope): Predicate {
  const keys: Predicate = { kind: "keys", ...lookup };
  return both(keys, scope.rows) ?? keys;
}

/** Both conditions, as far as they are there. */
export function both(one: Predicate | undefined, other: Predicate | undefined): Predicate | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { kind: "and", terms: [one, other] };
}

/**
 * Pages need an order that leaves nothing open, or rows would be given twice or never: the key decides where nothing else
 * does. A column that was named before decides nothing any more, and databases take so many terms only.
 */
export function planOrders(query: Pick<Query, "order">, scope: Scope): readonly Order[] {
  const said = query.order.map((term) => planOrder(term, scope));
  const key = scope.table.key.map((column): Order => ({ column, descending: false }));
  const orders: Order[] = [];
  for (const order of [...said, ...key]) if (!orders.some((each) => isSamePlace(each, order))) orders.push(order);
  return orders;
}

/** The rows that `ids` names, by the key or by `id_field`. Raises `bad_request` when the table has no key. */
export function planKeys(query: Query, scope: Scope): KeyLookup | undefined {
  if (query.ids === undefined) return undefined;
  return lookupKeys(query.ids, keyColumns(query, scope));
}

/** The keys that these ids say, each once. */
export function lookupKeys(ids: readonly Json[], columns: readonly Column[]): KeyLookup {
  const keys = new Map(ids.map((id) => readKey(id, columns)).map((key) => [JSON.stringify(key), key]));
  return { columns, keys: [...keys.values()] };
}

/** The columns that identify a record: `id_field`, else the key of the table. */
export function keyColumns(query: Query, scope: Scope): readonly Column[] {
  const { catalog, table } = scope;
  const columns = query.idField?.map((name) => demandColumn(catalog, table, name)) ?? table.key;
  if (columns.length === 0) {
    throw new Fault("bad_request", `Table '${table.name}' has no primary key: name a field by 'id_field'.`);
  }
  // What is read of it is not what it is searched by.
  const expressed = columns.find(({ expressions }) => expressions !== undefined);
  if (expressed) throw new Fault("bad_request", `Field '${expressed.name}' can name no records: it has a db_function.`);
  return columns;
}

/** One id as values of the key: a scalar, `a,b` or `(a,b)` for a composite key, or a list or an object of its parts. */
export function readKey(id: Json, columns: readonly Column[]): readonly Value[] {
  const parts = keyParts(id, columns);
  if (parts.length !== columns.length) {
    throw new Fault(
      "bad_request",
      `An identifier of this table has ${columns.length} parts: (${columns.map((each) => each.name).join(",")}).`,
    );
  }
  return columns.map((column, index) => {
    const value = checkValue(column.name, column, parts[index] ?? null);
    if (value === null) throw new Fault("bad_request", `Field '${column.name}' of an identifier can not be NULL.`);
    return value;
  });
}

function keyParts(id: Json, columns: readonly Column[]): readonly Json[] {
  if (Array.isArray(id)) return id as readonly Json[];
  if (isJsonObject(id) && !isRawNumber(id))
    return columns.map((column) => (Object.hasOwn(id, column.name) ? (id[column.name] ?? null) : null));
  if (columns.length === 1 || typeof id !== "string") return [id];
  return splitList(/^\(.*\)$/s.test(id) ? id.slice(1, -1) : id);
}

/** The columns, and those of `more` that are not yet among them. */
export function withColumns(columns: readonly Column[], more: readonly Column[]): readonly Column[] {
  return [...columns, ...more.filter((column) => !columns.includes(column))];
}
