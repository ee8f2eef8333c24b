import mysql, { type Connection, type ExecuteValues } from "mysql2";
import type { RequestScope } from "../../src/contract/runtime.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Cell, Driver, Result, Statement } from "../../src/db/sql/driver.ts";
import { PATIENCE_MS, Streams } from "../../src/db/sql/streams.ts";
import { Lru } from "../../src/lib/lru.ts";
import type { Give } from "../../src/lib/relay.ts";
import type { MysqlConfig } from "./config.ts";
import { type ConnectionPlan, connectionPlan, limitsText } from "./connection.ts";
import { type Connect, connectAsPlanned, cut, Killer } from "./driver.connect.ts";
import { connectError, statementError } from "./errors.ts";
import { type Open, Pool, type Session } from "./pool.ts";
import { pooledDriver } from "./pooled-driver.ts";
import { type Clock, RowReader } from "./rows.ts";

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
    const session = new MysqlSession(await connect(plan, withinMs, signal), plan, killer);
    return madeReady(session, deadline, signal);
  };
  const driver = pooledDriver(new Pool(open, max, wait_ms), Streams.ofPool(max, wait_ms));
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
/** Statements are kept prepared; of those with more values, which take much memory, only a few. */
const KEPT_VALUES = 200;
const KEPT_LARGE = 4;

async function madeReady(session: MysqlSession, deadline: number, signal: AbortSignal): Promise<Session> {
  const timer = setTimeout(() => session.destroy(unreachable()), Math.max(1, deadline - performance.now()));
  try {
    await session.setUp(signal);
    return session;
  } catch (error) {
    session.destroy();
    throw error instanceof DatabaseError && error.cause !== undefined ? connectError(error.cause) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** A reset forgets what the library said of texts when it connected. */
const AS_CONNECTED = "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci";

type Done = (error: unknown, result?: unknown) => void;

class MysqlSession implements Session {
  readonly #connection: Connection;
  readonly #plan: ConnectionPlan;
  readonly #statementMs: number;
  readonly #killer: Killer | undefined;
  readonly #large = new Lru<string, string>(KEPT_LARGE, (text) => this.#unprepare(text));
  /** The callers that wait for an answer. A connection that is cut gives none. */
  readonly #waiting: Set<(error: DatabaseError) => void> = new Set();
  #isAlive = true;

  constructor(connection: Connection, plan: ConnectionPlan, killer: Killer | undefined) {
    this.#connection = connection;
    this.#plan = plan;
    this.#statementMs = plan.statementTimeoutMs;
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
      if (values.length > KEPT_VALUES && this.#large.get(text) === undefined) this.#large.set(text, text);
    }
  }

  async #executeOnce({ text, values }: Statement, signal: AbortSignal): Promise<Result> {
    const parameters = values.map(parameterOf);
    const send = (done: Done) =>
      this.#connection.execute(text, parameters, (error: unknown, given: unknown, fields: unknown) =>
        done(error, error ? undefined : resultOf(given, fields as Fields)),
      );
    return (await this.#ask(send, signal)) as Result;
  }

  /** The server's own limit is that of a whole statement: here it is ours, for each portion of the rows. */
  async stream({ text, values }: Statement, give: Give<Result>, signal: AbortSignal): Promise<void> {
    const parameters = values.map(parameterOf);
    await this.command(limitsText(0, 2 * PATIENCE_MS), signal);
    try {
      const reading = { text, parameters, give };
      await this.#ask((done, clock) => new RowReader(this.#connection, reading, { clock, done }).read(), signal);
      await this.command(limitsText(this.#statementMs), signal);
    } catch (error) {
      this.#giveUp(lost());
      throw error;
    } finally {
      this.#forget(text);
    }
  }

  /** Makes a new connection ready, by settings of the config, which the library writes into the text: not preparing them saves a round trip. */
  async setUp(signal: AbortSignal): Promise<void> {
    const { setup, statements } = this.#plan;
    await this.#ask((done) => this.#connection.query(setup.text, [...setup.values], done), signal);
    for (const text of statements) await this.command(text, signal);
  }

  async restore(): Promise<void> {
    const { signal } = new AbortController();
    try {
      await this.#ask((done) => this.#connection.reset(done), signal);
      await this.command(AS_CONNECTED, signal);
      await this.setUp(signal);
    } catch {
      this.destroy();
    }
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
    this.#large.delete(text);
    this.#unprepare(text);
  }

  #unprepare(text: string): void {
    if (this.#isAlive) this.#connection.unprepare(text);
  }

  /** What the server does for it is of use to nobody any more. */
  #giveUp(reason: DatabaseError): void {
    if (!this.#isAlive) return;
    this.destroy(reason);
    this.#killer?.kill(this.#connection.threadId);
  }

  #ask(
    send: (done: Done, clock: Clock) => unknown,
    signal: AbortSignal,
    what: "statement" | "ping" = "statement",
  ): Promise<unknown> {
    if (!this.#isAlive) return Promise.reject(lost());
    if (signal.aborted) return Promise.reject(new DatabaseError("timeout"));
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        const reason = new DatabaseError("timeout");
        if (what === "statement") this.#giveUp(reason);
        else this.destroy(reason);
      };
      const clock = clockOf(giveUp, this.#statementMs + GRACE_MS);
      clock.start();
      signal.addEventListener("abort", giveUp, { once: true });
      const fail = (error: DatabaseError) => {
        settle();
        reject(error);
      };
      const settle = () => {
        clock.stop();
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
      }, clock);
    });
  }
}

function clockOf(alarm: () => void, limitMs: number): Clock {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    timer = setTimeout(alarm, limitMs);
  };
  return { start, stop };
}

const MOST_SIGNED = 2n ** 63n - 1n;
/** The library looks for its module at each access. */
const { LONGLONG } = mysql.TypedParameter;

/** Without its type an integer would travel as text, and a view of bytes as an object. */
function parameterOf(value: Bound): ExecuteValues {
  if (typeof value === "bigint") {
    return value > MOST_SIGNED ? LONGLONG.unsigned(value) : LONGLONG(value);
  }
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

interface Header {
  readonly affectedRows?: number;
  readonly insertId?: number | string;
}

/** The columns of the rows; for a routine those of each of its result sets, and a last one without any. */
type Fields = readonly object[] | readonly (readonly object[] | undefined)[] | undefined;

function resultOf(given: unknown, fields: Fields): Result {
  if (Array.isArray(given) && Array.isArray(fields?.[0])) return resultOfCall(given, fields as readonly object[][]);
  if (Array.isArray(given)) return { rows: given as Cell[][], affected: given.length, fields: fields as object[] };
  const { affectedRows = 0, insertId = 0 } = (given ?? {}) as Header;
  const affected = Number(affectedRows);
  return Number(insertId) === 0 ? { rows: [], affected } : { rows: [], affected, insertId: String(insertId) };
}

function resultOfCall(given: readonly unknown[], fields: readonly (readonly object[] | undefined)[]): Result {
  const sets = fields.flatMap((each, index) => (each ? [{ rows: given[index] as Cell[][], fields: each }] : []));
  const [first = { rows: [] }, ...others] = sets;
  return { ...first, affected: first.rows.length, others };
}

function lost(): DatabaseError {
  return new DatabaseError("unavailable", { connect: "lost" });
}

function unreachable(): DatabaseError {
  return new DatabaseError("unavailable", { connect: "unreachable" });
}
