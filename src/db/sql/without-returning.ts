import type { Column } from "../catalog.ts";
import { assignmentsOf } from "../plan/assignments.ts";
import type {
  Assignment,
  DeletePlan,
  InsertPlan,
  Outcome,
  Plan,
  Predicate,
  ReadPlan,
  Row,
  UpdatePlan,
} from "../plan/plan.ts";
import type { Value } from "../values.ts";
import { compile } from "./compile.ts";
import { decodeRows } from "./decode-rows.ts";
import type { Dialect } from "./dialect.ts";
import type { Result, Statement } from "./driver.ts";
import {
  generatedKey,
  givenKey,
  isExpression,
  jsonTextOf,
  type Key,
  keyAfter,
  namedKeys,
  valueOfText,
} from "./keys.ts";

type Execute = (statement: Statement) => Promise<Result>;

/**
 * Databases that give nothing back from a write (MySQL; UPDATE on MariaDB) cannot say by themselves which rows it touched.
 * Where the keys are known beforehand one statement is enough; else the keys are read under lock, the rows written by
 * key, and read again.
 */
export type SilentPlan = InsertPlan | UpdatePlan | DeletePlan;

export function isSilent(plan: Plan, dialect: Dialect): plan is SilentPlan {
  return plan.kind !== "read" && plan.kind !== "count" && !dialect.returning[plan.kind] && plan.returning.length > 0;
}

/** Whether the plan can run as one statement, outside of a transaction. */
export function isSingleStatement(plan: SilentPlan): boolean {
  const hasKey = plan.table.key.length > 0;
  if (!hasKey && plan.kind === "insert") return !plan.rows.some((row) => row.some(isExpression));
  if (!hasKey || !plan.returning.every((column) => column.isKey)) return false;
  if (plan.kind === "insert") return plan.rows.length === 1 || plan.rows.every((row) => givenKey(row, plan));
  const keys = namedKeys(plan);
  return keys?.length === 1 && (plan.kind === "delete" || !plan.set.some(({ column }) => column.isKey));
}

/** Runs the plan on one connection; unless {@link isSingleStatement}, that has to be in a transaction. */
export function runSilent(plan: SilentPlan, dialect: Dialect, execute: Execute): Promise<Outcome> {
  const write = new SilentWrite(plan, dialect, execute);
  const isKeyless = plan.table.key.length === 0;
  if (plan.kind === "insert") return isKeyless ? write.insertKeyless(plan) : write.insert(plan);
  if (isSingleStatement(plan)) return write.named(namedKeys(plan) ?? []);
  if (plan.kind === "delete") return write.delete(plan);
  return isKeyless ? write.updateKeyless(plan) : write.update(plan);
}

/** Keys of several columns make a chain of ORs, whose cost grows with the square of its length. */
const QUICK_VALUES = 2_000;

class SilentWrite {
  readonly #plan: SilentPlan;
  readonly #dialect: Dialect;
  readonly #execute: Execute;

  constructor(plan: SilentPlan, dialect: Dialect, execute: Execute) {
    this.#plan = plan;
    this.#dialect = dialect;
    this.#execute = execute;
  }

  /** Rows whose generated key the database only tells one at a time are inserted one at a time. */
  async insert(plan: InsertPlan): Promise<Outcome> {
    const keys = plan.rows.map((row) => givenKey(row, plan));
    if (keys.every((key) => key !== undefined)) {
      const { affected } = await this.#run(plan);
      return { rows: await this.#readBack(keys), count: affected };
    }
    const made: Key[] = [];
    for (const row of plan.rows) {
      const { insertId } = await this.#run({ ...plan, rows: [row] });
      made.push(generatedKey(row, plan, insertId));
    }
    return { rows: await this.#readBack(made), count: made.length };
  }

  /** Rows that nothing can name are answered as they were given, a column that was not given as its default. */
  async insertKeyless(plan: InsertPlan): Promise<Outcome> {
    const sets: (readonly Assignment[])[] = [];
    for (const row of plan.rows) sets.push(await this.#workedOut(assignmentsOf(plan.columns, row)));
    const { affected } = await this.#run({ ...plan, rows: sets.map((set) => set.map(({ value }) => value)) });
    const fallback = plan.returning.map((column) => this.#defaultText(column));
    return { rows: sets.map((set) => this.#overlay(fallback, set)), count: affected };
  }

  /** One row named by its key: the number of rows matched says whether it exists. */
  async named(keys: readonly Key[]): Promise<Outcome> {
    const { affected } = await this.#run(this.#plan);
    return affected > 0 ? { rows: this.#keyRows(keys), count: affected } : { rows: [], count: 0 };
  }

  async delete(plan: DeletePlan): Promise<Outcome> {
    const rows = await this.#locked(plan.where, plan.returning);
    if (rows.length > 0) await this.#run(plan);
    return { rows, count: rows.length };
  }

  async update(plan: UpdatePlan): Promise<Outcome> {
    const { key } = plan.table;
    const rows = await this.#locked(plan.where, key);
    if (rows.length === 0) return { rows, count: 0 };
    const keys = rows.map((row) => key.map((column, index) => valueOfText(column, row[index] ?? "null")));
    for (const some of this.#portions(keys, plan.set.length)) {
      await this.#run({ ...plan, where: { kind: "keys", columns: key, keys: some } });
    }
    return { rows: await this.#readBack(keys.map((each) => keyAfter(each, plan))), count: rows.length };
  }

  /** The rows are locked, so that the same condition finds the same ones; they are answered as they were, and what was set. */
  async updateKeyless(plan: UpdatePlan): Promise<Outcome> {
    const rows = await this.#locked(plan.where, plan.returning);
    if (rows.length === 0) return { rows, count: 0 };
    const set = await this.#workedOut(plan.set);
    await this.#run({ ...plan, set });
    return { rows: rows.map((row) => this.#overlay(row, set)), count: rows.length };
  }

  async #locked(where: Predicate | undefined, columns: readonly Column[]): Promise<readonly Row[]> {
    const { rows } = await this.#run({ ...this.#read(where, columns), lock: true });
    return decodeRows(rows, columns, this.#dialect);
  }

  /** The answer to rows of these keys, in their order. */
  async #readBack(keys: readonly Key[]): Promise<readonly Row[]> {
    const { table, returning } = this.#plan;
    if (returning.every((column) => column.isKey)) return this.#keyRows(keys);
    const columns = [...table.key, ...returning];
    const found: Row[] = [];
    for (const some of this.#portions(keys, 0)) {
      const { rows } = await this.#run(this.#read({ kind: "keys", columns: table.key, keys: some }, columns));
      for (const row of decodeRows(rows, columns, this.#dialect)) found.push(row);
    }
    const width = table.key.length;
    const byKey = new Map(found.map((row) => [row.slice(0, width).join(), row]));
    const inOrder = keys.map((key) => byKey.get(key.map((value, at) => this.#jsonText(table.key[at], value)).join()));
    const complete = inOrder.every((row) => row !== undefined) ? inOrder : found;
    return complete.map((row) => row.slice(width));
  }

  /** As many keys at a time as one statement can bind besides `others` values, and as the server takes quickly. */
  *#portions(keys: readonly Key[], others: number): Generator<readonly Key[]> {
    const room = Math.min(this.#dialect.maxValues - others, QUICK_VALUES);
    const size = Math.max(1, Math.floor(room / this.#plan.table.key.length));
    for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size);
  }

  #read(where: Predicate | undefined, columns: readonly Column[]): ReadPlan {
    const { table } = this.#plan;
    return { kind: "read", table, columns, where, order: [], limit: undefined, offset: 0 };
  }

  /** The key columns of the answer, from keys that are known. */
  #keyRows(keys: readonly Key[]): readonly Row[] {
    const { table, returning } = this.#plan;
    return keys.map((key) => returning.map((column) => this.#jsonText(column, key[table.key.indexOf(column)] ?? null)));
  }

  /** Expressions as the values that they have now. */
  async #workedOut(set: readonly Assignment[]): Promise<readonly Assignment[]> {
    const worked: Assignment[] = [];
    for (const each of set) {
      if (!isExpression(each.value)) worked.push(each);
      else {
        const text = `SELECT ${this.#dialect.expressions[each.value.expression]}`;
        const { rows } = await this.#execute({ text, values: [] });
        worked.push({ column: each.column, value: String(rows[0]?.[0]) });
      }
    }
    return worked;
  }

  #overlay(row: Row, set: readonly Assignment[]): Row {
    const values = new Map(set.map(({ column, value }) => [column, value as Value]));
    return this.#plan.returning.map((column, index) => {
      const value = values.get(column);
      return value === undefined ? (row[index] ?? "null") : this.#jsonText(column, value);
    });
  }

  /** A default that is an expression is not known. */
  #defaultText(column: Column): string {
    try {
      return this.#jsonText(column, valueOfText(column, JSON.stringify(column.default)));
    } catch {
      return "null";
    }
  }

  #jsonText(column: Column | undefined, value: Value): string {
    return column === undefined ? "null" : jsonTextOf(column, value, this.#dialect);
  }

  #run(plan: Plan): Promise<Result> {
    return this.#execute(compile(plan, this.#dialect));
  }
}
