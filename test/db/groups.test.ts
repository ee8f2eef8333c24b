import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FUNCTION_CALL, readAggregate, readGroups } from "../../src/db/groups.ts";
import { splitList } from "../../src/lib/list.ts";

const functions = fc.constantFrom("SUM", "count", "Avg", "MIN", "max");
const blanks = fc.constantFrom("", " ", "  ");
const names = fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !name.includes(")"));

describe("a function of groups", () => {
  test("is read whatever its name holds, when that is quoted", () => {
    fc.assert(
      fc.property(functions, names, fc.boolean(), blanks, (fn, name, distinct, blank) => {
        const quoted = `\`${name.replaceAll("`", "``")}\``;
        const text = `${fn}${blank}(${blank}${distinct ? "distinct " : ""}${quoted}${blank})`;
        expect(readAggregate(text)).toEqual({ fn: fn.toLowerCase(), field: name, distinct });
        expect(splitList(`a,${text},b`, FUNCTION_CALL)).toEqual(["a", text.trim(), "b"]);
      }),
    );
  });

  test("is nothing else", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (!/^\s*(sum|count|avg|min|max)\s*\(/i.test(text)) expect(readAggregate(text)).toBeUndefined();
      }),
    );
  });

  test("is read in linear time", () => {
    const began = performance.now();
    for (const text of [
      " ".repeat(100_000),
      "sum(".repeat(50_000),
      `sum${" ".repeat(100_000)}(`,
      "( ".repeat(50_000),
    ]) {
      splitList(text, FUNCTION_CALL);
      readAggregate(text);
    }
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test("is asked for by none of these", () => {
    expect(readGroups({ fields: ["a", "`SUM(a)`"], group: [], having: " " })).toBeUndefined();
  });
});
