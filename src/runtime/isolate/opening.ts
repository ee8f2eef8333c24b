/** How long a failure stands before it is tried again. */
const PAUSE_MS = 2_000;
/** An attempt that takes longer was lost with the request that it ran in. */
const LOST_MS = 60_000;

interface Attempt<T> {
  readonly result: Promise<T>;
  /** When another attempt may take its place, in milliseconds of `performance.now()`. */
  until: number;
}

/** Something that is opened once for all who ask, and anew, after a pause, when that has failed. */
export class Opening<T> {
  readonly #failed: (error: unknown) => void;
  #attempt: Attempt<T> | undefined;

  /** `failed` is told of each attempt that fails, once. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** What is open; else it is opened. Raises what the last attempt raised. */
  get(open: () => Promise<T>): Promise<T> {
    if (this.#attempt === undefined || performance.now() > this.#attempt.until) this.#attempt = this.#begin(open);
    return this.#attempt.result;
  }

  #begin(open: () => Promise<T>): Attempt<T> {
    const attempt = { result: open(), until: performance.now() + LOST_MS };
    attempt.result.then(
      () => {
        attempt.until = Number.POSITIVE_INFINITY;
      },
      (error: unknown) => {
        attempt.until = performance.now() + PAUSE_MS;
        this.#failed(error);
      },
    );
    return attempt;
  }
}
