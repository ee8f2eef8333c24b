import fc from "fast-check";
import { expect, test } from "vitest";
import { scanJson } from "../../src/lib/json-scan.ts";

const digits = fc.stringMatching(/^-?(?:0|[1-9][0-9]{0,20})(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?$/);

test("a number that is plain is written by a double as it stands", () => {
  fc.assert(
    fc.property(digits, (text) => {
      if (scanJson(`[${text}]`).isPlain) expect(JSON.stringify(JSON.parse(text))).toBe(text);
    }),
    { numRuns: 5_000 },
  );
});

test.each(["0", "7", "-7", "12345", "1.5", "-3.25", "0.001", "123456789012345"])("%s is plain", (text) => {
  expect(scanJson(`{"a":${text}}`).isPlain).toBe(true);
});

test.each(["1.50", "1e2", "1E2", "-0", "0.0000001", "12345678901234567890"])("%s is not plain", (text) => {
  expect(scanJson(`[1,${text}]`).isPlain).toBe(false);
});

test("what stands in strings is no number", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (texts) => {
      expect(scanJson(JSON.stringify(["1.50", ...texts]))).toMatchObject({ depth: 1, isPlain: true });
    }),
  );
});

test("the depth is that of the deepest place", () => {
  expect(scanJson("1").depth).toBe(0);
  expect(scanJson('[{"a":[1]},[]]').depth).toBe(3);
});
