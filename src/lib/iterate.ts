/** What is done with items on their way to whoever asks for them. */
export interface Way<T, U> {
  /** What an item is handed on as. */
  item(item: T): U;
  /** What is raised in place of a failure. */
  failure?(error: unknown): unknown;
  /** Told when they are left, also while one is waited for, or before the first. */
  left?(): void;
  /** Told once: they have ended, failed, or been left. */
  ended?(): void;
}

/** Items by a way of their own. Leaving these leaves those, even before one was asked for, which a generator would not do. */
export function through<T, U>(items: AsyncIterable<T>, way: Way<T, U>): AsyncIterable<U> {
  return { [Symbol.asyncIterator]: () => new Through(items[Symbol.asyncIterator](), way) };
}

/** The same items, to be asked for once, when the first has been read: what fails at once is raised here. */
export async function begun<T>(items: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const rest = items[Symbol.asyncIterator]();
  let first: IteratorResult<T> | undefined = await rest.next();
  const next = async () => {
    const step = first ?? (await rest.next());
    first = undefined;
    return step;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: () => leave(rest) }) };
}

class Through<T, U> implements AsyncIterator<U> {
  readonly #items: AsyncIterator<T>;
  readonly #way: Way<T, U>;
  #hasEnded = false;

  constructor(items: AsyncIterator<T>, way: Way<T, U>) {
    this.#items = items;
    this.#way = way;
  }

  async next(): Promise<IteratorResult<U>> {
    try {
      const step = await this.#items.next();
      if (!step.done) return { done: false, value: this.#way.item(step.value) };
      this.#end();
      return step;
    } catch (error) {
      await this.return();
      throw this.#way.failure?.(error) ?? error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#way.left?.();
    try {
      return await leave(this.#items);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    if (!this.#hasEnded) this.#way.ended?.();
    this.#hasEnded = true;
  }
}

async function leave(items: AsyncIterator<unknown>): Promise<IteratorReturnResult<undefined>> {
  await items.return?.();
  return { done: true, value: undefined };
}
