import type { Json } from "../contract/json.ts";
import { type Catalog, type Column, findTable, type Table } from "../db/catalog.ts";
import type { Runner } from "../db/connector.ts";
import type { Assignment, Outcome, Predicate, ReadPlan } from "../db/plan/plan.ts";
import { checkValue } from "../db/values.ts";
import { parseJson } from "../lib/json.ts";

/** A row of a system table as plain values. */
export type SystemRow = Readonly<Record<string, Json>>;

/** How many values one statement looks for. */
const MOST_KEYS = 1000;

/** Reads and writes whole rows of the system tables, below all access rules. For the store itself; callers go through the API. */
export class Rows {
  readonly #catalog: Catalog;
  readonly #runner: Runner;
  readonly #signal: AbortSignal;

  constructor(catalog: Catalog, runner: Runner, signal: AbortSignal) {
    this.#catalog = catalog;
    this.#runner = runner;
    this.#signal = signal;
  }

  /** All rows, or those whose columns have these values, by id. */
  read(tableName: string, where: SystemRow = {}): Promise<readonly SystemRow[]> {
    const table = this.#table(tableName);
    return this.#read(table, equals(table, where));
  }

  /** What {@link read} gives for each of these, as far as can be in one request. */
  async readAll(
    reads: readonly (readonly [tableName: string, where?: SystemRow])[],
  ): Promise<readonly (readonly SystemRow[])[]> {
    const plans = reads.map(([tableName, where = {}]) => {
      const table = this.#table(tableName);
      return readPlan(table, equals(table, where));
    });
    const outcomes = await this.#runAll(plans);
    return plans.map(({ table }, index) => rowsOf(table, outcomes[index]));
  }

  /** The rows whose column has one of these values. */
  async readIn(tableName: string, columnName: string, values: readonly Json[]): Promise<readonly SystemRow[]> {
    const table = this.#table(tableName);
    const column = columnOf(table, columnName);
    const keys = [...new Set(values)].map((value) => [checkValue(columnName, column, value)]);
    const found: SystemRow[] = [];
    for (let at = 0; at < keys.length; at += MOST_KEYS) {
      found.push(
        ...(await this.#read(table, { kind: "keys", columns: [column], keys: keys.slice(at, at + MOST_KEYS) })),
      );
    }
    return found;
  }

  /** Inserts a row and gives its id. */
  async insert(tableName: string, row: SystemRow): Promise<number> {
    const table = this.#table(tableName);
    const set = assignments(table, row);
    const plan = {
      kind: "insert",
      table,
      columns: set.map(({ column }) => column),
      rows: [set.map(({ value }) => value)],
      upsert: false,
      returning: table.key,
    } as const;
    const { rows } = await this.#runner.run(plan, this.#signal);
    return Number(rows[0]?.[0]);
  }

  async update(tableName: string, where: SystemRow, set: SystemRow): Promise<number> {
    const table = this.#table(tableName);
    const plan = {
      kind: "update",
      table,
      set: assignments(table, set),
      where: equals(table, where),
      returning: [],
    } as const;
    return (await this.#runner.run(plan, this.#signal)).count;
  }

  async delete(tableName: string, where: SystemRow): Promise<number> {
    const table = this.#table(tableName);
    const plan = { kind: "delete", table, where: equals(table, where), returning: [] } as const;
    return (await this.#runner.run(plan, this.#signal)).count;
  }

  /** Deletes the rows whose column is less than this number. */
  async deleteOlder(tableName: string, columnName: string, than: number): Promise<void> {
    const table = this.#table(tableName);
    const column = columnOf(table, columnName);
    const left = { column, path: [], as: column.family };
    const where: Predicate = { kind: "compare", left, op: "<", value: checkValue(columnName, column, than) };
    await this.#runner.run({ kind: "delete", table, where, returning: [] }, this.#signal);
  }

  async #read(table: Table, where: Predicate | undefined): Promise<readonly SystemRow[]> {
    return rowsOf(table, await this.#runner.run(readPlan(table, where), this.#signal));
  }

  async #runAll(plans: readonly ReadPlan[]): Promise<readonly Outcome[]> {
    if (this.#runner.readAll) return this.#runner.readAll(plans, this.#signal);
    const outcomes: Outcome[] = [];
    for (const plan of plans) outcomes.push(await this.#runner.run(plan, this.#signal));
    return outcomes;
  }

  #table(name: string): Table {
    const table = findTable(this.#catalog, name);
    if (table === undefined) throw new Error(`The store has no table '${name}'.`);
    return table;
  }
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`Table '${table.name}' has no column '${name}'.`);
  return column;
}

/** A read of whole rows, by id. */
function readPlan(table: Table, where: Predicate | undefined): ReadPlan {
  const order = table.key.map((column) => ({ column, descending: false }));
  return { kind: "read", table, columns: table.columns, where, order, limit: undefined, offset: 0 };
}

function rowsOf({ columns }: Table, outcome: Outcome | undefined): readonly SystemRow[] {
  return (outcome?.rows ?? []).map((row) =>
    Object.fromEntries(columns.map((column, index) => [column.name, parseJson(row[index] ?? "null")])),
  );
}

function assignments(table: Table, row: SystemRow): readonly Assignment[] {
  return table.columns
    .filter((column) => Object.hasOwn(row, column.name))
    .map((column) => ({ column, value: checkValue(column.name, column, row[column.name] ?? null) }));
}

function equals(table: Table, where: SystemRow): Predicate | undefined {
  const terms = assignments(table, where).map(({ column, value }): Predicate => {
    const left = { column, path: [], as: column.family };
    return value === null
      ? { kind: "null", left }
      : { kind: "compare", left, op: "=", value: checkValue(column.name, column, where[column.name] ?? null) };
  });
  return terms.length === 0 ? undefined : { kind: "and", terms };
}
