import { Automaton, type Effort, newEffort } from "./regex-automaton.ts";
import { Program } from "./regex-program.ts";
import type { Regex } from "./regex-syntax.ts";

/**
 * Whether the expression matches anywhere in the text: in a time that grows with the length of the text, whatever it is.
 * Raises TooMuchEffort.
 */
export type Matcher = (text: string, effort?: Effort) => boolean;

/** Makes the matcher of an expression. Raises RegexError when it has too many states. */
export function matcherOf(regex: Regex, multiline: boolean): Matcher {
  const program = new Program();
  const entry = program.whole(regex);
  const automaton = new Automaton(program, entry, multiline);
  return (text, effort = newEffort()) => automaton.finds(text, effort);
}
