import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { writeXml } from "../../../src/http/formats/xml.ts";
import { readXml } from "../../../src/http/formats/xml-read.ts";
import { parseJson } from "../../../src/lib/json.ts";

const name = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "field",
    "item",
    "resource",
    "xml",
    "__proto__",
    "two words",
    "",
    "1st",
    "ö",
    "a:b",
    "\u0000",
    "\ufffe",
  ),
  fc.string({ unit: "binary", maxLength: 5 }),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", " ", "\r\n", "]]>", "&amp;", "<a/>"),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom("12345678901234567890", "0.10", "-0", "1e400").map((digits) => JSON.rawJSON(digits)),
    text,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3 }),
  ),
}));

describe("XML", () => {
  test("of any records is read as they were", () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 }), { minLength: 1, maxLength: 3 }),
        (records) => {
          const body = { resource: records } as unknown as Json;
          expect(JSON.stringify(readXml(writeXml(body)))).toBe(JSON.stringify(parseJson(JSON.stringify(body))));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("holds what nests deeper than it does", () => {
    const deep = `${'{"a":['.repeat(25)}1.50${"]}".repeat(25)}`;
    const written = writeXml(parseJson(`{"resource":[{"x":${deep}}]}`));
    expect(JSON.stringify(readXml(written))).toBe(`{"resource":[{"x":${deep}}]}`);
    expect(written.split("<").length).toBeLessThan(120);
  });
});
