import type { Program } from "./regex-program.ts";
import { kindOf, type Place, Steps } from "./regex-step.ts";

/** How much work texts may still be: what a step takes that was not taken before, in states that it looks at. */
export interface Effort {
  left: number;
}

/** Raised when a text takes more work than is left. */
export class TooMuchEffort extends Error {}

/** Some tenths of a second. */
const MOST_EFFORT = 2_000_000;

/** The work that the texts of one request may be. */
export function newEffort(): Effort {
  return { left: MOST_EFFORT };
}

/** What can be reached from one place of a text. Equal ones are mostly the same object. */
interface Reach {
  /** The states from which a match can be reached, as far as a character leads to them. */
  readonly led: Uint16Array;
  readonly isFound: boolean;
  /** What is reached one character before, by that character and what stands before it. */
  readonly nexts: Map<number, Reach>;
}

/** How much is kept of what was worked out, in states. */
const MOST_KEPT = 50_000;
/** A step to what is known weighs as much as so many states. */
const STEP_WEIGHT = 10;

/**
 * Goes through a text from its end: at each place it knows from which states a match can be reached, so that a lookahead is
 * known where it is asked for, and nothing is tried twice. A step that was taken before is looked up.
 */
export class Automaton {
  readonly #steps: Steps;
  readonly #entry: number;
  readonly #known = new Map<string, Reach>();
  #beyond: Reach = beyond();
  #kept = 0;

  constructor(program: Program, entry: number, multiline: boolean) {
    this.#steps = new Steps(program, multiline);
    this.#entry = entry;
  }

  /** Whether a match begins anywhere. Raises TooMuchEffort. */
  finds(text: string, effort: Effort): boolean {
    const codes = Array.from(text, (char) => char.codePointAt(0));
    let reach = this.#beyond;
    for (let at = codes.length; at >= 0; at--) {
      reach = this.#before(reach, { code: codes[at], before: kindOf(codes[at - 1]) }, effort);
      if (reach.isFound) return true;
    }
    return false;
  }

  #before(behind: Reach, place: Place, effort: Effort): Reach {
    const key = (place.code ?? 0) * 4 + place.before;
    const known = behind.nexts.get(key);
    if (known !== undefined) return known;
    const { reached, led, work } = this.#steps.take(behind.led, place);
    effort.left -= work;
    if (effort.left < 0) throw new TooMuchEffort();
    const reach = this.#same({ led, isFound: reached[this.#entry] === 1, nexts: new Map() });
    behind.nexts.set(key, reach);
    return reach;
  }

  /** The one that is known of these states, or from now on this one. */
  #same(reach: Reach): Reach {
    const key = `${reach.isFound}${String.fromCharCode(...reach.led)}`;
    const known = this.#known.get(key);
    this.#kept += STEP_WEIGHT + (known ? 0 : reach.led.length);
    if (this.#kept > MOST_KEPT) this.#forget();
    if (known === undefined) this.#known.set(key, reach);
    return known ?? reach;
  }

  #forget(): void {
    this.#known.clear();
    this.#beyond = beyond();
    this.#kept = 0;
  }
}

/** Behind the end of a text nothing is reached. */
function beyond(): Reach {
  return { led: new Uint16Array(0), isFound: false, nexts: new Map() };
}
