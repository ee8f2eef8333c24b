import type { Column, Table } from "../../src/db/catalog.ts";
import { BatchFailure, type Runner } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { assignmentsOf } from "../../src/db/plan/assignments.ts";
import type {
  DeletePlan,
  InsertPlan,
  Outcome,
  Plan,
  Predicate,
  ReadPlan,
  Row,
  UpdatePlan,
  WritePlan,
} from "../../src/db/plan/plan.ts";
import { compile } from "../../src/db/sql/compile.ts";
import type { Statement } from "../../src/db/sql/driver.ts";
import { valueOfText } from "../../src/db/sql/keys.ts";
import { timed } from "../../src/db/sql/query-log.ts";
import { type BatchPlace, type Exactly, isShort, runExactly, runReads } from "./batch.ts";
import { keyColumn, Overlay, textAt } from "./overlay.ts";

/** Raised when another change came first, of which this one has not known. */
export class Overtaken extends Error {}

/** Raised when the database refuses one of the writes: which, and why. */
export class Refused extends Error {
  readonly index: number;
  readonly statement: Statement;
  readonly reason: DatabaseError;

  constructor(index: number, statement: Statement, reason: DatabaseError) {
    super(`write ${index} of a change was refused`, { cause: reason });
    this.index = index;
    this.statement = statement;
    this.reason = reason;
  }
}

/** What a change knows before it begins. */
export interface Beforehand {
  /** Waits until it may begin to write. */
  readonly takeTurn: () => Promise<void>;
  /** Which of its writes was refused when it was made before: it fails where that is made again. */
  readonly refused: Refused | undefined;
}

/**
 * A transaction over the tables of the store, as D1 can have it: what it writes is kept back until its end, and is then
 * written by one batch. The first thing that it writes has to be a row that every change of the store changes (its
 * version); the batch holds only when that row is still as it was, and then nothing else has changed either.
 */
export class StoreChange implements Runner {
  readonly #place: BatchPlace;
  readonly #beforehand: Beforehand;
  readonly #overlay: Overlay;
  readonly #writes: Exactly[] = [];
  #lastIds: Promise<Map<string, number>> | undefined;
  #hasRead = false;

  constructor(reader: Runner, place: BatchPlace, beforehand: Beforehand) {
    this.#place = place;
    this.#beforehand = beforehand;
    this.#overlay = new Overlay((plan) => reader.run(plan, place.signal));
  }

  run(plan: Plan): Promise<Outcome> {
    switch (plan.kind) {
      case "read":
        this.#hasRead = true;
        return this.#overlay.read(plan);
      case "insert":
        return this.#insert(plan);
      case "update":
      case "delete":
        return this.#change(plan);
      case "count":
        return Promise.reject(new Error("A change of the settings does not count rows."));
    }
  }

  /** Raises an Error in a change: a read that is for its eyes alone has to see what it wrote. */
  readAll(plans: readonly ReadPlan[]): Promise<readonly Outcome[]> {
    if (this.#writes.length > 0) throw new Error("A change of the settings reads one after the other.");
    this.#hasRead = true;
    return runReads(plans, this.#place);
  }

  /** Writes what was kept back. Raises {@link Overtaken}, {@link Refused}, or a DatabaseError that is about no single write. */
  async commit(): Promise<void> {
    if (this.#writes.length === 0) return;
    try {
      await runExactly(this.#writes, this.#place);
    } catch (error) {
      if (error instanceof DatabaseError && isShort(error)) throw new Overtaken();
      throw error instanceof BatchFailure ? this.#refusal(error) : error;
    }
  }

  #refusal({ index, reason }: BatchFailure): unknown {
    const write = this.#writes[index];
    return write && reason ? new Refused(index, compile(write.plan, this.#place.dialect), reason) : reason;
  }

  async #insert(plan: InsertPlan): Promise<Outcome> {
    if (this.#writes.length === 0) throw unguarded(plan);
    const key = keyColumn(plan.table);
    const rows: Row[] = [];
    for (const row of plan.rows) {
      const columns = [key, ...plan.columns];
      const whole = [String(await this.#nextId(plan.table)), ...row];
      this.#keep({ plan: { ...plan, columns, rows: [whole], returning: [] }, rows: 1 });
      rows.push(this.#overlay.insert(plan.table, assignmentsOf(columns, whole)));
    }
    return outcome(rows, plan);
  }

  async #change(plan: UpdatePlan | DeletePlan): Promise<Outcome> {
    const isFirst = this.#writes.length === 0;
    if (isFirst && (this.#hasRead || plan.kind === "delete")) throw unguarded(plan);
    if (isFirst) await this.#beforehand.takeTurn();
    const rows = await this.#overlay.rowsOf(plan.table, plan.where);
    if (isFirst && rows.length === 0) throw unguarded(plan);
    if (rows.length === 0) return { rows: [], count: 0 };
    const where = isFirst ? asTheyAre(rows, plan) : plan.where;
    this.#keep({ plan: { ...plan, where, returning: [] }, rows: rows.length });
    if (plan.kind === "update") this.#overlay.update(plan.table, rows, plan.set);
    else this.#overlay.delete(plan.table, rows);
    return outcome(rows, plan);
  }

  #keep(write: Exactly): void {
    const { refused } = this.#beforehand;
    const isThis = refused?.index === this.#writes.length;
    if (isThis && isSame(refused.statement, compile(write.plan, this.#place.dialect))) throw refused.reason;
    this.#writes.push(write);
  }

  /** The id that SQLite would give: read after the guard, so that nobody else can have taken it when the batch holds. */
  async #nextId(table: Table): Promise<number> {
    this.#lastIds ??= lastIds(this.#place);
    const known = await this.#lastIds;
    const next = (known.get(table.nativeName) ?? 0) + 1;
    known.set(table.nativeName, next);
    return next;
  }
}

const LAST_IDS = "SELECT name, seq FROM sqlite_sequence";

async function lastIds({ driver, host, signal }: BatchPlace): Promise<Map<string, number>> {
  const read = () => driver.execute({ text: LAST_IDS, values: [] }, signal);
  const { rows } = await timed(read, { text: LAST_IDS, values: 0 }, host);
  return new Map(rows.map(([name, last]) => [String(name), Number(last)]));
}

function isSame(one: Statement, other: Statement): boolean {
  return one.text === other.text && one.values.every((value, index) => value === other.values[index]);
}

/** Names these rows, as long as they hold what they are read to hold where the plan sets it. */
function asTheyAre(rows: readonly Row[], plan: UpdatePlan | DeletePlan): Predicate {
  const { table } = plan;
  const set = plan.kind === "update" ? plan.set.map(({ column }) => column) : [];
  const columns = [keyColumn(table), ...set];
  return {
    kind: "or",
    terms: rows.map((row) => ({ kind: "and", terms: columns.map((each) => still(each, row, table)) })),
  };
}

function still(column: Column, row: Row, table: Table): Predicate {
  const left = { column, path: [], as: column.family };
  const value = valueOfText(column, textAt(row, table, column));
  return value === null ? { kind: "null", left } : { kind: "compare", left, op: "=", value };
}

function outcome(rows: readonly Row[], { table, returning }: WritePlan): Outcome {
  const given = returning.length > 0 ? rows.map((row) => returning.map((column) => textAt(row, table, column))) : [];
  return { rows: given, count: rows.length };
}

function unguarded({ table }: WritePlan): Error {
  return new Error(`A change of the settings has to begin with their version, not with '${table.name}'.`);
}
