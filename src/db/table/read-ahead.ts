/** Hands out items one after the other; the next one may be begun before it is asked for, no more than one. */
export class ReadAhead<T> {
  readonly #items: AsyncIterator<T>;
  #next: Promise<IteratorResult<T>> | undefined;

  constructor(items: AsyncIterable<T>) {
    this.#items = items[Symbol.asyncIterator]();
  }

  /** Begins the next item. What that raises is raised when the item is taken. */
  begin(): void {
    if (this.#next !== undefined) return;
    this.#next = this.#items.next();
    this.#next.catch(() => {});
  }

  /** The next item; `undefined` behind the last one. */
  async take(): Promise<T | undefined> {
    this.begin();
    const { done, value } = (await this.#next) as IteratorResult<T>;
    this.#next = undefined;
    return done ? undefined : value;
  }

  /** Wants no more of them, and does not wait for one that has been begun. */
  leave(): void {
    this.#items.return?.().catch(() => {});
  }
}
