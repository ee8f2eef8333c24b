import { Lru } from "../../src/lib/lru.ts";

const CAPACITY = 500;
/** Longer texts are bulk statements, which are rarely the same twice. */
const MAX_TEXT = 8_000;
const SEEN_ONCE = "";

/**
 * Names for statements that come again, so that the server parses and plans them once per connection. Behind a pooler in
 * transaction mode (PgBouncer before 1.21) names are lost, and nothing is named once that shows; they are unlike those of
 * any other process, so that one connection of the server, lent to both, never takes one statement for another.
 */
export class StatementNames {
  readonly #names = new Lru<string, string>(CAPACITY);
  readonly #prefix = crypto.randomUUID().slice(0, 13);
  #count = 0;
  #areLost = false;

  /** The name to prepare the text by; `undefined` the first time that it is seen. A name is never given to another text. */
  nameOf(text: string): string | undefined {
    if (this.#areLost || text.length > MAX_TEXT) return undefined;
    const known = this.#names.get(text);
    if (known === undefined) this.#names.set(text, SEEN_ONCE);
    if (known !== SEEN_ONCE) return known;
    this.#count++;
    const name = `${this.#prefix}-${this.#count}`;
    this.#names.set(text, name);
    return name;
  }

  /** The server refuses the prepared statement: the text starts afresh. */
  forget(text: string): void {
    this.#names.delete(text);
  }

  /** Statements do not stay where they were prepared: none is named any more. */
  giveUp(): void {
    this.#areLost = true;
    this.#names.clear();
  }
}
