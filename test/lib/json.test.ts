import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonObject, isRawNumber, MAX_JSON_DEPTH, parseJson, rawNumber } from "../../src/lib/json.ts";

/** Any number as JSON allows to write it. */
const numberText = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/);

describe("parseJson", () => {
  test("keeps the value of every number that JSON can write, wherever it stands", () => {
    fc.assert(
      fc.property(numberText, (digits) => {
        const text = `{"a":[${digits}],"b":${digits}}`;
        const written = JSON.stringify(parseJson(text));
        const copies = /^\{"a":\[(.+)\],"b":(.+)\}$/.exec(written);
        expect([copies?.[1], copies?.[2]].map((copy) => decimalOf(copy ?? ""))).toEqual([
          decimalOf(digits),
          decimalOf(digits),
        ]);
      }),
      { numRuns: 1000 },
    );
  });

  test("keeps the digits of integers and decimals as they were written", () => {
    const plain = numberText.filter((digits) => !/[eE]/.test(digits) && !isRespelled(digits));
    fc.assert(
      fc.property(plain, (digits) => {
        expect(JSON.stringify(parseJson(`[${digits}]`))).toBe(`[${digits}]`);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    "9007199254740993",
    "1.10",
    "100.00",
    "0.1000000000000000055",
    "1e400",
    "-0.0",
    "123456789012345678.9",
  ])("keeps %s", (digits) => {
    const value = parseJson(digits);
    expect(isRawNumber(value)).toBe(true);
    expect(JSON.stringify(value)).toBe(digits);
  });

  test.each([0, 1, -1, 0.1, 12.5, 9007199254740991, 1e21])("gives %d as a plain number", (number) => {
    expect(parseJson(JSON.stringify(number))).toBe(number);
  });

  test("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(JSON.stringify(parseJson(text)))).toEqual(JSON.parse(JSON.stringify(JSON.parse(text))));
      }),
    );
  });

  test("leaves digits inside strings and names alone", () => {
    const text = '{"12345678901234567890":"1.10","\\"1.10":["1e5"]}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test("refuses what is not JSON", () => {
    for (const text of ["", "{", "[1,]", "01", "1.", ".5", "+1", "NaN", "'a'", "[1 2]", "1e"]) {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    }
  });
});

describe("numbers that are kept", () => {
  test("are told from strings, names and members of the same text", () => {
    const text = '{"__proto__":1.10,"1.10":"1.10","a":[1e1,"1e1",false,null],"e":{"-0":-0}}';
    expect(JSON.stringify(parseJson(text))).toBe(text);
    expect(Object.getPrototypeOf(parseJson(text))).toBe(Object.prototype);
  });

  test.each([
    "{1.10:1}",
    "{1e1 :1}",
    "[1.10 1.10]",
    "[01.10]",
    "[1.10.1]",
    "[1e1-]",
    "[-]",
    '"a"1.10',
    "tru1e1",
  ])("can not be written as in %s", (text) => expect(() => parseJson(text)).toThrow(SyntaxError));

  test("are not more than the caller allows", () => {
    expect(() => parseJson("[1e1,1e1,1,1]", 2)).not.toThrow();
    expect(() => parseJson("[1e1,1e1,1e1]", 2)).toThrow(RangeError);
  });

  test("make no body cost seconds", () => {
    const lists = `[${Array(3_000_000).fill("[]").join(",")},1e1]`;
    const start = performance.now();
    parseJson(lists);
    expect(() => parseJson(`[${Array(2_600_000).fill("1e1").join(",")}]`, 250_000)).toThrow(RangeError);
    expect(performance.now() - start).toBeLessThan(2500);
  });
});

describe("the depth that parseJson allows", () => {
  const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

  test("is MAX_JSON_DEPTH arrays, and not one more", () => {
    expect(JSON.stringify(parseJson(nested(MAX_JSON_DEPTH, "[", "]")))).toBe(nested(MAX_JSON_DEPTH, "[", "]"));
    expect(() => parseJson(nested(MAX_JSON_DEPTH + 1, "[", "]"))).toThrow(RangeError);
  });

  test("counts arrays and objects alike", () => {
    const half = MAX_JSON_DEPTH / 2;
    const mixed = (depth: number) => `${'[{"a":'.repeat(depth)}1${"}]".repeat(depth)}`;
    expect(() => parseJson(mixed(half))).not.toThrow();
    expect(() => parseJson(`[${mixed(half)}]`)).toThrow(RangeError);
  });

  test("is refused before anything is parsed, however deep", () => {
    expect(() => parseJson("[".repeat(5_000_000))).toThrow(RangeError);
  });

  test("does not count brackets inside strings, whatever is escaped", () => {
    fc.assert(
      fc.property(fc.string(), (noise) => {
        const value = [`${noise}"\\${"[{".repeat(MAX_JSON_DEPTH)}`];
        expect(parseJson(JSON.stringify(value))).toEqual(value);
      }),
    );
  });

  test("is about nesting, not about length", () => {
    const text = `[${Array(1000).fill("[{}]").join(",")}]`;
    expect(JSON.stringify(parseJson(text))).toBe(text);
  });
});

describe("isJsonObject", () => {
  test("knows objects from arrays, null, scalars and kept numbers", () => {
    expect([{}, { a: 1 }].every(isJsonObject)).toBe(true);
    expect([null, [], 1, "a", true, undefined, rawNumber("1.10")].some(isJsonObject)).toBe(false);
  });
});

/** The value of a JSON number as sign, significant digits and exponent, with nothing rounded. */
function decimalOf(text: string): string {
  const parts = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (parts === null) throw new Error(`Not a JSON number: ${text}`);
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** A double holds these exactly enough, but JavaScript writes them another way: -0 as 0, and 0.0000001 as 1e-7. */
function isRespelled(digits: string): boolean {
  return digits === "-0" || /^-?0\.0{6}/.test(digits);
}
