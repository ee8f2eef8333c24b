import mysql, { type Connection, type ExecuteValues } from "mysql2";
import type { RequestScope } from "../../src/contract/runtime.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Cell, Driver, Result, Statement } from "../../src/db/sql/driver.ts";
import type { MysqlConfig } from "./config.ts";
import { type ConnectionPlan, connectionPlan, type Setup } from "./connection.ts";
import { type Connect, connectAsPlanned, cut, Killer } from "./driver.connect.ts";
import { connectError, statementError } from "./errors.ts";
import { type Open, Pool, type Session } from "./pool.ts";
import { pooledDriver } from "./pooled-driver.ts";

/** A driver for MySQL and MariaDB. Connects when the first statement comes. */
export function openDriver(config: MysqlConfig, _scope?: () => RequestScope): Driver {
  return driverOver(connectAsPlanned, config);
}

/** A driver for connections that are made in the given way. */
export function driverOver(connect: Connect, config: MysqlConfig): Driver {
  const plan = connectionPlan(config);
  const { max, wait_ms } = config.pool;
  // Hyperdrive shares its connections: the number of a thread that it gives may be somebody else's.
  const killer = config.hyperdrive ? undefined : new Killer(plan, connect);
  const open: Open = async (withinMs, signal) => {
    const deadline = performance.now() + withinMs;
    const session = new MysqlSession(await connect(plan, withinMs, signal), plan.statementTimeoutMs + GRACE_MS, killer);
    return madeReady(session, plan, deadline, signal);
  };
  const driver = pooledDriver(new Pool(open, max, wait_ms));
  return {
    ...driver,
    close: async () => {
      await driver.close();
      await killer?.settled();
    },
  };
}

/** The server ends a statement at its own limit; when that does not come through, the client does so later. */
const GRACE_MS = 1_000;
/** Statements are kept prepared; one of more values is not likely to come again. */
const KEPT_VALUES = 200;

async function madeReady(
  session: MysqlSession,
  plan: ConnectionPlan,
  deadline: number,
  signal: AbortSignal,
): Promise<Session> {
  const timer = setTimeout(() => session.destroy(unreachable()), Math.max(1, deadline - performance.now()));
  try {
    await session.set(plan.setup, signal);
    for (const text of plan.statements) await session.command(text, signal);
    return session;
  } catch (error) {
    session.destroy();
    throw error instanceof DatabaseError && error.cause !== undefined ? connectError(error.cause) : error;
  } finally {
    clearTimeout(timer);
  }
}

type Done = (error: unknown, result?: unknown) => void;

class MysqlSession implements Session {
  readonly #connection: Connection;
  readonly #limitMs: number;
  readonly #killer: Killer | undefined;
  /** The callers that wait for an answer. A connection that is cut gives none. */
  readonly #waiting: Set<(error: DatabaseError) => void> = new Set();
  #isAlive = true;

  constructor(connection: Connection, limitMs: number, killer: Killer | undefined) {
    this.#connection = connection;
    this.#limitMs = limitMs;
    this.#killer = killer;
    connection.on("error", (error: unknown) => this.destroy(statementError(error)));
    connection.on("end", () => this.destroy(lost()));
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The server prepares anew what a change of its tables has made stale; where it fails to, nothing has run. */
  async execute(statement: Statement, signal: AbortSignal): Promise<Result> {
    const { text, values } = statement;
    try {
      return await this.#executeOnce(statement, signal);
    } catch (error) {
      if (!(error instanceof DatabaseError && error.kind === "stale_plan")) throw error;
      this.#forget(text);
      return await this.#executeOnce(statement, signal);
    } finally {
      if (values.length > KEPT_VALUES) this.#forget(text);
    }
  }

  async #executeOnce({ text, values }: Statement, signal: AbortSignal): Promise<Result> {
    const parameters = values.map(parameterOf);
    return resultOf(await this.#ask((done) => this.#connection.execute(text, parameters, done), signal));
  }

  /** Settings of the config, which the library writes into the text: not preparing them saves a round trip. */
  async set({ text, values }: Setup, signal: AbortSignal): Promise<void> {
    await this.#ask((done) => this.#connection.query(text, [...values], done), signal);
  }

  async command(text: string, signal: AbortSignal): Promise<void> {
    await this.#ask((done) => this.#connection.query(text, done), signal);
  }

  async answers(withinMs: number): Promise<boolean> {
    const within = AbortSignal.timeout(Math.ceil(withinMs));
    return this.#ask((done) => this.#connection.ping(done), within, "ping").then(
      () => true,
      () => false,
    );
  }

  destroy(reason: DatabaseError = lost()): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    cut(this.#connection);
    for (const fail of this.#waiting) fail(reason);
  }

  #forget(text: string): void {
    if (this.#isAlive) this.#connection.unprepare(text);
  }

  #ask(send: (done: Done) => unknown, signal: AbortSignal, what: "statement" | "ping" = "statement"): Promise<unknown> {
    if (!this.#isAlive) return Promise.reject(lost());
    if (signal.aborted) return Promise.reject(new DatabaseError("timeout"));
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.destroy(new DatabaseError("timeout"));
        if (what === "statement") this.#killer?.kill(this.#connection.threadId);
      };
      const timer = setTimeout(giveUp, this.#limitMs);
      signal.addEventListener("abort", giveUp, { once: true });
      const fail = (error: DatabaseError) => {
        settle();
        reject(error);
      };
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        this.#waiting.delete(fail);
      };
      this.#waiting.add(fail);
      send((error, result) => {
        const failed = error ? statementError(error) : undefined;
        // The library tells the statement that its connection is gone, and then nobody else.
        if (failed?.kind === "unavailable") this.destroy(failed);
        if (failed) return fail(failed);
        settle();
        resolve(result);
      });
    });
  }
}

const MOST_SIGNED = 2n ** 63n - 1n;

/** Without its type an integer would travel as text, and a view of bytes as an object. */
function parameterOf(value: Bound): ExecuteValues {
  if (typeof value === "bigint") {
    const { LONGLONG } = mysql.TypedParameter;
    return value > MOST_SIGNED ? LONGLONG.unsigned(value) : LONGLONG(value);
  }
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

interface Header {
  readonly affectedRows?: number;
  readonly insertId?: number | string;
}

function resultOf(given: unknown): Result {
  if (Array.isArray(given)) return { rows: given as Cell[][], affected: given.length };
  const { affectedRows = 0, insertId = 0 } = (given ?? {}) as Header;
  const affected = Number(affectedRows);
  return Number(insertId) === 0 ? { rows: [], affected } : { rows: [], affected, insertId: String(insertId) };
}

function lost(): DatabaseError {
  return new DatabaseError("unavailable", { connect: "lost" });
}

function unreachable(): DatabaseError {
  return new DatabaseError("unavailable", { connect: "unreachable" });
}
