import { fromBase64 } from "./base64.ts";
import { type Matcher, matcherOf } from "./regex-match.ts";
import { parseRegex, RegexError } from "./regex-syntax.ts";

/** A regular expression that was read, or why it can not be. */
export type Pattern =
  | { readonly matches: Matcher; readonly why?: undefined }
  | { readonly matches?: undefined; readonly why: string };

const LONGEST = 1_000;
/** `/^a+$/i`, or between other signs as PHP has them. */
const DELIMITED = /^([/#~!@%])(.*)\1([a-zA-Z]*)$/s;

/** Reads a regular expression between slashes with its flags, also as base64 text; without slashes as it is. */
export function parsePattern(said: string): Pattern {
  if (said.length > 2 * LONGEST) return { why: `a regular expression of at most ${LONGEST} characters` };
  const text = DELIMITED.test(said) ? said : (decoded(said) ?? said);
  const [, , source = text, flags = ""] = DELIMITED.exec(text) ?? [];
  if (/[^imsuD]/.test(flags)) return { why: "no flags but i, m, s, u and D" };
  try {
    const has = (flag: string) => flags.includes(flag);
    const regex = parseRegex(source, { ignoreCase: has("i"), dotAll: has("s"), multiline: has("m") });
    return { matches: matcherOf(regex, has("m")) };
  } catch (error) {
    if (error instanceof RegexError) return { why: `a regular expression that is served: ${error.message}` };
    throw error;
  }
}

function decoded(said: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(said) || said.length % 4 !== 0) return undefined;
  const text = new TextDecoder().decode(fromBase64(said));
  return DELIMITED.test(text) ? text : undefined;
}
