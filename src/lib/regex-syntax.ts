/** Whether one character (a code point) fits. */
export type CharTest = (code: number) => boolean;

/** A regular expression as a tree. Groups only group: nobody asks what they matched. */
export type Regex =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "assert"; readonly at: "start" | "end" | "word" | "inside" }
  | { readonly kind: "look"; readonly negated: boolean; readonly body: Regex }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Regex[] }
  | { readonly kind: "repeat"; readonly body: Regex; readonly least: number; readonly most: number };

export interface RegexFlags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
}

/** Raised for what is no regular expression, or one that can not be matched in linear time. */
export class RegexError extends Error {}

const DEEPEST = 50;
const MOST_TIMES = 1_000;

/** Reads a regular expression of the common syntax, without references and lookbehind. Raises RegexError. */
export function parseRegex(source: string, flags: RegexFlags): Regex {
  return new Parser([...source], flags).all();
}

class Parser {
  readonly #chars: readonly string[];
  readonly #flags: RegexFlags;
  #at = 0;
  #depth = 0;

  constructor(chars: readonly string[], flags: RegexFlags) {
    this.#chars = chars;
    this.#flags = flags;
  }

  all(): Regex {
    const regex = this.#choice();
    if (this.#at < this.#chars.length) throw new RegexError("a ')' closes nothing");
    return regex;
  }

  #choice(): Regex {
    const parts = [this.#sequence()];
    while (this.#takes("|")) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] ? parts[0] : { kind: "choice", parts };
  }

  #sequence(): Regex {
    const parts: Regex[] = [];
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek())
      parts.push(this.#repeated(this.#atom()));
    return { kind: "sequence", parts };
  }

  #repeated(body: Regex): Regex {
    const times = this.#times();
    if (times === undefined) return body;
    if (body.kind === "assert" || body.kind === "look") throw new RegexError("a repetition has nothing to repeat");
    this.#takes("?");
    if (this.#peek() === "+" || this.#peek() === "*" || this.#peek() === "?")
      throw new RegexError("a repetition is repeated");
    return { kind: "repeat", body, least: times[0], most: times[1] };
  }

  #times(): readonly [number, number] | undefined {
    if (this.#takes("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#takes("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#takes("?")) return [0, 1];
    const said = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#chars.slice(this.#at, this.#at + 12).join(""));
    if (said === null) return undefined;
    this.#at += said[0].length;
    const least = Number(said[1]);
    const most = said[2] === undefined ? least : said[3] === undefined ? Number.POSITIVE_INFINITY : Number(said[3]);
    if (least > most || least > MOST_TIMES || (most > MOST_TIMES && most !== Number.POSITIVE_INFINITY))
      throw new RegexError(`a repetition must be between 0 and ${MOST_TIMES} times`);
    return [least, most];
  }

  #atom(): Regex {
    const char = this.#next();
    if (char === "(") return this.#group();
    if (char === "[") return this.#char(this.#set());
    if (char === "^") return { kind: "assert", at: "start" };
    if (char === "$") return { kind: "assert", at: "end" };
    if (char === ".") return this.#char(this.#flags.dotAll ? () => true : (code) => code !== 10);
    if (char === "*" || char === "+" || char === "?") throw new RegexError("a repetition has nothing to repeat");
    if (char !== "\\") return this.#char(isCode(char));
    return this.#escapedAtom();
  }

  #escapedAtom(): Regex {
    if (this.#takes("b")) return { kind: "assert", at: "word" };
    if (this.#takes("B")) return { kind: "assert", at: "inside" };
    if (this.#takes("A")) return { kind: "assert", at: "start" };
    if (this.#takes("z") || this.#takes("Z")) return { kind: "assert", at: "end" };
    const escaped = this.#escape();
    return this.#char(typeof escaped === "number" ? (code) => code === escaped : escaped);
  }

  #group(): Regex {
    if (++this.#depth > DEEPEST) throw new RegexError(`groups nest deeper than ${DEEPEST} levels`);
    const look = this.#groupKind();
    const body = this.#choice();
    if (!this.#takes(")")) throw new RegexError("a group is not closed");
    this.#depth--;
    return look === undefined ? body : { kind: "look", negated: look === "!", body };
  }

  /** Names of groups say nothing here. */
  #groupKind(): "=" | "!" | undefined {
    if (!this.#takes("?")) return undefined;
    if (this.#takes(":")) return undefined;
    if (this.#takes("=")) return "=";
    if (this.#takes("!")) return "!";
    const named = /^P?<[A-Za-z_]\w*>/.exec(this.#chars.slice(this.#at, this.#at + 40).join(""));
    if (named === null) throw new RegexError("groups that look back, or are none of the common ones, are not served");
    this.#at += named[0].length;
    return undefined;
  }

  #set(): CharTest {
    const negated = this.#takes("^");
    const tests: CharTest[] = [];
    let isFirst = true;
    while (isFirst || this.#peek() !== "]") {
      tests.push(this.#setItem());
      isFirst = false;
    }
    this.#at++;
    const fits = this.#folded((code) => tests.some((test) => test(code)));
    return negated ? (code) => !fits(code) : fits;
  }

  #setItem(): CharTest {
    const low = this.#setChar();
    if (typeof low !== "number") return low;
    if (this.#peek() !== "-" || this.#chars[this.#at + 1] === "]") return (code) => code === low;
    this.#at++;
    const high = this.#setChar();
    if (typeof high !== "number" || high < low) throw new RegexError("a range in brackets is out of order");
    return (code) => code >= low && code <= high;
  }

  #setChar(): CharTest | number {
    const char = this.#next();
    if (char === "[" && this.#peek() === ":") return this.#posixClass();
    if (char !== "\\") return char.codePointAt(0) ?? 0;
    return this.#takes("b") ? 8 : this.#escape();
  }

  #posixClass(): CharTest {
    const said = /^:(\^?)(\w+):\]/.exec(this.#chars.slice(this.#at, this.#at + 12).join(""));
    const fits = said?.[2] === undefined ? undefined : POSIX.get(said[2]);
    if (said === null || fits === undefined) throw new RegexError("a class in brackets is unknown");
    this.#at += said[0].length;
    return testOf(fits, said[1] === "^");
  }

  /** What follows a backslash: a class, or the code of one character. */
  #escape(): CharTest | number {
    const char = this.#next();
    const known = CLASSES.get(char.toLowerCase());
    if (known !== undefined && char !== "P" && char !== "p") return testOf(known, char !== char.toLowerCase());
    if (char === "p" || char === "P") return this.#property(char === "P");
    if (char === "x") return this.#hex(/^([0-9a-f]{2})/i);
    if (char === "u") return this.#hex(/^([0-9a-f]{4})|^\{([0-9a-f]{1,6})\}/i);
    const control = CONTROLS.get(char);
    if (control !== undefined) return control;
    if (/^[\p{L}\p{N}]$/u.test(char)) throw new RegexError(`'\\${char}' is not served`);
    return char.codePointAt(0) ?? 0;
  }

  #property(negated: boolean): CharTest {
    const said = /^\{(\^?)([\w=]{1,40})\}/.exec(this.#chars.slice(this.#at, this.#at + 44).join(""));
    if (said === null) throw new RegexError("a property of characters is unknown");
    this.#at += said[0].length;
    try {
      return testOf(new RegExp(`\\p{${said[2]}}`, "u"), negated !== (said[1] === "^"));
    } catch {
      throw new RegexError("a property of characters is unknown");
    }
  }

  #hex(form: RegExp): number {
    const said = form.exec(this.#chars.slice(this.#at, this.#at + 8).join(""));
    if (said === null) throw new RegexError("the code of a character is incomplete");
    this.#at += said[0].length;
    return Number.parseInt(said[1] ?? said[2] ?? "", 16);
  }

  #char(test: CharTest): Regex {
    return { kind: "char", test: this.#folded(test) };
  }

  #folded(test: CharTest): CharTest {
    if (!this.#flags.ignoreCase) return test;
    return (code) => test(code) || otherCases(code).some(test);
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #takes(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw new RegexError("it ends too early");
    return char;
  }
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["d", /[0-9]/],
  ["w", /\w/],
  ["s", /\s/],
  ["h", /[\t\p{Zs}]/u],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
  ["e", 27],
  ["0", 0],
]);

const POSIX: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /[A-Za-z0-9]/],
  ["alpha", /[A-Za-z]/],
  ["digit", /[0-9]/],
  ["lower", /[a-z]/],
  ["upper", /[A-Z]/],
  ["punct", /[!-/:-@[-`{-~]/],
  ["space", /\s/],
  ["word", /\w/],
  ["xdigit", /[0-9A-Fa-f]/],
]);

function testOf(regex: RegExp, negated: boolean): CharTest {
  return (code) => regex.test(String.fromCodePoint(code)) !== negated;
}

function isCode(char: string): CharTest {
  const wanted = char.codePointAt(0);
  return (code) => code === wanted;
}

function otherCases(code: number): readonly number[] {
  const char = String.fromCodePoint(code);
  return [char.toLowerCase(), char.toUpperCase()]
    .filter((each) => [...each].length === 1)
    .map((each) => each.codePointAt(0) ?? 0);
}
