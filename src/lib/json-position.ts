/** Where the text stops being JSON, as an offset in UTF-16 units; its length when it ends too early. Nests as deep as the text does. */
export function jsonErrorAt(text: string): number {
  return new Reader(text).errorAt();
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_ALLOWED = 0x20;

/** Reads JSON for its form alone. Every method answers whether it found what it reads; if not, `#at` is where it lacks. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  errorAt(): number {
    if (this.#value()) this.#match(SPACE);
    return this.#at;
  }

  #value(): boolean {
    this.#match(SPACE);
    const first = this.#text[this.#at];
    if (first === "{") return this.#list("}", () => this.#member());
    if (first === "[") return this.#list("]", () => this.#value());
    return first === '"' ? this.#string() : this.#match(SCALAR);
  }

  #list(close: string, readItem: () => boolean): boolean {
    this.#at++;
    if (this.#take(close)) return true;
    do {
      if (!readItem()) return false;
    } while (this.#take(","));
    return this.#take(close);
  }

  #member(): boolean {
    this.#match(SPACE);
    return this.#text[this.#at] === '"' && this.#string() && this.#take(":") && this.#value();
  }

  #string(): boolean {
    this.#at++;
    while (this.#at < this.#text.length) {
      const char = this.#text.charCodeAt(this.#at);
      if (char < FIRST_ALLOWED) return false;
      if (char === BACKSLASH) {
        if (!this.#match(ESCAPE)) return false;
        continue;
      }
      this.#at++;
      if (char === QUOTE) return true;
    }
    return false;
  }

  #take(char: string): boolean {
    this.#match(SPACE);
    const found = this.#text[this.#at] === char;
    if (found) this.#at++;
    return found;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.test(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }
}
