import { describe, expect, it } from "vitest";
import { parseFilter } from "../../../src/db/filter/parser.ts";
import { refusal } from "./plain.ts";

const KIB64 = 64 * 1024;
const fill = (piece: string) => piece.repeat(Math.floor(KIB64 / piece.length));
const join = (count: number, joint: string) => Array(count).fill("a=1").join(joint);
const nest = (depth: number) => `${"(".repeat(depth)}a=1${")".repeat(depth)}`;

describe("the limits of a filter", () => {
  it("takes 64 KiB counted in bytes, and no byte more", () => {
    expect(parseFilter(`a='${"x".repeat(KIB64 - 4)}'`)).toBeDefined();
    expect(refusal(`a='${"x".repeat(KIB64 - 3)}'`)).toBe("Invalid filter: it is longer than 65536 bytes.");
    expect(refusal(`a='${"é".repeat(KIB64 / 2)}'`)).toBe("Invalid filter: it is longer than 65536 bytes.");
    expect(refusal(" ".repeat(KIB64 + 1))).toBe("Invalid filter: it is longer than 65536 bytes.");
  });

  it("takes 64 levels of groups and NOTs", () => {
    expect(parseFilter(nest(64))).toBeDefined();
    expect(refusal(nest(65))).toBe("Invalid filter: groups nest deeper than 64 levels at 65.");
    expect(parseFilter(`${"!".repeat(32)}${nest(32)}`)).toBeDefined();
    expect(refusal(`${"NOT ".repeat(33)}${nest(32)}`)).toContain("deeper than 64");
  });

  it("takes 1000 comparisons", () => {
    expect(parseFilter(join(1000, " AND "))).toBeDefined();
    expect(refusal(join(1001, " OR "))).toContain("more than 1000 comparisons");
    expect(refusal(`(${join(501, "&&")}) OR (${join(500, "||")})`)).toContain("more than 1000 comparisons");
  });

  it("takes 64 XORs and NORs, since each nests what stands to its left", () => {
    expect(parseFilter(join(65, " XOR "))).toBeDefined();
    expect(refusal(join(66, " NOR "))).toContain("more than 64 XORs and NORs");
  });

  it("takes 1000 values in one IN list, and lets each list have as many", () => {
    const list = (count: number) => `a IN (${Array(count).fill("1").join()})`;
    expect(parseFilter(`${list(1000)} OR ${list(1000)}`)).toBeDefined();
    expect(refusal(list(1001))).toContain("more than 1000 values");
  });

  it("takes 64 keys after a field", () => {
    expect(parseFilter(`a${"->b".repeat(64)}=1`)).toBeDefined();
    expect(refusal(`a${"->b".repeat(65)}=1`)).toContain("more than 64 keys");
  });

  const pieces = ["(", ")", "NOT ", "!", "a=1 AND ", "a=1 XOR ", "'", '"', "`", "[", "]", ",", ".", "->", "--", "and "];
  it.each([
    ...pieces,
    "a=[ and ",
    "a between [ and ",
    "a->",
    "a in (",
    "a in(1,",
    "((a=1)",
    "=",
    ":",
    "{",
    "9",
    "\u{1D4B3}",
  ])("decides 64 KiB of %s, alone or as a value, without a fault of its own", (piece) => {
    for (const text of [fill(piece), `a=${fill(piece)}`, `a in (${fill(piece)}`, `a='${fill(piece)}`]) {
      refusal(text.slice(0, KIB64));
    }
  });
});
