import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CompareOp, Condition, Operand, Said } from "../../../src/db/filter/condition.ts";
import { parseFilter } from "../../../src/db/filter/parser.ts";
import { parsePlain, plain, refusal } from "./plain.ts";
import { printFilter } from "./print.ts";

const OPS: CompareOp[] = ["=", "!=", "<", "<=", ">", ">=", "like", "contains", "starts_with", "ends_with"];
const odd = fc.constantFrom(
  "in",
  "NOT",
  "null",
  "1",
  "1e5",
  "a b",
  "a]]b",
  "`",
  "[x]",
  "it's",
  '"',
  "größe",
  "a.b",
  "->",
  "",
);
const anyText = fc.oneof(odd, fc.string({ unit: "binary" }), fc.string());
const name = anyText.filter((text) => text !== "");
const identifier = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const digits = fc.stringMatching(/^[+-]?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?$/);
const words = fc.constantFrom(
  "New York",
  "Jo%",
  "%or%",
  "2024-01-01 10:00",
  "Portland",
  "nullable",
  "[a",
  "007",
  "x  y",
  "{}",
);

const said: fc.Arbitrary<Said> = fc.oneof(
  anyText.map((text) => ({ kind: "text", text }) as const),
  words.map((text) => ({ kind: "word", text }) as const),
  digits.map((text) => ({ kind: "number", text }) as const),
  fc.boolean().map((value) => ({ kind: "boolean", value }) as const),
  fc.constant({ kind: "null" } as const),
  identifier.map((text) => ({ kind: "param", name: text }) as const),
  identifier.map((text) => ({ kind: "lookup", name: `user.${text}` }) as const),
);
const path = fc.array(fc.oneof(fc.nat(), anyText), { maxLength: 3 });
const operand: fc.Arbitrary<Operand> = fc.oneof(
  fc.record({ field: name, path, at: fc.constant(0) }),
  fc.record({ relations: fc.array(name, { minLength: 1, maxLength: 4 }), field: name, path, at: fc.constant(0) }),
);
const subject = { operand, negated: fc.boolean() };
const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .record({ kind: fc.constant("compare" as const), ...subject, op: fc.constantFrom(...OPS), value: said })
    .filter(({ op, value }) => value.kind !== "null" || (op !== "=" && op !== "!=")),
  fc.record({ kind: fc.constant("in" as const), ...subject, values: fc.array(said, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant("between" as const), ...subject, low: said, high: said }),
  fc.record({ kind: fc.constant("null" as const), ...subject }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => {
  const terms = (minLength: number, maxLength: number) => fc.array(tie("condition"), { minLength, maxLength });
  return {
    condition: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      comparison,
      fc.record({ kind: fc.constantFrom("and" as const, "or" as const), terms: terms(2, 4) }),
      fc.record({ kind: fc.constantFrom("xor" as const, "nor" as const), terms: terms(2, 2) }),
      fc.record({ kind: fc.constant("not" as const), term: tie("condition") }),
    ),
  };
});

describe("printing a filter", () => {
  it.each([
    ["a=1 && (b='it''s' || !c is not null)", "a = 1 AND (b = 'it''s' OR NOT c IS NOT NULL)"],
    ["(a=1 or b=2) or c=3 and d=4", "(a = 1 OR b = 2) OR c = 3 AND d = 4"],
    ["a=1 or b=2 xor c=3 or d=4", "a = 1 OR b = 2 XOR c = 3 OR d = 4"],
    ["[my rel].`in` not starts with :p", "`my rel`.`in` NOT STARTS WITH :p"],
    ["a->'b c'->0 between rock and roll", "a->'b c'->0 BETWEEN (rock, roll)"],
    ["a not in (New York,{user.id},TRUE)", "a NOT IN (New York, {user.id}, true)"],
  ])("writes %s in its plain form", (text, printed) => {
    const parsed = parseFilter(text);
    expect(parsed && printFilter(parsed)).toBe(printed);
    expect(parsePlain(printed)).toEqual(plain(parsed));
  });

  it("is read back as the same tree, whatever its names and values are", () => {
    fc.assert(
      fc.property(condition, (tree) => {
        expect(parsePlain(printFilter(tree))).toEqual(plain(tree));
      }),
      { numRuns: 2000 },
    );
  });

  it("writes a word that no filter could hold as text", () => {
    const injected: Condition = {
      kind: "compare",
      operand: { field: "a", path: [], at: 0 },
      op: "=",
      negated: false,
      value: { kind: "word", text: "1 OR b = 2" },
    };
    expect(printFilter(injected)).toBe("a = '1 OR b = 2'");
  });

  it("is read back from a chain of 64 XORs and from 64 levels", () => {
    for (const text of [Array(65).fill("a=1").join(" XOR "), `${"!(b=1 or ".repeat(32)}a=1${")".repeat(32)}`]) {
      const parsed = parseFilter(text);
      expect(parsed && parsePlain(printFilter(parsed))).toEqual(plain(parsed));
    }
  });
});

describe("any text at all", () => {
  const pieces =
    "a|b.c|d->0|`x y`|[in]|=|!=|<>|<|>=|like|starts with|not|is null|in|between|(|)|,|and|or|xor|nor|&&|||!|'x'|\"y\"|New York|1|-2.5|null|true|:p|{u.id}|;|--|'|`|[|\\".split(
      "|",
    );
  const soup = fc
    .array(fc.tuple(fc.constantFrom(...pieces), fc.constantFrom("", " ")), { maxLength: 24 })
    .map((list) => list.flat().join(""));

  it("is either a filter or refused with a 400 that echoes little", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
        const message = refusal(text);
        if (message !== undefined) expect(message).toMatch(/^Invalid filter: .{1,140} at \d+\.$/s);
      }),
      { numRuns: 5000 },
    );
  });

  it("keeps its meaning when printed, wherever it is a filter", () => {
    const leaf = fc.constantFrom(
      "a=1",
      "b.c in(x y,'z' , OR)",
      "`d` between {u} and select z",
      "e not like %or%",
      "f!=null",
    );
    const joint = fc.constantFrom(
      " and ",
      " or ",
      " xor ",
      " nor ",
      "&&",
      "||",
      " and not ",
      " or !",
      " and (",
      ") or ",
      ") xor (",
    );
    const filter = fc.array(fc.tuple(leaf, joint), { maxLength: 8 }).map((list) => `${list.flat().join("")}g=1`);
    const closed = (text: string) => text + ")".repeat(Math.max(0, text.split("(").length - text.split(")").length));
    fc.assert(
      fc.property(fc.oneof(soup, filter.map(closed)), (text) => {
        if (refusal(text) !== undefined) return;
        const parsed = parseFilter(text);
        expect(parsed && parsePlain(printFilter(parsed))).toEqual(plain(parsed));
      }),
      { numRuns: 2000 },
    );
  });
});
