import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/contract/json.ts";
import type { Column } from "../../../src/db/catalog.ts";
import { demandValid, validate } from "../../../src/db/extras/validate.ts";
import { parseJson, rawNumber } from "../../../src/lib/json.ts";
import { column } from "./catalog.ts";

/** The value as it is written, `undefined` where it is left out, or the message of a failure. */
function outcome(validation: JsonObject, value: Json, more: Partial<Column> & { write?: "insert" | "update" } = {}) {
  const { write = "insert", ...rest } = more;
  const of = { ...column("f"), nativeName: "f", isKey: false, isUnique: false, isIndexed: false, validation, ...rest };
  try {
    return { value: validate(of, value, { field: "f", write }) };
  } catch (error) {
    return (error as Error).message;
  }
}

const CASES: readonly (readonly [
  validation: JsonObject,
  fits: readonly Json[],
  fails: readonly Json[],
  why: string,
])[] = [
  [{ not_null: {} }, ["", 0, "x"], [null], "can not be NULL"],
  [{ not_empty: {} }, [null, "x", 0, " "], ["", [], {}], "can not be empty"],
  [
    { not_zero: {} },
    [null, 1, "-0.5", "", rawNumber("1e400")],
    [0, "0", "0.00", "-0", false, "0e5", ".0"],
    "can not be zero",
  ],
  [
    { email: {} },
    [null, "", "a@b.de", "a.b+c@sub.example.com", "ä@ö.de"],
    ["a", "a@", "@b.de", "a@b", "a b@c.de", "a@b..de", ".a@b.de", "a..b@c.de", 5, {}, `${"a".repeat(400)}@b.de`],
    "must be a valid e-mail address",
  ],
  [
    { url: {} },
    [null, "", "http://a", "https://a.b/c?d=e#f", "ftp://a.b"],
    ["a.b", "http://", "http:// a", "javascript://a%0aalert(1)", "mailto:a@b.de", 5, "http://a b"],
    "must be a valid URL",
  ],
  [
    { url: { sections: ["path"] } },
    ["http://a/", "http://a/b?c"],
    ["http://a", "http://a?b=/c"],
    "must be a valid URL",
  ],
  [{ url: { sections: ["path", "query"] } }, ["http://a/b?c"], ["http://a/b", "http://a?c"], "must be a valid URL"],
  [
    { int: {} },
    [null, "", 5, "-5", "5.0", rawNumber("12345678901234567890")],
    ["a", 5.5, "5e3", true, {}, "0x1f"],
    "must be a whole number",
  ],
  [{ int: { range: { min: 1, max: 10 } } }, [1, 10, "5"], [0, 11, "-5"], "must be between 1 and 10"],
  [{ int: { range: { min: 1 } } }, [1, rawNumber("99999999999999999999")], [0], "must be at least 1"],
  [
    { int: { range: { max: parseJson("9007199254740993") } } },
    [rawNumber("9007199254740993")],
    [rawNumber("9007199254740994")],
    "must be at most 9007199254740993",
  ],
  [
    { float: {} },
    [null, "", 1.5, "-1.5e3", ".5", 0],
    ["a", "1,5", true, "", "1.5.2"].filter((each) => each !== ""),
    "must be a number",
  ],
  [{ float: { range: { min: 0, max: 1 } } }, [0.5, "1"], [-0.1, 1.1], "must be between 0 and 1"],
  [{ float: { decimal: "," } }, [1.5], ["1.5", "a"], "must be a number"],
  [{ boolean: {} }, [null, "", true, false, 1, 0, "on", "No", "TRUE"], ["maybe", 2, "t", {}], "must be true or false"],
  [{ match: { regexp: "/^a+$/i" } }, [null, "", "aA"], ["b", "ab", 5], "does not have the form that it must have"],
  [{ match: { regexp: "/x/" } }, ["x"], ["y"], "does not have the form that it must have"],
  [{ match: { regexp: "/./" } }, ["x"], ["x".repeat(10_001)], "can hold at most 10000 characters"],
];

describe("a validation", () => {
  test.each(CASES)("%j lets through what fits", (validation, fits) => {
    for (const value of fits) expect([value, outcome(validation, value)]).toEqual([value, { value }]);
  });

  test.each(CASES)("%j refuses what does not", (validation, _fits, fails, why) => {
    for (const value of fails) expect([value, outcome(validation, value)]).toEqual([value, `Field 'f' ${why}.`]);
  });

  test.each(CASES)("%j fails with the message that was said, or leaves the field out", (validation, _fits, fails) => {
    const [[name, settings] = ["", {}]] = Object.entries(validation);
    const on = (on_fail: string) => outcome({ [name]: { ...(settings as JsonObject), on_fail } }, fails[0] ?? null);
    expect(on("No, not this.")).toBe("No, not this.");
    expect(on("ignore_field")).toEqual({ value: undefined });
    expect(on("Ignore_Field")).toEqual({ value: undefined });
  });

  test("takes no expression, whose value nobody has seen", () => {
    for (const [validation] of CASES.filter(([each]) => !("not_null" in each || "not_empty" in each)))
      expect(outcome(validation, { expression: "NOW()" })).toBe(
        "Field 'f' takes no expression: its values are checked.",
      );
  });

  test("api_read_only refuses every value, create_only those of a change", () => {
    expect(outcome({ api_read_only: {} }, "x")).toBe("Field 'f' is read only.");
    expect(outcome({ api_read_only: {} }, { expression: "NOW()" })).toBe("Field 'f' is read only.");
    expect(outcome({ create_only: {} }, "x")).toEqual({ value: "x" });
    expect(outcome({ create_only: {} }, "x", { write: "update" })).toBe(
      "Field 'f' can only be set when a record is created.",
    );
  });

  test("of a picklist holds to the list, or to the values of an enum", () => {
    const list = { picklist: ["a", "2"] };
    for (const value of ["a", 2, "2", null, ""]) expect(outcome({ picklist: {} }, value, list)).toEqual({ value });
    for (const value of ["b", "A", 3, {}])
      expect(outcome({ picklist: {} }, value, list)).toBe("Field 'f' must be one of 'a', '2'.");
    expect(outcome({ picklist: {} }, "x", { values: ["x"] })).toEqual({ value: "x" });
    expect(outcome({ picklist: {} }, "x")).toBe("Field 'f' must be one of .");
  });

  test("of several choices holds to the list and to their number", () => {
    const list = { picklist: ["a", "b", "c"] };
    const of = (settings: JsonObject, value: Json) => outcome({ multi_picklist: settings }, value, list);
    for (const value of ["a", "a,b", " a , c ", ["a", "b"], null, ""]) expect(of({}, value)).toEqual({ value });
    expect(of({}, "a,x")).toBe("Field 'f' must hold only choices of 'a', 'b', 'c'.");
    expect(of({}, ",")).toBe("Field 'f' must hold at least 1 of its choices.");
    expect(of({ min: 2 }, "a")).toBe("Field 'f' must hold at least 2 of its choices.");
    expect(of({ max: 1 }, "a,b")).toBe("Field 'f' can hold at most 1 of its choices.");
    expect(of({ delimiter: ";" }, "a;b")).toEqual({ value: "a;b" });
    expect(of({ delimiter: ";" }, "a,b")).toBe("Field 'f' must hold only choices of 'a', 'b', 'c'.");
  });

  test("writes digits of other kinds as the number that they are", () => {
    const formats = { int: { formats: ["hex", "octal"], range: { max: 255 } } };
    const number = { family: "integer" } as const;
    expect(JSON.stringify(outcome(formats, "0xFf", number))).toBe('{"value":255}');
    expect(JSON.stringify(outcome(formats, "017", number))).toBe('{"value":15}');
    expect(JSON.stringify(outcome(formats, "0o17", number))).toBe('{"value":15}');
    expect(outcome(formats, "0x100")).toBe("Field 'f' must be at most 255.");
    expect(outcome({ float: { decimal: "," } }, "1,5", { family: "decimal" })).toEqual({ value: "1.5" });
    expect(outcome(formats, "0xFf")).toEqual({ value: "0xFf" });
    expect(outcome({ float: { decimal: "," } }, "1,5")).toEqual({ value: "1,5" });
  });

  test("comes after another one and sees what that has made of the value", () => {
    const both = { int: { formats: ["hex"] }, not_zero: {} };
    expect(outcome(both, "0x0", { family: "integer" })).toBe("Field 'f' can not be zero.");
    expect(JSON.stringify(outcome(both, "0x1", { family: "integer" }))).toBe('{"value":1}');
  });

  test("holds for a key that a path says, and a field that is left out is none", () => {
    const key = (validation: JsonObject) => ({
      ...column("k"),
      nativeName: "k",
      isKey: true,
      isUnique: true,
      isIndexed: true,
      validation,
    });
    const form = { match: { regexp: "/^a/" } };
    expect(() => demandValid(key(form), "ab")).not.toThrow();
    expect(() => demandValid(key(form), "b")).toThrow("Field 'k' does not have the form that it must have.");
    expect(() => demandValid(key({ match: { ...form.match, on_fail: "ignore_field" } }), "b")).toThrow(
      "Field 'k' can not have this value.",
    );
  });

  test("that is unknown, or named as what every object has, does nothing", () => {
    expect(outcome({ toString: {}, nothing: {} }, "x")).toEqual({ value: "x" });
  });
});
