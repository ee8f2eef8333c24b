/** Raised when no place in a {@link Gate} came free in time. */
export class GateTimeout extends Error {}

/** Raised when as many wait for a {@link Gate} already as may. */
export class GateFull extends Error {}

/** Lets at most `places` pieces of work run at once; the others wait in order, each for a bounded time. */
export class Gate {
  #free: number;
  readonly #waitMs: number;
  readonly #mostWaiting: number;
  readonly #queue: Set<() => void> = new Set();

  constructor(places: number, waitMs: number, mostWaiting: number = Number.POSITIVE_INFINITY) {
    this.#free = places;
    this.#waitMs = waitMs;
    this.#mostWaiting = mostWaiting;
  }

  /** Runs `work` in a place of its own. Raises {@link GateTimeout} after the wait, {@link GateFull} instead of it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    if (this.#queue.size >= this.#mostWaiting) return Promise.reject(new GateFull());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#queue.delete(admit);
        reject(new GateTimeout());
      }, this.#waitMs);
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#queue.add(admit);
    });
  }

  #leave(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}
