import { DatabaseError } from "../../src/db/errors.ts";
import { ConnectRest } from "../../src/db/sql/connect-rest.ts";
import type { Result, Statement } from "../../src/db/sql/driver.ts";
import { Gate, GateTimeout } from "../../src/lib/gate.ts";
import type { Give } from "../../src/lib/relay.ts";

/** One connection. Raises DatabaseError; an aborted signal breaks the connection. */
export interface Session {
  readonly isAlive: boolean;
  execute(statement: Statement, signal: AbortSignal): Promise<Result>;
  /** Gives the rows of a SELECT as they are read, some at a time; the server sends no more than what is taken. */
  stream(statement: Statement, give: Give<Result>, signal: AbortSignal): Promise<void>;
  /** Runs a text without values, such as COMMIT. */
  command(text: string, signal: AbortSignal): Promise<void>;
  /** Whether the server still answers, within `withinMs`. */
  answers(withinMs: number): Promise<boolean>;
  /** Makes it as it was when it was made ready, for all that can be changed of it; else ends it. */
  restore(): Promise<void>;
  /** Ends it, whatever it is doing. */
  destroy(): void;
}

/** Makes a connection that is ready for use, or raises, within `withinMs`. */
export type Open = (withinMs: number, signal: AbortSignal) => Promise<Session>;

interface Idle {
  readonly session: Session;
  readonly sinceMs: number;
}

/** A connection that rested longer is asked first whether it still works. */
const RESTED_MS = 1_000;
const PING_MS = 1_000;

/** Up to `max` connections, each made when it is needed. A wait for one, connecting included, ends after `waitMs`. */
export class Pool {
  readonly #open: Open;
  readonly #waitMs: number;
  readonly #gate: Gate;
  readonly #rest = new ConnectRest();
  #idle: Idle[] = [];
  #isClosed = false;

  constructor(open: Open, max: number, waitMs: number) {
    this.#open = open;
    this.#waitMs = waitMs;
    this.#gate = new Gate(max, waitMs);
  }

  /** Lends a connection to `work`. Raises `saturated`, `unavailable`, or `timeout` when the signal is aborted. */
  use<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const deadline = performance.now() + this.#waitMs;
    const lent = this.#gate.run(async () => {
      const session = await this.#take(deadline, signal);
      try {
        return await work(session);
      } finally {
        this.#giveBack(session);
      }
    });
    return untilAborted(lent, signal).catch((error: unknown) => {
      throw error instanceof GateTimeout ? new DatabaseError("saturated") : error;
    });
  }

  /** Closes the idle connections, and those in use as soon as they come back. */
  close(): void {
    this.#isClosed = true;
    for (const { session } of this.#idle) session.destroy();
    this.#idle = [];
  }

  /** The connection that rested the shortest, or a new one. No statement was sent on one that turns out to be dead. */
  async #take(deadline: number, signal: AbortSignal): Promise<Session> {
    const left = () => Math.max(1, deadline - performance.now());
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      const { session, sinceMs } = idle;
      const isFresh = performance.now() - sinceMs < RESTED_MS;
      if (session.isAlive && (isFresh || (await session.answers(Math.min(PING_MS, left()))))) return session;
      session.destroy();
    }
    if (signal.aborted) throw new DatabaseError("timeout");
    if (this.#isClosed) throw new DatabaseError("unavailable");
    return this.#rest.run(() => this.#open(left(), signal));
  }

  #giveBack(session: Session): void {
    if (session.isAlive && !this.#isClosed) this.#idle.push({ session, sinceMs: performance.now() });
    else session.destroy();
  }
}

/** The caller need not wait for work that is being given up. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new DatabaseError("timeout"));
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const forget = () => signal.removeEventListener("abort", giveUp);
    work.then(resolve, reject).then(forget, forget);
  });
}
