import { describe, expect, test } from "vitest";
import { componentOf, readInline, readRoutinePath } from "../../../src/db/routine/inline.ts";

describe("arguments in a path", () => {
  test.each<[string, unknown]>([
    ["()", []],
    ["( )", []],
    ["(1)", [1]],
    ["(1,'a,b')", [1, "a,b"]],
    ["(a b , 'c')", ["a b", "c"]],
    ["(null,true,FALSE)", [null, true, false]],
    ["('null','')", ["null", ""]],
    ["(1,,2)", [1, undefined, 2]],
    ['(\'it\'\'s\',"say ""so""")', ["it's", 'say "so"']],
    ['([1,[2,3]],{"a":"x,y)"})', [[1, [2, 3]], { a: "x,y)" }]],
    ["(f(1,2),3)", ["f(1,2)", 3]],
    ["(007)", ["007"]],
  ])("%s", (text, expected) => {
    expect(readInline(text).map((value) => (value === undefined ? value : JSON.parse(JSON.stringify(value))))).toEqual(
      expected,
    );
  });

  test("digits are kept", () => {
    expect(JSON.stringify(readInline("(9223372036854775807,1.50)"))).toBe("[9223372036854775807,1.50]");
  });

  test.each(["(", "(1", "('a)", "('a'b)", '("a)', "([1,)", "({a:1})"])("%s is refused", (text) => {
    expect(() => readInline(text)).toThrow("Invalid arguments in the path");
  });

  test("whatever texts are quoted come back as they were", () => {
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const signs = ["a", "'", '"', ",", "(", ")", "[", "]", "{", "}", "\\", " ", "é", "null", "1", "/"];
    for (let round = 0; round < 2_000; round++) {
      const texts = Array.from({ length: 1 + next(4) }, () =>
        Array.from({ length: next(8) }, () => signs[next(signs.length)]).join(""),
      );
      const inline = `(${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(",")})`;
      expect(readInline(inline)).toEqual(texts);
    }
  });

  test("long texts of quotes and brackets are read in linear time", () => {
    const began = performance.now();
    for (const sign of ["'", '"', "(", "[", ",", "\\", "a"]) {
      try {
        readInline(`(${sign.repeat(200_000)})`);
      } catch {}
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("the component of a path", () => {
  test.each<[readonly string[], readonly string[]]>([
    [
      ["_proc", "name(1)"],
      ["_proc", "name"],
    ],
    [
      ["_func", "name('a", "b')"],
      ["_func", "name"],
    ],
    [
      ["_FUNC", "name(1)", "x"],
      ["_FUNC", "name"],
    ],
    [
      ["_proc", "(1)"],
      ["_proc", ""],
    ],
    [
      ["_proc", "name", "x(1)"],
      ["_proc", "name", "x(1)"],
    ],
    [
      ["_table", "name(1)"],
      ["_table", "name(1)"],
    ],
    [["_proc"], ["_proc"]],
    [[], []],
  ])("%j → %j", (path, expected) => {
    expect(componentOf(path)).toEqual(expected);
  });

  test("the arguments are what it leaves out", () => {
    expect(readRoutinePath(["_func", "name('a", "b')"]).argumentText).toBe("('a/b')");
  });
});
