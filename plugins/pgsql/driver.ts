import { DatabaseError, type DatabaseErrorKind } from "../../src/db/errors.ts";
import type { CallMode, Driver, Inside, Result, Statement } from "../../src/db/sql/driver.ts";
import { Asking } from "../../src/db/sql/portion.ts";
import { PATIENCE_MS, Streams } from "../../src/db/sql/streams.ts";
import type { Give } from "../../src/lib/relay.ts";
import type { PgPool, PgQuery, PgResult } from "./client.ts";
import { isNameLost, isUnsent } from "./errors.ts";
import { Lobby } from "./lobby.ts";
import type { Session } from "./session.ts";
import { StatementNames } from "./statement-names.ts";

export interface PgDriverOptions {
  readonly pool: PgPool;
  /** Most connections of the pool. */
  readonly max: number;
  /** Milliseconds to wait for a connection. */
  readonly waitMs: number;
  readonly statementTimeoutMs: number;
  /** Queries that make a new connection ready, in order. */
  readonly greeting: readonly PgQuery[];
}

/** The server ends a statement at its time; when it does not, the connection is broken off this much later. */
const GRACE_MS = 1_000;
const MAX_ATTEMPTS = 3;
/** A connection that died in the pool fails this soon; one that fails later was broken at work. */
const AT_ONCE_MS = 250;

const BEGIN: PgQuery = { text: "BEGIN", rowMode: "array" };
const BEGIN_READ: PgQuery = { text: "BEGIN READ ONLY", rowMode: "array" };
/** The server ends a transaction that idles for longer than a client may keep it waiting. All rows are wanted, not the first ones soon. */
const BEGIN_STREAM: PgQuery = {
  text: `BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL cursor_tuple_fraction = 1;
    SET LOCAL idle_in_transaction_session_timeout = ${2 * PATIENCE_MS}`,
  rowMode: "array",
};
/** A FETCH brings all of its rows, and large ones may come after any number of small ones. */
const MOST_FETCHED = 64;
/** Shows whether the connection still works. */
const NOTHING: PgQuery = { text: "SELECT", rowMode: "array" };
const COMMIT: PgQuery = { text: "COMMIT", rowMode: "array" };
const ROLLBACK: PgQuery = { text: "ROLLBACK", rowMode: "array" };

/** PostgreSQL through any pool that is like node-postgres' own. */
export function pgDriver(options: PgDriverOptions): Driver {
  return new PgDriver(options);
}

interface Begun {
  readonly session: Session;
  readonly result: PgResult;
}

/** A prepared statement keeps the types that its parameters had, also where a table of the same name has others by now. */
const MAY_BE_OLD: readonly DatabaseErrorKind[] = ["invalid_value", "out_of_range"];

class PgDriver implements Driver {
  readonly #lobby: Lobby;
  readonly #limitMs: number;
  readonly #names = new StatementNames();
  readonly #streams: Streams;

  constructor({ pool, max, waitMs, statementTimeoutMs, greeting }: PgDriverOptions) {
    this.#streams = Streams.ofPool(max, waitMs);
    this.#limitMs = statementTimeoutMs + GRACE_MS;
    this.#lobby = new Lobby({ pool, waitMs, greeting });
  }

  /** A statement whose name was lost has not run. One whose types have changed is for the caller to make anew. */
  async execute(statement: Statement, signal: AbortSignal): Promise<Result> {
    const name = this.#names.nameOf(statement.text);
    try {
      return await this.#executeAlone(statement, name, signal);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const mayBeOld = name !== undefined && MAY_BE_OLD.includes(error.kind);
      if (error.kind !== "stale_plan" && !mayBeOld) throw error;
      this.#unname(statement.text, error);
      if (!mayBeOld && !isNameLost(error)) throw error;
    }
    return this.#executeAlone(statement, undefined, signal);
  }

  transaction<T>(work: (inside: Inside) => Promise<T>, signal: AbortSignal, isReadOnly = false): Promise<T> {
    return this.#between(isReadOnly ? BEGIN_READ : BEGIN, (session) => work(this.#inside(session)), signal);
  }

  async call<T>(work: (inside: Inside) => Promise<T>, mode: CallMode, signal: AbortSignal): Promise<T> {
    const { session } = await this.#begin(beginningOf(mode), signal, true);
    const called = () => work(this.#inside(session));
    try {
      return await (mode.isAlone ? called() : this.#ended(session, called));
    } finally {
      await this.#lobby.restore(session, this.#limitMs);
      session.release();
    }
  }

  stream(statement: Statement, signal: AbortSignal): AsyncIterable<Result> {
    return this.#streams.run(
      (give) => this.#between(BEGIN_STREAM, (session) => this.#fetchAll(session, statement, give, signal), signal),
      signal,
    );
  }

  close(): Promise<void> {
    return this.#lobby.close();
  }

  /** The plan of a cursor is made once; what is fetched holds the rows of the moment in which it was declared. */
  async #fetchAll(
    session: Session,
    { text, values }: Statement,
    give: Give<Result>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#executeInside(session, { text: `DECLARE streamed NO SCROLL CURSOR FOR ${text}`, values }, signal);
    const asking = new Asking(MOST_FETCHED);
    for (;;) {
      const asked = asking.rows;
      const result = await this.#executeInside(session, { text: `FETCH ${asked} FROM streamed`, values: [] }, signal);
      await give(result);
      if (result.rows.length < asked) return;
      asking.note(result.rows);
    }
  }

  async #between<T>(begin: PgQuery, work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { session } = await this.#begin(begin, signal, true);
    try {
      return await this.#ended(session, () => work(session));
    } finally {
      session.release();
    }
  }

  /** Ends the transaction that has begun as its work does. */
  async #ended<T>(session: Session, work: () => Promise<T>): Promise<T> {
    try {
      const value = await work();
      await this.#commit(session);
      return value;
    } catch (error) {
      await this.#rollback(session);
      throw error;
    }
  }

  #inside(session: Session): Inside {
    return { execute: (statement, signal) => this.#executeInside(session, statement, signal) };
  }

  async #executeAlone(statement: Statement, name: string | undefined, signal: AbortSignal): Promise<Result> {
    const query = { ...queryOf(statement), ...(name && { name }) };
    const { session, result } = await this.#begin(query, signal, isRead(statement.text));
    session.release();
    return resultOf(result);
  }

  #unname(text: string, error: DatabaseError): void {
    if (isNameLost(error)) this.#names.giveUp();
    else this.#names.forget(text);
  }

  /** Runs the first statement on a connection. One that died in the pool is replaced, unless a write may have been sent on it. */
  async #begin(query: PgQuery, signal: AbortSignal, isRepeatable: boolean): Promise<Begun> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.#lobby.lend(signal);
      const began = performance.now();
      try {
        return { session, result: await session.run(query, this.#limitMs, signal) };
      } catch (error) {
        session.release();
        const wasDead = session.isReused && isLost(error) && performance.now() - began < AT_ONCE_MS;
        if (attempt === MAX_ATTEMPTS || !wasDead || !(isRepeatable || isUnsent(error))) throw error;
      }
    }
  }

  /** Statements of a transaction have no name: one whose plan went stale could not be repeated. */
  async #executeInside(session: Session, statement: Statement, signal: AbortSignal): Promise<Result> {
    return resultOf(await session.run(queryOf(statement), this.#limitMs, signal));
  }

  /** COMMIT of a transaction that had failed succeeds, and says that it rolled back. */
  async #commit(session: Session): Promise<void> {
    const { command } = await session.run(COMMIT, this.#limitMs);
    if (command === "ROLLBACK") throw new DatabaseError("conflict");
  }

  async #rollback(session: Session): Promise<void> {
    await session.run(ROLLBACK, this.#limitMs).catch(() => session.destroy());
  }
}

function beginningOf({ isAlone, isReadOnly }: CallMode): PgQuery {
  if (isAlone) return NOTHING;
  return isReadOnly ? BEGIN_READ : BEGIN;
}

function queryOf({ text, values }: Statement): PgQuery {
  return { text, values: [...values], rowMode: "array" };
}

function resultOf({ rows, rowCount, fields }: PgResult): Result {
  return { rows, affected: rowCount ?? 0, types: fields.map((field) => field.dataTypeID), fields };
}

function isRead(text: string): boolean {
  return /^\s*(?:SELECT|WITH)\b/.test(text);
}

function isLost(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.connect === "lost";
}
