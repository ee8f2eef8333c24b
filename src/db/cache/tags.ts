import { type Catalog, findTable, type RelationKind, type Table } from "../catalog.ts";
import type { Order, Plan, Predicate, ReadPlan } from "../plan/plan.ts";

/** The tag of all that is kept of a service. */
export const ALL = "*";
/** The tag of what was read through a view: nobody knows which tables that reads. */
const VIEWS = "views";

/** What an answer to this read depends on. */
export function tagsOfRead(plan: Plan): readonly string[] {
  const tables = new Set<Table>();
  addTables(plan, tables);
  return [...new Set([ALL, ...[...tables].map(tagOf)])].sort();
}

/** What a write to these tables may change: also what cascades from them, and what is served next to them. */
export function tagsOfWrite(tables: Iterable<Table>, catalog: Catalog): readonly string[] {
  const written = [...tables];
  // Nobody knows which tables a view writes to.
  if (written.some(({ isView }) => isView)) return [ALL];
  const reached = new Set(written);
  for (const table of reached) for (const child of farEnds(table, OF_CHILDREN, catalog)) reached.add(child);
  const near = written.flatMap((table) => farEnds(table, OF_ALL, catalog));
  return [...new Set([VIEWS, ...[...reached, ...near].map(tagOf)])];
}

function tagOf(table: Table): string {
  return table.isView ? VIEWS : JSON.stringify([table.schema, table.nativeName]);
}

const OF_CHILDREN: readonly RelationKind[] = ["has_many", "has_one"];
const OF_ALL: readonly RelationKind[] = [...OF_CHILDREN, "belongs_to", "many_many"];

function farEnds(table: Table, kinds: readonly RelationKind[], catalog: Catalog): readonly Table[] {
  return table.relations
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ refTable }) => findTable(catalog, refTable) ?? []);
}

function addTables(plan: Plan, tables: Set<Table>): void {
  if (plan.kind === "read") addRead(plan, tables);
  if (plan.kind === "count") addSource(plan, tables);
}

function addRead(plan: ReadPlan, tables: Set<Table>): void {
  addSource(plan, tables);
  for (const order of plan.order) addOrder(order, tables);
  for (const related of plan.related ?? []) {
    for (const { table } of related.hops) tables.add(table);
    addRead(related.read, tables);
  }
}

function addSource({ table, groups, where }: Pick<ReadPlan, "table" | "groups" | "where">, tables: Set<Table>): void {
  tables.add(groups?.table ?? table);
  addPredicate(groups?.where, tables);
  addPredicate(where, tables);
}

function addOrder({ through = [] }: Order, tables: Set<Table>): void {
  for (const { table } of through) tables.add(table);
}

function addPredicate(predicate: Predicate | undefined, tables: Set<Table>): void {
  switch (predicate?.kind) {
    case "and":
    case "or":
    case "xor":
      for (const term of predicate.terms) addPredicate(term, tables);
      return;
    case "not":
      addPredicate(predicate.term, tables);
      return;
    case "exists":
      for (const { table } of predicate.hops) tables.add(table);
      addPredicate(predicate.where, tables);
  }
}
