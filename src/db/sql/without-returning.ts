import { parseJson } from "../../lib/json.ts";
import type { Column } from "../catalog.ts";
import type { Assignment, DeletePlan, InsertPlan, Outcome, Plan, ReadPlan, Row, UpdatePlan } from "../plan/plan.ts";
import { checkValue, type Value } from "../values.ts";
import { compile, compileLocked } from "./compile.ts";
import { decodeRows } from "./decode-rows.ts";
import type { Dialect } from "./dialect.ts";
import type { Result, Statement } from "./driver.ts";

type Execute = (statement: Statement) => Promise<Result>;
type Key = readonly Value[];

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
  if (plan.table.key.length === 0 || !plan.returning.every((column) => column.isKey)) return false;
  if (plan.kind === "insert")
    return plan.rows.length === 1 || plan.rows.every((row) => givenKey(row, plan) !== undefined);
  const keys = namedKeys(plan);
  return keys?.length === 1 && (plan.kind === "delete" || !plan.set.some(({ column }) => column.isKey));
}

/** Runs the plan on one connection; unless {@link isSingleStatement}, that has to be in a transaction. */
export function runSilent(plan: SilentPlan, dialect: Dialect, execute: Execute): Promise<Outcome> {
  if (plan.kind === "insert") return new SilentWrite(plan, dialect, execute).insert(plan);
  const write = new SilentWrite(plan, dialect, execute);
  return isSingleStatement(plan) ? write.named(namedKeys(plan) ?? []) : write.byKeys(plan);
}

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

  /** One row named by its key: the number of rows matched says whether it exists. */
  async named(keys: readonly Key[]): Promise<Outcome> {
    const { affected } = await this.#run(this.#plan);
    return affected > 0 ? { rows: this.#keyRows(keys), count: affected } : { rows: [], count: 0 };
  }

  async byKeys(plan: UpdatePlan | DeletePlan): Promise<Outcome> {
    const { table, where } = plan;
    const isDelete = plan.kind === "delete";
    const identity = table.key.length > 0 ? table.key : table.columns;
    const wanted = isDelete ? [...identity, ...plan.returning] : identity;
    const read: ReadPlan = { kind: "read", table, columns: wanted, where, order: [], limit: undefined, offset: 0 };
    const { rows } = await this.#execute(compileLocked(read, this.#dialect));
    if (rows.length === 0) return { rows: [], count: 0 };
    if (isDelete) {
      await this.#run(plan);
      const given = rows.map((row) => row.slice(identity.length));
      return { rows: decodeRows(given, plan.returning, this.#dialect), count: rows.length };
    }
    const keys = decodeRows(rows, identity, this.#dialect).map((row) =>
      identity.map((column, index) => valueOfText(column, row[index] ?? "null")),
    );
    await this.#run({ ...plan, where: { kind: "keys", columns: identity, keys } });
    return { rows: await this.#readBack(keys.map((key) => keyAfter(key, plan))), count: rows.length };
  }

  async #readBack(keys: readonly Key[]): Promise<readonly Row[]> {
    const { table, returning } = this.#plan;
    if (returning.every((column) => column.isKey)) return this.#keyRows(keys);
    const where = { kind: "keys", columns: table.key, keys } as const;
    const read: ReadPlan = { kind: "read", table, columns: returning, where, order: [], limit: undefined, offset: 0 };
    const { rows } = await this.#run(read);
    return decodeRows(rows, returning, this.#dialect);
  }

  /** The key columns of the answer, from keys that are known. */
  #keyRows(keys: readonly Key[]): readonly Row[] {
    const { table, returning } = this.#plan;
    return keys.map((key) => returning.map((column) => this.#jsonText(column, key[table.key.indexOf(column)] ?? null)));
  }

  #jsonText(column: Column, value: Value): string {
    const cell = value === null ? null : this.#dialect.bind(column, value);
    return cell === null ? "null" : this.#dialect.decoder(column)(cell);
  }

  #run(plan: Plan): Promise<Result> {
    return this.#execute(compile(plan, this.#dialect));
  }
}

function namedKeys(plan: UpdatePlan | DeletePlan): readonly Key[] | undefined {
  const { where, table } = plan;
  const isKey =
    where?.kind === "keys" && where.columns.length === table.key.length && where.columns.every((each) => each.isKey);
  return isKey ? where.keys : undefined;
}

/** The key that a new row brings along, or `undefined` when the database has to make a part of it. */
function givenKey(row: readonly Assignment[], plan: InsertPlan): Key | undefined {
  const key = plan.table.key.map((column) => assignedValue(row, column));
  return key.every((value) => value !== undefined) ? key : undefined;
}

function generatedKey(row: readonly Assignment[], plan: InsertPlan, insertId: string | undefined): Key {
  return plan.table.key.map((column) => assignedValue(row, column) ?? insertId ?? null);
}

function assignedValue(row: readonly Assignment[], column: Column): Value | undefined {
  const value = row.find((each) => each.column === column)?.value;
  return typeof value === "object" && value !== null && "expression" in value ? undefined : value;
}

function keyAfter(key: Key, plan: UpdatePlan): Key {
  return plan.table.key.map((column, index) => assignedValue(plan.set, column) ?? key[index] ?? null);
}

/** A key column read back as JSON text, as the checked value that it is. */
function valueOfText(column: Column, text: string): Value {
  return checkValue(column.name, column, parseJson(text));
}
