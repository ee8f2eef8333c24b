import { DatabaseError } from "../../src/db/errors.ts";
import type { PgClient, PgQuery, PgResult } from "./client.ts";
import { statementError } from "./errors.ts";

/** Statements that one connection prepares before it makes way for a new one, which is how the server forgets them. */
const MAX_PREPARED = 1_000;

/** A connection that outlives the statement it is lent for. */
export interface Line {
  readonly client: PgClient;
  /** Names of the statements that were prepared on it. */
  readonly prepared: Set<string>;
}

/** A connection while it is lent: each statement is bounded in time, and the connection is given back exactly once. */
export class Session {
  /** Whether the connection had waited in the pool, and may have died there. */
  readonly isReused: boolean;
  readonly #line: Line;
  readonly #onEnd: () => void;
  #isOver = false;

  constructor(line: Line, isReused: boolean, onEnd: () => void) {
    this.#line = line;
    this.isReused = isReused;
    this.#onEnd = onEnd;
  }

  /** Whether the connection was broken off. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs a statement. When `limitMs` pass or the signal is aborted, the connection is broken off. Raises DatabaseError. */
  run(query: PgQuery, limitMs: number, signal?: AbortSignal): Promise<PgResult> {
    if (this.#isOver || signal?.aborted) return Promise.reject(new DatabaseError("timeout"));
    if (query.name !== undefined) this.#line.prepared.add(query.name);
    return new Promise((resolve, reject) => {
      const stop = () => settle(() => this.#fail(new DatabaseError("timeout"), reject));
      const timer = setTimeout(stop, limitMs);
      signal?.addEventListener("abort", stop);
      const settle = (done: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        done();
      };
      this.#line.client.query(query).then(
        (result) => settle(() => resolve(result)),
        (error: unknown) => settle(() => this.#fail(statementError(error), reject)),
      );
    });
  }

  /** Gives the connection back. */
  release(): void {
    this.#end(this.#line.prepared.size >= MAX_PREPARED);
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.#end(true);
  }

  /** A timeout of the server's own leaves the connection whole; ours, which has no cause, does not. */
  #fail(error: DatabaseError, reject: (error: DatabaseError) => void): void {
    if (error.kind === "unavailable" || error.cause === undefined) this.destroy();
    reject(error);
  }

  #end(destroy: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    this.#line.client.release(destroy);
  }
}
