import { Gate, GateTimeout } from "../../lib/gate.ts";
import { type Give, Left, NotTaken, relay } from "../../lib/relay.ts";
import { DatabaseError } from "../errors.ts";
import type { Result } from "./driver.ts";
import { bytesOf } from "./portion.ts";

/** How long a client may leave what it asked for unread: a connection to the database is held for it. In milliseconds. */
export const PATIENCE_MS = 60_000;
/**
 * What a client takes at least in a second of those that it was waited for, once these are a minute: slower than any line
 * that is worth a connection, so that nobody holds one for hours by a byte now and then.
 */
const LEAST_PER_SECOND = 32 * 1024;

type Work = (give: Give<Result>) => Promise<void>;

/** The exports of one service. Each holds a connection for as long as its client reads, so only some run at once. */
export class Streams {
  readonly #gate: Gate;

  /** `places` run at once; the others wait for `waitMs`. */
  constructor(places: number, waitMs: number) {
    this.#gate = new Gate(places, waitMs);
  }

  /** Of a pool of `max` connections half are left to those who do not stream. */
  static ofPool(max: number, waitMs: number): Streams {
    return new Streams(Math.max(1, Math.floor(max / 2)), waitMs);
  }

  /** The results that `work` gives, as they are asked for. Raises DatabaseError: `saturated` when no place came free in time. */
  async *run(work: Work, signal: AbortSignal): AsyncGenerator<Result> {
    const inTurn: Work = (give) => this.#gate.run(() => work(atLeastPace(give)));
    try {
      yield* relay(inTurn, { patienceMs: PATIENCE_MS, signal });
    } catch (error) {
      if (error instanceof GateTimeout) throw new DatabaseError("saturated", { cause: error });
      throw error instanceof Left || error instanceof NotTaken ? new DatabaseError("timeout", { cause: error }) : error;
    }
  }
}

/** Gives for as long as what is given is taken fast enough; only the time of the client counts, not that of the database. */
function atLeastPace(give: Give<Result>): Give<Result> {
  let waitedMs = 0;
  let bytes = 0;
  return async (result) => {
    const began = performance.now();
    await give(result);
    waitedMs += performance.now() - began;
    bytes += result.rows.reduce((sum, row) => sum + bytesOf(row), 0);
    if (waitedMs > PATIENCE_MS && bytes < (LEAST_PER_SECOND * waitedMs) / 1000) throw new NotTaken();
  };
}
