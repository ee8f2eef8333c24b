import { Fault } from "../../contract/fault.ts";
import { type Column, type ColumnFacts, findAggregate, type Table } from "../catalog.ts";
import { COUNT, standardRules } from "../column-rules.ts";
import { withoutExpressions } from "../extras/fields.ts";
import type { Aggregate, GroupQuery } from "../groups.ts";
import type { OrderTerm, Query } from "../query.ts";
import { demandColumn } from "./names.ts";
import type { CountPlan, Grouping, GroupValue, Order, Predicate, ReadPlan } from "./plan.ts";
import { resolveCondition } from "./predicate.ts";
import { type PageSize, pageLimit, planKeys, planOrders, planRead, planWhere } from "./read.ts";
import type { Scope } from "./scope.ts";

/** What a read of groups is made of. */
export interface Grouped {
  readonly table: Table;
  readonly groups: Grouping;
  /** What `fields` asks for. */
  readonly columns: readonly Column[];
  /** What `having` asks for. */
  readonly where: Predicate | undefined;
  readonly order: readonly Order[];
}

/** What is said of groups, of a table or of a relationship. */
export interface GroupPart {
  readonly groups: GroupQuery;
  readonly order: readonly OrderTerm[];
}

/** Plans a page of rows, or of groups of them. */
export function planPage(query: Query, scope: Scope, size: PageSize): ReadPlan {
  const { groups } = query;
  return groups ? planGroupRead({ ...query, groups }, scope, size) : planRead(query, scope, size);
}

/** Plans a page of groups of the rows that a query names; one more than asked for, to see whether there are more. */
export function planGroupRead(query: Query & GroupPart, scope: Scope, size: PageSize): ReadPlan {
  const grouped = planGroups(query, scope, planWhere(query, scope, planKeys(query, scope)));
  return { kind: "read", ...grouped, limit: pageLimit(query, size) + 1, offset: query.offset };
}

/** Plans the count of the groups that a query names. */
export function planGroupCount(query: Query & GroupPart, scope: Scope): CountPlan {
  const { table, groups, where } = planGroups(
    { ...query, order: [] },
    scope,
    planWhere(query, scope, planKeys(query, scope)),
  );
  return { kind: "count", table, groups, where };
}

/** Plans groups of the rows of a scope that fit `where`. Raises `bad_request` naming the field that does not. */
export function planGroups({ groups, order }: GroupPart, scope: Scope, where: Predicate | undefined): Grouped {
  const by = groups.by.map((name) => demandColumn(scope.catalog, scope.table, name));
  const values = new GroupValues(scope, [...new Set(by)]);
  const said = groups.values.length > 0 ? groups.values : groups.by;
  const columns = [...new Set(said.map((value) => values.output(value)))];
  const terms = order.map((term) => (term.aggregate ? { ...term, field: values.output(term.aggregate).name } : term));
  const inner: Scope = { ...scope, table: values.table(), rows: undefined };
  return {
    table: inner.table,
    groups: { table: scope.table, where, values: values.all, by: values.by },
    columns,
    where: groups.having && resolveCondition(groups.having, inner),
    order: planOrders({ order: terms }, inner),
  };
}

/** What the database that takes the fewest columns can give, which is D1. */
const MOST_VALUES = 100;

/** The values of groups, as the columns of a table that is made up of them. */
class GroupValues {
  readonly all: GroupValue[] = [];
  readonly by: readonly Column[];
  readonly #scope: Scope;

  constructor(scope: Scope, by: readonly Column[]) {
    this.#scope = scope;
    this.by = by;
    for (const column of by) this.#add({ of: column }, column.name, this.#demandFacts(column));
  }

  /** The column of a value, which is added where it is not there yet. */
  output(said: string | Aggregate): Column {
    return typeof said === "string" ? this.#named(said) : this.#worked(said);
  }

  /** In no order of their own, groups come in that of what they are grouped by. */
  table(): Table {
    const { catalog, table } = this.#scope;
    const columns = this.all.map(({ output }) => output);
    return {
      ...table,
      columns,
      key: columns.slice(0, this.by.length),
      indexes: [],
      relations: [],
      columnsByName: new Map(columns.map((column) => [catalog.foldColumn(column.name), column])),
    };
  }

  #named(name: string): Column {
    const { catalog, table } = this.#scope;
    const aggregate = findAggregate(catalog, table, name);
    if (aggregate) return this.#aggregate(aggregate);
    const column = demandColumn(catalog, table, name);
    const value = this.all.find(({ fn, of }) => fn === undefined && of === column);
    if (value !== undefined) return value.output;
    throw new Fault("bad_request", `Field '${column.name}' stands neither in 'group' nor in a function.`);
  }

  #aggregate(of: Column): Column {
    return this.all.find((each) => each.of === of)?.output ?? this.#add({ of }, of.name, of);
  }

  #worked({ fn, field, distinct }: Aggregate): Column {
    const { catalog, table } = this.#scope;
    const of = field === undefined ? undefined : demandColumn(catalog, table, field);
    const same = this.all.find((each) => each.fn === fn && each.of === of && each.distinct === distinct);
    if (same !== undefined) return same.output;
    const name = `${fn.toUpperCase()}_${distinct ? "DISTINCT_" : ""}${of?.name ?? "ALL"}`;
    return this.#add({ fn, distinct, ...(of && { of }) }, name, of ? this.#factsOf(of, fn, distinct) : COUNT);
  }

  #factsOf(column: Column, fn: NonNullable<GroupValue["fn"]>, distinct: boolean): ColumnFacts {
    if (distinct) this.#demandFacts(column);
    return this.#demandFacts(column, fn);
  }

  #demandFacts(column: Column, fn?: GroupValue["fn"]): ColumnFacts {
    const facts = (this.#scope.catalog.columnRules ?? standardRules).grouped(column, fn);
    if (facts !== undefined) return facts;
    const what = fn === undefined ? "can not be grouped or told apart" : `has no ${fn.toUpperCase()}`;
    throw new Fault("bad_request", `Field '${column.name}' ${what}: it is of type ${column.type}.`);
  }

  #add(value: Omit<GroupValue, "output">, name: string, facts: ColumnFacts): Column {
    if (this.all.length === MOST_VALUES)
      throw new Fault("bad_request", `A read of groups works out at most ${MOST_VALUES} different values.`);
    const { foldColumn } = this.#scope.catalog;
    if (this.all.some(({ output }) => foldColumn(output.name) === foldColumn(name))) {
      throw new Fault("bad_request", `Two values of a group would be called '${name}'.`);
    }
    const nativeName = `g${this.all.length + 1}`;
    const output: Column = {
      ...withoutExpressions(facts),
      name,
      nativeName,
      isKey: false,
      isUnique: false,
      isIndexed: false,
    };
    this.all.push({ ...value, output });
    return output;
  }
}
