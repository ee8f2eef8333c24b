import type { Column, Table } from "../../src/db/catalog.ts";
import type { Assignment, Outcome, Predicate, ReadPlan, Row } from "../../src/db/plan/plan.ts";
import { isExpression, jsonTextOf } from "../../src/db/sql/keys.ts";
import type { Value } from "../../src/db/values.ts";
import { sqlite } from "../sqlite/dialect.ts";

/** Reads rows as they stand in the database. */
type Read = (plan: ReadPlan) => Promise<Outcome>;

/**
 * The rows of a few tables as a change that is not yet written leaves them: those that it touched by their key, over those
 * that stand in the database. What the database itself will do to other rows (ON DELETE) does not show.
 */
export class Overlay {
  readonly #read: Read;
  readonly #tables = new Map<string, Map<string, Row | undefined>>();

  constructor(read: Read) {
    this.#read = read;
  }

  /** What a read gives. Raises an Error for one that is not by equality, ordered by the key. */
  async read(plan: ReadPlan): Promise<Outcome> {
    const { table, columns, order } = plan;
    if (!this.#tables.has(table.name)) return this.#read(plan);
    const isPlain = plan.limit === undefined && plan.offset === 0 && order.every((each) => isKeyUp(each, table));
    if (!isPlain) throw tooMuch(table);
    const rows = await this.rowsOf(table, plan.where);
    const places = columns.map((column) => placeOf(table, column));
    return { rows: rows.map((row) => places.map((place) => row[place] ?? "null")), count: rows.length };
  }

  /** The whole rows that the condition names, by key. */
  async rowsOf(table: Table, where: Predicate | undefined): Promise<readonly Row[]> {
    const plan = {
      kind: "read",
      table,
      columns: table.columns,
      where,
      order: [],
      limit: undefined,
      offset: 0,
    } as const;
    const { rows } = await this.#read(plan);
    const touched = this.#tables.get(table.name) ?? new Map<string, Row | undefined>();
    const untouched = rows.filter((row) => !touched.has(keyOf(row, table)));
    const own = [...touched.values()].filter((row) => row !== undefined && matches(row, table, where)) as Row[];
    return [...untouched, ...own].sort((one, other) => Number(keyOf(one, table)) - Number(keyOf(other, table)));
  }

  /** Adds a row of these values; what is not given is NULL. */
  insert(table: Table, row: readonly Assignment[]): Row {
    const made = changed(
      table.columns.map(() => "null"),
      table,
      row,
    );
    this.#touched(table).set(keyOf(made, table), made);
    return made;
  }

  update(table: Table, rows: readonly Row[], set: readonly Assignment[]): void {
    for (const row of rows) this.#touched(table).set(keyOf(row, table), changed(row, table, set));
  }

  delete(table: Table, rows: readonly Row[]): void {
    for (const row of rows) this.#touched(table).set(keyOf(row, table), undefined);
  }

  #touched(table: Table): Map<string, Row | undefined> {
    const known = this.#tables.get(table.name);
    if (known !== undefined) return known;
    const made = new Map<string, Row | undefined>();
    this.#tables.set(table.name, made);
    return made;
  }
}

/** The one key column of a table of the store. */
export function keyColumn(table: Table): Column {
  const [key, ...more] = table.key;
  if (key === undefined || more.length > 0) throw tooMuch(table);
  return key;
}

function keyOf(row: Row, table: Table): string {
  return row[placeOf(table, keyColumn(table))] ?? "null";
}

function matches(row: Row, table: Table, where: Predicate | undefined): boolean {
  switch (where?.kind) {
    case undefined:
      return true;
    case "and":
      return where.terms.every((term) => matches(row, table, term));
    case "null":
      return textAt(row, table, where.left.column) === "null";
    case "keys":
      return where.keys.some((key) => where.columns.every((column, at) => has(row, table, column, key[at] ?? null)));
    case "compare":
      if (where.op === "=" && where.left.path.length === 0) return has(row, table, where.left.column, where.value);
  }
  throw tooMuch(table);
}

function has(row: Row, table: Table, column: Column, value: Value): boolean {
  return value !== null && textAt(row, table, column) === jsonTextOf(column, value, sqlite);
}

function changed(row: Row, table: Table, set: readonly Assignment[]): Row {
  const texts = [...row];
  for (const { column, value } of set) {
    if (isExpression(value)) throw tooMuch(table);
    texts[placeOf(table, column)] = jsonTextOf(column, value, sqlite);
  }
  return texts;
}

/** The JSON text of a column in a whole row. */
export function textAt(row: Row, table: Table, column: Column): string {
  return row[placeOf(table, column)] ?? "null";
}

function placeOf(table: Table, column: Column): number {
  const place = table.columns.findIndex(({ name }) => name === column.name);
  if (place < 0) throw tooMuch(table);
  return place;
}

function isKeyUp({ column, descending }: ReadPlan["order"][number], table: Table): boolean {
  return column.name === keyColumn(table).name && !descending;
}

function tooMuch(table: Table): Error {
  return new Error(`A change of the settings asks more of '${table.name}' than can be known before it is written.`);
}
