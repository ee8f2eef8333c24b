import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonErrorAt } from "../../src/lib/json-position.ts";

/** Where the engine itself says that the text stops being JSON; it does not always say so. */
function engineErrorAt(text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const [, position] = / at position (\d+)/.exec(String(error)) ?? [];
    return position === undefined ? undefined : Number(position);
  }
}

const texts = fc.json({ maxDepth: 4 });

describe("the place where a text stops being JSON", () => {
  test("is its end where nothing is wrong", () => {
    fc.assert(fc.property(texts, (text) => jsonErrorAt(`${text} \n`) === text.length + 2));
  });

  test("is where a character was put that has no business there", () => {
    const broken = fc.tuple(texts, fc.nat(), fc.constantFrom("\u0001", "\u00a0", "}", "]", ",", ":", "x", "'"));
    fc.assert(
      fc.property(broken, ([text, place, char]) => {
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + char + text.slice(at);
        const said = engineErrorAt(changed);
        expect(said === undefined || jsonErrorAt(changed) <= said).toBe(true);
        expect(jsonErrorAt(changed)).toBeLessThanOrEqual(changed.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("is before its end wherever a list or object was cut short and goes on as something else", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.nat(), (list, place) => {
        const text = JSON.stringify(list);
        const cut = text.slice(0, 1 + (place % (text.length - 1)));
        expect(jsonErrorAt(`${cut}#`)).toBeLessThanOrEqual(cut.length);
        expect(jsonErrorAt(`${cut}#`)).toBeGreaterThanOrEqual(cut.length - 1);
      }),
    );
  });

  test.each([
    ["", 0],
    [" ", 1],
    ["[", 1],
    ['"\\', 1],
    ["1 2", 2],
    ["-", 0],
    ["[1e]", 2],
    ['{"a":1 "b":2}', 7],
    ["tru", 0],
  ])("in %j is %i", (text, at) => {
    expect(jsonErrorAt(text)).toBe(at);
  });
});
