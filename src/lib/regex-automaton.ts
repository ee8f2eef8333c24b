import type { Program, State } from "./regex-program.ts";
import type { CharTest } from "./regex-syntax.ts";

/** How much work texts may still be: what a step takes that was not taken before, in states that it looks at. */
export interface Effort {
  left: number;
}

/** Raised when a text takes more work than is left. */
export class TooMuchEffort extends Error {}

/** The work that one text may be where nothing else is said: some tenths of a second. */
const MOST_EFFORT = 5_000_000;

export function newEffort(): Effort {
  return { left: MOST_EFFORT };
}

/** What stands beside a place of a text, as far as assertions ask. */
const NONE = 0;
const NEWLINE = 1;
const WORD = 2;
const OTHER = 3;

/** What can be reached from one place of a text. Equal ones are the same object. */
interface Reach {
  /** The states from which a match can be reached, as far as a character leads to them. */
  readonly states: Uint16Array;
  readonly isFound: boolean;
  /** What is reached one character before, by that character and what stands before it. */
  readonly nexts: Map<number, Reach>;
}

/** How much is kept of the steps that were worked out, in states and steps. */
const MOST_KEPT = 50_000;
/** What is kept of one step weighs as much as so many states. */
const STEP_WEIGHT = 10;

/**
 * Goes through a text from its end: at each place it knows from which states a match can be reached, so that a lookahead is
 * known where it is asked for, and nothing is tried twice. A step that was taken before is looked up.
 */
export class Automaton {
  readonly #program: Program;
  readonly #entry: number;
  readonly #multiline: boolean;
  /** The states that lead to each state by a character, and without one. */
  readonly #byChar: readonly number[][];
  readonly #silently: readonly number[][];
  readonly #known = new Map<string, Reach>();
  #atEnd = new Map<number, Reach>();
  #kept = 0;

  constructor(program: Program, entry: number, multiline: boolean) {
    this.#program = program;
    this.#entry = entry;
    this.#multiline = multiline;
    this.#byChar = program.states.map(() => []);
    this.#silently = program.states.map(() => []);
    program.states.forEach((state, index) => {
      if (state.kind === "split") for (const next of state.nexts) this.#silently[next]?.push(index);
      else if (state.kind === "char") this.#byChar[state.next]?.push(index);
      else if (state.kind !== "end") this.#silently[state.next]?.push(index);
    });
  }

  finds(text: string, effort: Effort): boolean {
    const codes = Array.from(text, (char) => char.codePointAt(0) ?? 0);
    let reach: Reach | undefined;
    for (let at = codes.length; at >= 0; at--) {
      reach = this.#before(reach, { code: codes[at], before: kindOf(codes[at - 1]) }, effort);
      if (reach.isFound) return true;
    }
    return false;
  }

  #before(behind: Reach | undefined, place: Place, effort: Effort): Reach {
    const nexts = behind?.nexts ?? this.#atEnd;
    const key = (place.code ?? 0) * 4 + place.before;
    const known = nexts.get(key);
    if (known !== undefined) return known;
    const reach = this.#keep(
      new Step(this.#program, [this.#byChar, this.#silently], this.#multiline),
      behind,
      place,
      effort,
    );
    nexts.set(key, reach);
    return reach;
  }
}
