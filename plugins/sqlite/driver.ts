import { DatabaseError } from "../../src/db/errors.ts";
import { type Driver, type Inside, NoStream, type Result, type Statement } from "../../src/db/sql/driver.ts";
import { Streams } from "../../src/db/sql/streams.ts";
import { Gate, GateTimeout } from "../../src/lib/gate.ts";
import type { Give } from "../../src/lib/relay.ts";
import { type Client, MEMORY, type OpenOptions } from "./client.ts";
import { giveRows } from "./rows.ts";

/** How often it is looked whether the file has been replaced, at most. */
const CHECK_MS = 1000;
/** Streams that are read at once, each by a connection of its own. */
const MOST_STREAMS = 4;
const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 50;

/**
 * One connection for all requests of a service, one at a time in the order of their coming: nobody's statement runs
 * inside somebody else's transaction. A lock that another process holds is waited for between statements, so that
 * neither the process nor the other requests stand still meanwhile.
 */
export class SqliteDriver implements Driver {
  readonly #options: OpenOptions;
  readonly #connect: (isFirst: boolean) => Client;
  readonly #gate: Gate;
  readonly #streams: Streams;
  #client: Client | undefined;
  #checked = 0;
  #isFirst = true;
  #isClosed = false;

  constructor(options: OpenOptions, connect: (isFirst: boolean) => Client) {
    this.#options = options;
    this.#connect = connect;
    this.#gate = new Gate(1, options.waitMs);
    this.#streams = new Streams(MOST_STREAMS, options.waitMs);
  }

  execute(statement: Statement, signal: AbortSignal): Promise<Result> {
    return this.#patiently((client) => client.run(statement.text, statement.values), signal);
  }

  /** BEGIN IMMEDIATE takes the write lock at once: no statement after it meets a lock, and no other's change is overwritten. */
  transaction<T>(work: (inside: Inside) => Promise<T>, signal: AbortSignal): Promise<T> {
    let hasBegun = false;
    const whole = async (client: Client) => {
      client.run("BEGIN IMMEDIATE", []);
      hasBegun = true;
      return this.#finish(client, work, signal);
    };
    return this.#patiently(whole, signal, () => !hasBegun);
  }

  /** SQLite minds the switch only outside of a transaction. */
  rebuild<T>(work: (inside: Inside) => Promise<T>, signal: AbortSignal): Promise<T> {
    let hasBegun = false;
    const whole = async (client: Client) => {
      const [[isOn] = []] = client.run("PRAGMA foreign_keys", []).rows;
      client.run("PRAGMA foreign_keys = OFF", []);
      try {
        client.run("BEGIN IMMEDIATE", []);
        hasBegun = true;
        return await this.#finish(client, work, signal);
      } finally {
        client.run("PRAGMA legacy_alter_table = OFF", []);
        if (Number(isOn) === 1) client.run("PRAGMA foreign_keys = ON", []);
      }
    };
    return this.#patiently(whole, signal, () => !hasBegun);
  }

  /** By a connection of its own: whoever writes is not kept waiting, which takes a write-ahead log. A database in memory has but one. */
  stream(statement: Statement, signal: AbortSignal): AsyncIterable<Result> {
    if (this.#options.path === MEMORY) throw new NoStream();
    return this.#streams.run((give) => this.#streamAll(statement, give, signal), signal);
  }

  async #streamAll(statement: Statement, give: Give<Result>, signal: AbortSignal): Promise<void> {
    const client = this.#connect(false);
    try {
      if (!client.hasWriteAheadLog()) throw new NoStream();
      await giveRows(client.rows(statement.text, statement.values), give, () => this.#isClosed || signal.aborted);
    } finally {
      client.close();
    }
  }

  /** Lets the statement or transaction that runs end first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#gate.run(async () => this.#discard()).catch(() => this.#discard());
  }

  /** Runs `work` in its turn, again and again while another process holds a lock, until the wait is over. */
  async #patiently<T>(
    work: (client: Client) => T | Promise<T>,
    signal: AbortSignal,
    mayRetry = () => true,
  ): Promise<T> {
    const deadline = this.#lockDeadline();
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.#inTurn(work, signal);
      } catch (error) {
        if (!isLocked(error) || !mayRetry() || performance.now() + pause > deadline) throw error;
      }
      await sleep(pause);
    }
  }

  async #inTurn<T>(work: (client: Client) => T | Promise<T>, signal: AbortSignal): Promise<T> {
    return waitFor(this.#gate, () => this.#once(work, signal));
  }

  /** A connection that fails is given up before the next request has its turn, which may begin a transaction on it. */
  async #once<T>(work: (client: Client) => T | Promise<T>, signal: AbortSignal): Promise<T> {
    if (signal.aborted) throw new DatabaseError("timeout");
    try {
      return await work(this.#current());
    } catch (error) {
      if (isGone(error) && this.#options.path !== MEMORY) this.#discard();
      throw error;
    }
  }

  async #finish<T>(client: Client, work: (inside: Inside) => Promise<T>, signal: AbortSignal): Promise<T> {
    const inside = new Open(client);
    try {
      const result = await endedBy(signal, () => work(inside));
      inside.demandOpen();
      await this.#commit(client);
      return result;
    } finally {
      inside.isOver = true;
      if (client.inTransaction) rollback(client);
    }
  }

  /** Without a write-ahead log (some network file systems) COMMIT waits for readers of other processes. */
  async #commit(client: Client): Promise<void> {
    const deadline = this.#lockDeadline();
    for (;;) {
      try {
        client.run("COMMIT", []);
        return;
      } catch (error) {
        if (!isLocked(error) || !client.inTransaction || performance.now() > deadline) throw error;
      }
      await sleep(FIRST_PAUSE_MS);
    }
  }

  #lockDeadline(): number {
    return performance.now() + Math.min(this.#options.waitMs, this.#options.statementTimeoutMs);
  }

  /** The open database; a file that was replaced or came back is opened anew. */
  #current(): Client {
    if (this.#isClosed) throw new DatabaseError("unavailable", { connect: "lost" });
    const now = performance.now();
    if (this.#client !== undefined && now - this.#checked > CHECK_MS) {
      this.#checked = now;
      if (!this.#client.isCurrent()) this.#discard();
    }
    if (this.#client === undefined) {
      this.#client = this.#connect(this.#isFirst);
      this.#isFirst = false;
      this.#checked = now;
    }
    return this.#client;
  }

  #discard(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }
}

/** The connection as the work of a transaction sees it, for as long as the transaction lasts. */
class Open implements Inside {
  readonly #client: Client;
  isOver = false;

  constructor(client: Client) {
    this.#client = client;
  }

  async execute(statement: Statement, signal: AbortSignal): Promise<Result> {
    if (signal.aborted) throw new DatabaseError("timeout");
    this.demandOpen();
    return this.#client.run(statement.text, statement.values);
  }

  /** After a failure that made SQLite roll back by itself, the next statement would hold on its own. */
  demandOpen(): void {
    if (this.isOver || !this.#client.inTransaction) throw new DatabaseError("rejected");
  }
}

function rollback(client: Client): void {
  try {
    client.run("ROLLBACK", []);
  } catch {
    client.close();
  }
}

/** Work that never ends must not keep the connection: it loses its transaction when the signal says so. */
async function endedBy<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new DatabaseError("timeout"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function waitFor<T>(gate: Gate, work: () => Promise<T>): Promise<T> {
  try {
    return await gate.run(work);
  } catch (error) {
    throw error instanceof GateTimeout ? new DatabaseError("saturated", { cause: error }) : error;
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === "conflict";
}

function isGone(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === "unavailable";
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
