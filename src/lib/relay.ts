/** Hands an item on. Resolves when there is room for the next one, raises when nobody takes them any more. */
export type Give<T> = (item: T) => Promise<void>;

/** Raised where an item is given, when whoever took them has left. */
export class Left extends Error {}

/** Raised where an item is given, when nobody has taken the one before for too long. */
export class NotTaken extends Error {}

export interface RelayOptions {
  /** How long an item may wait to be taken. */
  readonly patienceMs: number;
  /** Aborted when nobody will take an item any more. */
  readonly signal: AbortSignal;
}

/**
 * The items that `work` gives, as they are asked for: work goes on while one item waits, and stands still while a second
 * one has no place. It begins when the first item is asked for; leaving early, or an abort, ends it before this ends.
 */
export async function* relay<T>(work: (give: Give<T>) => Promise<void>, options: RelayOptions): AsyncGenerator<T> {
  const place = new Place<T>(options.patienceMs);
  const leave = () => place.leave();
  options.signal.addEventListener("abort", leave, { once: true });
  if (options.signal.aborted) leave();
  const ended = work((item) => place.put(item)).then(
    () => place.end(undefined),
    (error: unknown) => place.end({ error }),
  );
  try {
    for (let taken = await place.take(); taken !== undefined; taken = await place.take()) yield taken.item;
  } finally {
    leave();
    options.signal.removeEventListener("abort", leave);
    await ended;
  }
}

interface Item<T> {
  readonly item: T;
}

/** Room for one item between the one who gives and the one who takes. */
class Place<T> {
  readonly #patienceMs: number;
  #waiting: Item<T> | undefined;
  #hasLeft = false;
  #hasEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeGiver: ((failure?: Error) => void) | undefined;
  #wakeTaker: (() => void) | undefined;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  async put(item: T): Promise<void> {
    if (this.#waiting !== undefined && !this.#hasLeft) await this.#room();
    if (this.#hasLeft) throw new Left();
    this.#waiting = { item };
    this.#wakeTaker?.();
  }

  /** The next item, or `undefined` at the end. Raises what the work raised. */
  async take(): Promise<Item<T> | undefined> {
    while (this.#waiting === undefined && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve;
      });
    }
    const taken = this.#waiting;
    this.#waiting = undefined;
    this.#wakeGiver?.();
    if (taken === undefined && this.#failure !== undefined) throw this.#failure.error;
    return taken;
  }

  end(failure: { readonly error: unknown } | undefined): void {
    this.#hasEnded = true;
    this.#failure = failure;
    this.#wakeTaker?.();
  }

  leave(): void {
    this.#hasLeft = true;
    this.#wakeGiver?.();
  }

  #room(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#wakeGiver?.(new NotTaken()), this.#patienceMs);
      this.#wakeGiver = (failure) => {
        clearTimeout(timer);
        this.#wakeGiver = undefined;
        if (failure) reject(failure);
        else resolve();
      };
    });
  }
}
