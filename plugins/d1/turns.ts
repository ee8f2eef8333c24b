import { within } from "../../src/lib/within.ts";

/**
 * Lets pieces of work come one after the other, so that none is done in vain. Whoever has waited long goes on all the same:
 * a request that is cut never ends its turn, and order is not what keeps the work right.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  readonly #waitMs: number;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Does the work, which says when it needs its turn, and has that until it ends. */
  async run<T>(work: (takeTurn: () => Promise<void>) => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let hasTurn = false;
    const takeTurn = async () => {
      if (hasTurn) return;
      hasTurn = true;
      const before = this.#last;
      this.#last = promise;
      await within(before, this.#waitMs);
    };
    try {
      return await work(takeTurn);
    } finally {
      resolve();
    }
  }
}
