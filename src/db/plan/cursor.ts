import { Fault } from "../../contract/fault.ts";
import { parseJson } from "../../lib/json.ts";
import type { Catalog, Column } from "../catalog.ts";
import { standardRules } from "../column-rules.ts";
import type { Query } from "../query.ts";
import { checkValue, type Value } from "../values.ts";
import type { Order, Place, Predicate, ReadPlan, Row } from "./plan.ts";
import { both, type PageSize, planRead, withColumns } from "./read.ts";
import type { Scope } from "./scope.ts";

/** A read of the rows behind another one, and what the next such read has to know of the last of them. */
export interface CursorRead {
  readonly plan: ReadPlan;
  /** The first columns of the plan, which the answer holds; others are there for the next read. */
  readonly shown: number;
  /** What the rows are sorted by, in that order. */
  readonly sorted: readonly Column[];
}

/** Plans a page that is found by what its rows are sorted by. Raises `bad_request` where that does not say where it is. */
export function planCursorRead(query: Query, scope: Scope, size: PageSize): CursorRead {
  demandAlone(query);
  if (scope.table.key.length === 0) {
    throw new Fault("bad_request", `Table '${scope.table.name}' has no primary key: it can not be paged by cursor.`);
  }
  const plan = planRead(query, scope, size);
  const sorted = plan.order.map((order) => demandSorted(order, scope.catalog));
  return { plan: { ...plan, columns: withColumns(plan.columns, sorted) }, shown: plan.columns.length, sorted };
}

/** The plan from the row behind the one that has these cells. */
export function continued({ plan, sorted }: CursorRead, cells: readonly string[]): ReadPlan {
  const values = sorted.map((column, index) => sortedValue(column, cells[index] ?? "null"));
  const where = both(after(plan.order, sorted, values), plan.where);
  return { ...plan, where };
}

/** What a row is sorted by, as the cells that {@link continued} takes. */
export function sortedCells({ plan, sorted }: Omit<CursorRead, "shown">, row: Row): readonly string[] {
  return sorted.map((column) => row[plan.columns.indexOf(column)] ?? "null");
}

/**
 * The rows behind the one that has these values, in an order that ends with the key. `sorted[i]` is the column of `order[i]`,
 * or what {@link sortedColumn} gives for it.
 */
export function after(order: readonly Order[], sorted: readonly Column[], values: readonly Value[]): Predicate {
  const places = order.map(
    ({ column, descending, nulls }, index): Place => ({
      column: sorted[index] ?? column,
      descending,
      ...(nulls && { nulls }),
      value: values[index] ?? null,
    }),
  );
  return { kind: "after", places };
}

/** The column whose cells say exactly what a column is sorted by, if there is one: no expression stands for it. */
export function sortedColumn(
  { expressions, ...column }: Column,
  { columnRules = standardRules }: Pick<Catalog, "columnRules">,
): Column | undefined {
  const isItself = column.isVirtual !== true && expressions?.filter === undefined;
  return isItself ? columnRules.sorted(column) : undefined;
}

/** A cell of such a column as the value that it is. */
export function sortedValue(column: Column, cell: string): Value {
  return checkValue(column.name, column, parseJson(cell));
}

function demandSorted({ column, through }: Order, catalog: Catalog): Column {
  const sorted = through === undefined ? sortedColumn(column, catalog) : undefined;
  if (sorted !== undefined) return sorted;
  const reason = through === undefined ? `it is of type ${column.type}` : "it is one of another table";
  throw new Fault("bad_request", `Field '${column.name}' can not be in the order of a cursor: ${reason}.`);
}

/** Other ways to say which rows are meant. */
function demandAlone(query: Query): void {
  const others: Readonly<Record<string, boolean>> = {
    ids: query.ids !== undefined,
    offset: query.offset > 0,
    group: query.groups !== undefined,
    "limit=all": query.all,
  };
  const found = Object.keys(others).find((name) => others[name]);
  if (found !== undefined)
    throw new Fault("bad_request", `The parameter 'cursor' can not be used together with '${found}'.`);
}
