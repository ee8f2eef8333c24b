import type { Program, State } from "./regex-program.ts";
import type { CharTest } from "./regex-syntax.ts";

/** What stands beside a place of a text, as far as assertions ask. */
const NONE = 0;
const NEWLINE = 1;
const WORD = 2;
const OTHER = 3;

export function kindOf(code: number | undefined): number {
  if (code === undefined) return NONE;
  if (code === 10) return NEWLINE;
  return /^\w$/.test(String.fromCodePoint(code)) ? WORD : OTHER;
}

/** A place of a text: the kind of what stands before it, and the character behind it. */
export interface Place {
  readonly before: number;
  readonly code: number | undefined;
}

/** Works out from which states a match can be reached one character before. */
export class Steps {
  readonly #program: Program;
  readonly #multiline: boolean;
  /** The states that lead to each state by a character, and without one. */
  readonly #byChar: readonly number[][];
  readonly #silently: readonly number[][];
  #reached = new Uint8Array(0);
  #work = 0;

  constructor(program: Program, multiline: boolean) {
    this.#program = program;
    this.#multiline = multiline;
    this.#byChar = program.states.map(() => []);
    this.#silently = program.states.map(() => []);
    program.states.forEach((state, index) => {
      if (state.kind === "split") for (const next of state.nexts) this.#silently[next]?.push(index);
      else if (state.kind === "char") this.#byChar[state.next]?.push(index);
      else if (state.kind !== "end") this.#silently[state.next]?.push(index);
    });
  }

  /** The states reached at a place, from those behind its character: whether each is, and those that a character leads to. */
  take(behind: Uint16Array, place: Place): { reached: Uint8Array; led: Uint16Array; work: number } {
    this.#work = this.#program.ends.length;
    this.#reached = new Uint8Array(this.#program.states.length);
    const all = this.#close(this.#byCharacter(behind, place.code), place);
    const led = Uint16Array.from(all.filter((index) => (this.#byChar[index]?.length ?? 0) > 0)).sort();
    return { reached: this.#reached, led, work: this.#work };
  }

  /** The states that this character leads from, to one that was reached behind it. */
  #byCharacter(behind: Uint16Array, code: number | undefined): readonly number[] {
    if (code === undefined) return [];
    const fits = remembered((test) => test(code));
    const found: number[] = [];
    for (const next of behind)
      for (const index of this.#byChar[next] ?? []) {
        this.#work++;
        const state = this.#program.states[index];
        if (state?.kind === "char" && fits(state.test)) found.push(index);
      }
    return found;
  }

  /** All states from which these, or an end, are reached without a character; those of inner programs first. */
  #close(found: readonly number[], place: Place): readonly number[] {
    const { ends, owners } = this.#program;
    const works = ends.map((end) => [end]);
    for (const index of found) works[owners[index] ?? 0]?.push(index);
    const all: number[] = [];
    for (const work of works.reverse()) this.#spread(work, place, all);
    return all;
  }

  #spread(work: number[], place: Place, all: number[]): void {
    for (let index = work.pop(); index !== undefined; index = work.pop()) {
      this.#work++;
      if (this.#reached[index] === 1) continue;
      this.#reached[index] = 1;
      all.push(index);
      for (const before of this.#silently[index] ?? []) if (this.#passes(before, place)) work.push(before);
    }
  }

  #passes(index: number, place: Place): boolean {
    const state = this.#program.states[index];
    if (state?.kind === "look") return (this.#reached[state.entry] === 1) !== state.negated;
    return state?.kind !== "assert" || this.#holds(state.at, place);
  }

  #holds(where: Extract<State, { kind: "assert" }>["at"], place: Place): boolean {
    const [before, after] = [place.before, kindOf(place.code)];
    if (where === "start") return before === NONE || (this.#multiline && before === NEWLINE);
    if (where === "end") return after === NONE || (this.#multiline && after === NEWLINE);
    return ((before === WORD) !== (after === WORD)) === (where === "word");
  }
}

/** A repetition that is written out asks the same of a character again and again. */
function remembered(ask: (test: CharTest) => boolean): (test: CharTest) => boolean {
  const known = new Map<CharTest, boolean>();
  return (test) => {
    const answer = known.get(test) ?? ask(test);
    known.set(test, answer);
    return answer;
  };
}
