import type { Fault } from "../../contract/fault.ts";
import { echo, invalidFilter } from "./invalid.ts";
import { keyword, skipSpace, type Token, tokenAt } from "./tokenizer.ts";

/**
 * A place in a filter that moves forward only.
 *
 * Tokens are made when asked for, not ahead: what begins an unquoted value may look like a quoted name
 * that runs to the end of the text, and looking there each time would not be linear.
 */
export class Cursor {
  readonly text: string;
  #at = 0;
  #lastAt = 0;
  #peeked: Token | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Right behind what was read last. */
  get at(): number {
    return this.#at;
  }

  /** Where the next character that is not white space stands. */
  get nextAt(): number {
    return skipSpace(this.text, this.#at);
  }

  peek(): Token {
    this.#peeked ??= tokenAt(this.text, this.#at);
    return this.#peeked;
  }

  /** Marks everything from `at` to `end` as read. */
  moveOver(at: number, end: number): void {
    this.#lastAt = at;
    this.#at = end;
    this.#peeked = undefined;
  }

  take(): Token {
    const token = this.peek();
    this.moveOver(token.at, token.end);
    return token;
  }

  takeSymbol(symbol: string): boolean {
    const token = this.peek();
    const found = token.kind === "symbol" && token.text === symbol;
    if (found) this.take();
    return found;
  }

  /** Takes the next word when it is this keyword, given in capitals. */
  takeWord(word: string): boolean {
    const token = this.peek();
    const found = token.kind === "word" && keyword(token.text) === word;
    if (found) this.take();
    return found;
  }

  /** The error for a filter that lacks something right behind what was read last. */
  missing(what: string): Fault {
    const last = this.text.slice(this.#lastAt, this.#at);
    return invalidFilter(last === "" ? `expected ${what}` : `expected ${what} after ${echo(last)}`, this.#at);
  }

  /** The error for a filter that goes on with something else. */
  expected(what: string): Fault {
    const { kind, at, end } = this.peek();
    if (kind === "end") return this.missing(what);
    if (kind === "unclosed") return unclosed(this.peek());
    return invalidFilter(`expected ${what} but found ${echo(this.text.slice(at, end))}`, at);
  }
}

/** The error for a quote without its other half. */
export function unclosed(token: Token): Fault {
  return invalidFilter(`expected a closing quote for the ${token.text} that opens`, token.at);
}
