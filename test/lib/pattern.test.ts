import { describe, expect, test } from "vitest";
import { parsePattern } from "../../src/lib/pattern.ts";
import { newEffort, TooMuchEffort } from "../../src/lib/regex-automaton.ts";

function matches(pattern: string, text: string): boolean | string | undefined {
  const read = parsePattern(pattern);
  return read.matches?.(text) ?? read.why;
}

describe("a pattern", () => {
  test.each<readonly [pattern: string, fits: readonly string[], fails: readonly string[]]>([
    ["/^a+$/", ["a", "aaa"], ["", "ab", "A"]],
    ["/^a+$/i", ["a", "AaA"], ["b"]],
    ["/b/", ["abc", "b"], ["ac", ""]],
    ["^x|y$", ["x1", "1y"], ["1x1"]],
    ["/^\\d{3}-\\d{4}$/", ["123-4567"], ["123-456", "1234-567", "123-45678"]],
    ["/^(?=.*[A-Z])(?=.*\\d).{8,}$/", ["Abcdefg1"], ["abcdefg1", "Abcdefgh", "Abcde1"]],
    ["/^(?!admin$)\\w+$/", ["adminx", "user"], ["admin", ""]],
    ["/^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$/i", ["a@b.DE"], ["a@b", "a b@c.de"]],
    ["#^https?://#", ["http://x", "https://y"], ["ftp://z"]],
    ["/\\bcat\\b/", ["a cat!", "cat"], ["concat", "cats"]],
    ["/^a.c$/", ["abc", "a\rc"], ["a\nc"]],
    ["/^a.c$/s", ["a\nc"], ["ac"]],
    ["/^b$/m", ["a\nb\nc"], ["ab"]],
    ["/^(ab|a)(c|bcd)$/", ["abc", "abcd", "ac", "abbcd"], ["ab", "abcdx"]],
    ["/^[a-c\\-\\]]+$/", ["a-]b"], ["d"]],
    ["/^[]a]+$/", ["]a"], ["b"]],
    ["/^[[:alpha:]_]+$/", ["ab_"], ["a1"]],
    ["/^\\p{Lu}\\p{L}*$/u", ["Öl", "A"], ["öl", "1"]],
    ["/^.$/u", ["😀", "a"], ["ab", ""]],
    ["/^(?<year>\\d{4})(?P<rest>-\\d\\d)?$/", ["2024", "2024-01"], ["2024-1"]],
    ["/^(a*)*$/", ["", "aaa"], ["b"]],
    ["/^\\x41\\u0042\\u{43}\\t$/", ["ABC\t"], ["ABC"]],
    ["/^(?:x?){3}$/", ["", "x", "xxx"], ["xxxx"]],
    ["/^$/", [""], ["a", "\n"]],
    ["/ä/i", ["Ä"], ["a"]],
    ["/^a{,2}$/", ["a{,2}"], ["a", "aa"]],
  ])("%s fits what it says", (pattern, fits, fails) => {
    expect(fits.filter((text) => matches(pattern, text) !== true)).toEqual([]);
    expect(fails.filter((text) => matches(pattern, text) !== false)).toEqual([]);
  });

  test("is read from base64, as old settings hold it", () => {
    expect(matches(btoa("/^a+$/i"), "AAA")).toBe(true);
    expect(matches(btoa("/^a+$/i"), "b")).toBe(false);
  });

  test.each([
    ["/(/", "a group is not closed"],
    ["/)/", "a ')' closes nothing"],
    ["/[a/", "it ends too early"],
    ["/a\\/", "it ends too early"],
    ["/*a/", "a repetition has nothing to repeat"],
    ["/^*/", "a repetition has nothing to repeat"],
    ["/a**/", "a repetition is repeated"],
    ["/a++/", "a repetition is repeated"],
    ["/(a)\\1/", "'\\1' is not served"],
    ["/(?<=a)b/", "groups that look back, or are none of the common ones, are not served"],
    ["/(?>a)b/", "groups that look back, or are none of the common ones, are not served"],
    ["/[b-a]/", "a range in brackets is out of order"],
    ["/a{3,2}/", "a repetition must be between 0 and 1000 times"],
    ["/a{2000}/", "a repetition must be between 0 and 1000 times"],
    ["/(a{100}){100}/", "it is too large"],
    ["/\\p{Nonsense}/", "a property of characters is unknown"],
    ["/[[:nonsense:]]/", "a class in brackets is unknown"],
    ["/\\xZZ/", "the code of a character is incomplete"],
    [`/${"(".repeat(60)}/`, "groups nest deeper than 50 levels"],
  ])("%s is refused", (pattern, why) => {
    expect(parsePattern(pattern)).toEqual({ why: `a regular expression that is served: ${why}` });
  });

  test("with a flag of another kind, or too long, is refused", () => {
    expect(parsePattern("/a/g").why).toBe("no flags but i, m, s, u and D");
    expect(parsePattern("a".repeat(2001)).why).toBe("a regular expression of at most 1000 characters");
  });

  test.each([
    "/^(a+)+$/",
    "/^(a|a)*$/",
    "/^(a|aa)+$/",
    "/a*a*a*a*a*b/",
    "/^(?=(a+)+$)(?!(a|a)*c)/",
  ])("%s takes linear time for what makes others back off for ever", (pattern) => {
    const read = parsePattern(pattern);
    const began = performance.now();
    expect(read.matches?.(`${"a".repeat(10_000)}!`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  test.each([
    ["/^.{1,500}$/", 500],
    ["/^[\\w ]{3,900}$/", 900],
  ])("%s may repeat a class many times", (pattern, most) => {
    expect(matches(pattern, "a".repeat(most))).toBe(true);
    expect(matches(pattern, "a".repeat(most + 1))).toBe(false);
  });

  test("is soon done with many long texts", () => {
    const { matches: fits } = parsePattern("/^[\\w ]{3,500}/");
    const effort = newEffort();
    const began = performance.now();
    for (let n = 0; n < 20; n++) expect(fits?.(`!${"a".repeat(10_000)}`, effort)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test("gives up where all texts together take too much work", () => {
    const { matches: fits } = parsePattern("/^[ab]{900}a/");
    const chance = chanceOf(3);
    const effort = newEffort();
    const all = () => {
      for (let n = 0; n < 20; n++)
        fits?.(`!${Array.from({ length: 10_000 }, () => pick(chance, ["a", "b"])).join("")}`, effort);
    };
    const began = performance.now();
    expect(all).toThrow(TooMuchEffort);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test("agrees with the engine of the runtime on expressions and texts made by chance", () => {
    const chance = chanceOf(7);
    let fits = 0;
    for (let round = 0; round < 4_000; round++) {
      const source = regexBy(chance, 3);
      const text = Array.from({ length: Math.floor(chance() * 7) }, () =>
        pick(chance, ["a", "b", "c", "\n", "-"]),
      ).join("");
      const flags = pick(chance, ["", "i", "m", "s"]);
      const expected = new RegExp(source, flags).test(text);
      fits += expected ? 1 : 0;
      expect([source, flags, text, matches(`/${source}/${flags}`, text)]).toEqual([source, flags, text, expected]);
    }
    expect(fits).toBeGreaterThan(500);
  });
});

type Chance = () => number;

/** A row of numbers that look random and are the same each time. */
function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function pick<T>(chance: Chance, list: readonly [T, ...T[]]): T {
  return list[Math.floor(chance() * list.length)] ?? list[0];
}

function regexBy(chance: Chance, depth: number): string {
  const atom = () => pick(chance, ["a", "b", "A", ".", "[ab]", "[^a]", "\\w", "\\n", "-"]);
  const inner = () => (depth === 0 ? atom() : regexBy(chance, depth - 1));
  const repeat = () => pick(chance, ["*", "+", "?", "{2}", "{1,2}", "*?", "{0,}"]);
  const kinds: readonly [() => string, ...(() => string)[]] = [
    atom,
    () => inner() + inner(),
    () => `(?:${inner()}|${inner()})`,
    () => `(${inner()})${repeat()}`,
    () => `(?=${inner()})${inner()}`,
    () => `(?!${inner()})${inner()}`,
    () => `^${inner()}`,
    () => `${inner()}$`,
    () => `\\b${inner()}`,
    () => `${inner()}\\B`,
  ];
  return pick(chance, kinds)();
}
