import { type CharTest, type Regex, RegexError } from "./regex-syntax.ts";

/** Most states that an expression may have, its repetitions written out. */
const MOST_STATES = 4_000;

export type State =
  | { readonly kind: "char"; readonly test: CharTest; readonly next: number }
  | { readonly kind: "assert"; readonly at: Extract<Regex, { kind: "assert" }>["at"]; readonly next: number }
  | { readonly kind: "look"; readonly negated: boolean; readonly entry: number; readonly next: number }
  | { readonly kind: "split"; readonly nexts: number[] }
  | { readonly kind: "end" };

/** The states of an expression; those of each lookahead are a program of their own, before that which asks for it. */
export class Program {
  readonly states: State[] = [];
  readonly ends: number[] = [];
  /** Which program a state belongs to. */
  readonly owners: number[] = [];
  #owner = 0;
  #programs = 0;

  whole(regex: Regex): number {
    const outer = this.#owner;
    this.#owner = this.#programs++;
    const own = this.#owner;
    const end = this.#add({ kind: "end" });
    this.ends[own] = end;
    const entry = this.#compile(regex, end);
    this.#owner = outer;
    return entry;
  }

  #add(state: State): number {
    if (this.states.length >= MOST_STATES) throw new RegexError("it is too large");
    this.owners.push(this.#owner);
    return this.states.push(state) - 1;
  }

  /** The state from which the expression leads to `next`. */
  #compile(regex: Regex, next: number): number {
    switch (regex.kind) {
      case "char":
        return this.#add({ kind: "char", test: regex.test, next });
      case "assert":
        return this.#add({ kind: "assert", at: regex.at, next });
      case "look":
        return this.#add({ kind: "look", negated: regex.negated, entry: this.whole(regex.body), next });
      case "sequence":
        return regex.parts.reduceRight((after, part) => this.#compile(part, after), next);
      case "choice":
        return this.#add({ kind: "split", nexts: regex.parts.map((part) => this.#compile(part, next)) });
      case "repeat":
        return this.#repeat(regex, next);
    }
  }

  #repeat({ body, least, most }: Extract<Regex, { kind: "repeat" }>, next: number): number {
    let entry = next;
    if (most === Number.POSITIVE_INFINITY) {
      const nexts = [next];
      entry = this.#add({ kind: "split", nexts });
      nexts.push(this.#compile(body, entry));
    } else {
      for (let n = least; n < most; n++)
        entry = this.#add({ kind: "split", nexts: [next, this.#compile(body, entry)] });
    }
    for (let n = 0; n < least; n++) entry = this.#compile(body, entry);
    return entry;
  }
}
