import { type CharTest, type Regex, RegexError } from "./regex-syntax.ts";

/** Whether the expression matches anywhere in the text: in a time that grows with the length of the text, whatever it is. */
export type Matcher = (text: string) => boolean;

/** Most states that an expression may have, its repetitions written out. */
const MOST_STATES = 1_000;

type State =
  | { readonly kind: "char"; readonly test: CharTest; readonly next: number }
  | { readonly kind: "assert"; readonly at: Extract<Regex, { kind: "assert" }>["at"]; readonly next: number }
  | { readonly kind: "look"; readonly negated: boolean; readonly entry: number; readonly next: number }
  | { readonly kind: "split"; readonly nexts: number[] }
  | { readonly kind: "end" };

/** Makes the matcher of an expression. Raises RegexError when it has too many states. */
export function matcherOf(regex: Regex, multiline: boolean): Matcher {
  const program = new Program();
  const entry = program.whole(regex);
  return (text) => new Search(program, [...text], multiline).finds(entry);
}

/** The states of an expression; those of each lookahead are a program of their own, before that which asks for it. */
class Program {
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

/**
 * Goes through a text from its end: at each place it knows from which states a match can be reached, so that a lookahead is
 * known where it is asked for, and nothing is tried twice.
 */
class Search {
  readonly #program: Program;
  readonly #text: readonly string[];
  readonly #multiline: boolean;
  /** The states that lead to each state by a character, and without one. */
  readonly #byChar: number[][];
  readonly #silently: number[][];
  #reached: Uint8Array;

  constructor(program: Program, text: readonly string[], multiline: boolean) {
    this.#program = program;
    this.#text = text;
    this.#multiline = multiline;
    this.#byChar = program.states.map(() => []);
    this.#silently = program.states.map(() => []);
    this.#reached = new Uint8Array(program.states.length);
    program.states.forEach((state, index) => {
      if (state.kind === "split") for (const next of state.nexts) this.#silently[next]?.push(index);
      else if (state.kind === "char") this.#byChar[state.next]?.push(index);
      else if (state.kind !== "end") this.#silently[state.next]?.push(index);
    });
  }

  finds(entry: number): boolean {
    let before: readonly number[] = [];
    for (let at = this.#text.length; at >= 0; at--) {
      const found = this.#byCharacter(before, this.#text[at]);
      this.#reached = new Uint8Array(this.#program.states.length);
      before = this.#close(found, at);
      if (this.#reached[entry] === 1) return true;
    }
    return false;
  }

  /** The states that this character leads from, to one that was reached behind it. */
  #byCharacter(behind: readonly number[], char: string | undefined): readonly number[] {
    const code = char?.codePointAt(0);
    if (code === undefined) return [];
    const found: number[] = [];
    for (const next of behind)
      for (const index of this.#byChar[next] ?? []) {
        const state = this.#program.states[index];
        if (state?.kind === "char" && state.test(code)) found.push(index);
      }
    return found;
  }

  /** All states from which these, or an end, are reached without a character; those of inner programs first. */
  #close(found: readonly number[], at: number): readonly number[] {
    const { ends, owners } = this.#program;
    const works = ends.map((end) => [end]);
    for (const index of found) works[owners[index] ?? 0]?.push(index);
    return works.reduceRight<number[]>((all, work) => this.#spread(work, at, all), []);
  }

  #spread(work: number[], at: number, all: number[]): number[] {
    for (let index = work.pop(); index !== undefined; index = work.pop()) {
      if (this.#reached[index] === 1) continue;
      this.#reached[index] = 1;
      all.push(index);
      for (const before of this.#silently[index] ?? []) if (this.#passes(before, at)) work.push(before);
    }
    return all;
  }

  #passes(index: number, at: number): boolean {
    const state = this.#program.states[index];
    if (state?.kind === "look") return (this.#reached[state.entry] === 1) !== state.negated;
    return state?.kind !== "assert" || this.#holds(state.at, at);
  }

  #holds(where: Extract<State, { kind: "assert" }>["at"], at: number): boolean {
    const [before, after] = [this.#text[at - 1], this.#text[at]];
    if (where === "start") return before === undefined || (this.#multiline && before === "\n");
    if (where === "end") return after === undefined || (this.#multiline && after === "\n");
    return (isWord(before) !== isWord(after)) === (where === "word");
  }
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /^\w$/.test(char);
}
