import { DatabaseError } from "../../src/db/errors.ts";
import { ConnectRest } from "../../src/db/sql/connect-rest.ts";
import type { PgClient, PgPool, PgQuery } from "./client.ts";
import { connectError, isQueueTimeout, statementError } from "./errors.ts";
import { type Line, Session } from "./session.ts";

export interface LobbyOptions {
  readonly pool: PgPool;
  /** Milliseconds to wait for a connection, and for it to become ready. */
  readonly waitMs: number;
  /** Queries that make a new connection ready, in order. */
  readonly greeting: readonly PgQuery[];
}

/** As DISCARD ALL, which would forget the prepared statements too. */
const AFRESH: PgQuery = {
  text: `CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all();
    DISCARD TEMP; DISCARD SEQUENCES`,
  rowMode: "array",
};

/** Lends the connections of a pool, each made ready once. */
export class Lobby {
  readonly #options: LobbyOptions;
  readonly #lines = new WeakMap<PgClient, Line>();
  readonly #rest = new ConnectRest();
  #lent = 0;
  #closing: Promise<void> | undefined;

  constructor(options: LobbyOptions) {
    this.#options = options;
  }

  /** A connection that is ready. Raises DatabaseError: saturated, unavailable, or timeout when the signal is aborted. */
  async lend(signal: AbortSignal): Promise<Session> {
    const began = performance.now();
    const client = await this.#takeOrRest(signal);
    const known = this.#lines.get(client);
    if (known !== undefined) return this.#session(known, true);
    // Without a listener, a connection that breaks while it is lent would end the process.
    client.on("error", () => {});
    const line = { client, prepared: new Set<string>() };
    const session = this.#session(line, false);
    await this.#greet(session, Math.max(began + this.#options.waitMs - performance.now(), 100));
    this.#lines.set(client, line);
    return session;
  }

  /** Makes a connection as it was when it was made ready, for all that can be changed of it; else breaks it off. */
  async restore(session: Session, limitMs: number): Promise<void> {
    if (session.isOver) return;
    try {
      for (const query of [AFRESH, ...this.#options.greeting]) await session.run(query, limitMs);
    } catch {
      session.destroy();
    }
  }

  /** Ends all connections, those lent as soon as they are given back. */
  close(): Promise<void> {
    this.#closing ??= this.#options.pool.end();
    return this.#closing;
  }

  #session(line: Line, isReused: boolean): Session {
    this.#lent++;
    return new Session(line, isReused, () => this.#lent--);
  }

  async #greet(session: Session, limitMs: number): Promise<void> {
    try {
      for (const query of this.#options.greeting) await session.run(query, limitMs);
    } catch (error) {
      session.destroy();
      throw refusal(statementError(error));
    }
  }

  /** A connection that is there is lent, whatever became of attempts to make another. */
  #takeOrRest(signal: AbortSignal): Promise<PgClient> {
    const take = () => this.#take(signal);
    return this.#options.pool.idleCount > 0 ? take() : this.#rest.run(take);
  }

  #take(signal: AbortSignal): Promise<PgClient> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new DatabaseError("timeout"));
      const stop = () => reject(new DatabaseError("timeout"));
      signal.addEventListener("abort", stop);
      const settle = (done: () => void) => {
        signal.removeEventListener("abort", stop);
        done();
      };
      this.#options.pool.connect().then(
        (client) => settle(() => (signal.aborted ? client.release() : resolve(client))),
        (error: unknown) => settle(() => reject(this.#failure(error))),
      );
    });
  }

  /** Waiting in vain while no connection is lent means that none can be made. */
  #failure(error: unknown): DatabaseError {
    if (!isQueueTimeout(error)) return connectError(error);
    if (this.#lent > 0) return new DatabaseError("saturated", { cause: error });
    return new DatabaseError("unavailable", { cause: error, connect: "unreachable" });
  }
}

/** A connection that cannot be made ready is one that cannot be had. */
function refusal(error: DatabaseError): DatabaseError {
  if (error.kind === "unavailable") return error;
  const connect = error.kind === "privilege" ? "no_privilege" : error.kind === "timeout" ? "unreachable" : undefined;
  return new DatabaseError("unavailable", { cause: error.cause ?? error, connect });
}
