import { beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/contract/json.ts";
import { keep, tryKeep } from "./extras-said.ts";
import type { Fixture } from "./fixture.ts";
import { expectFailure, failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const VALIDATIONS: Readonly<Record<string, JsonObject>> = {
  fixed: { api_read_only: true },
  once: { create_only: {} },
  present: { not_null: {} },
  filled: { not_empty: {} },
  amount: { not_zero: {} },
  mail: { email: { on_fail: "Please enter an e-mail address." } },
  site: { url: {} },
  page: { url: { sections: ["path"] } },
  level: { int: { range: { min: 1, max: 10 } } },
  rate: { float: { range: { min: 0 } } },
  answer: { boolean: {} },
  code: { match: { regexp: "/^[a-z]{2}\\d+$/i" } },
  encoded: { match: { regexp: "L15hKyQv" } },
  color: { picklist: {} },
  tags: { multi_picklist: { max: 2 } },
  silent: { picklist: { on_fail: "ignore_field" } },
};
const PICKLISTS: Readonly<Record<string, readonly string[]>> = {
  color: ["red", "green"],
  tags: ["a", "b", "c"],
  silent: ["yes"],
};

/** Validations that Millrace keeps of fields, on every way to write. */
export function extrasValidationCases(fixture: () => Fixture, target: Target): void {
  beforeAll(async () => {
    const { decimal, autoKey } = target.words;
    const texts = "fixed,once,present,filled,mail,site,page,answer,code,encoded,color,tags,silent".split(",");
    await fixture().database.query(
      `CREATE TABLE checked (id ${autoKey}, ${texts.map((name) => `${name} VARCHAR(60)`).join(", ")}, amount INTEGER, level INTEGER, rate ${decimal(8, 2)})`,
    );
    await keep(fixture(), "checked", {
      field: Object.entries(VALIDATIONS).map(([name, validation]) => ({
        name,
        validation,
        ...(PICKLISTS[name] && { picklist: PICKLISTS[name] }),
      })),
    });
  });

  const create = (record: JsonObject) => fixture().ask("POST", "_table/checked?fields=*", { body: record });
  const row = async (record: JsonObject): Promise<number> => (await create(record)).body.id;

  describe("a validation is described as it was said", () => {
    test.each(Object.entries(VALIDATIONS))("of %s", async (name, validation) => {
      const { body } = await get(fixture(), `_schema/checked/_field/${name}`);
      const said = Object.fromEntries(
        Object.entries(validation).map(([key, value]) => [key, value === true ? {} : value]),
      );
      expect([body.validation, body.picklist]).toEqual([said, PICKLISTS[name] ?? null]);
    });
  });

  describe("what fits is written", () => {
    test.each<readonly [field: string, value: Json]>([
      ["once", "x"],
      ["present", "x"],
      ["filled", "x"],
      ["filled", null],
      ["amount", 5],
      ["amount", null],
      ["mail", "a@b.de"],
      ["mail", ""],
      ["site", "https://example.com"],
      ["page", "https://example.com/x"],
      ["level", 10],
      ["rate", 0.25],
      ["answer", "yes"],
      ["code", "AB12"],
      ["encoded", "aa"],
      ["color", "red"],
      ["color", null],
      ["tags", "a,b"],
      ["silent", "yes"],
    ])("in %s: %j", async (field, value) => {
      const { status, body } = await create({ [field]: value });
      expect([status, body[field]]).toEqual([200, value]);
    });
  });

  const REFUSED: readonly (readonly [field: string, value: Json, message: string])[] = [
    ["fixed", "x", "Field 'fixed' is read only."],
    ["present", null, "Field 'present' can not be NULL."],
    ["filled", "", "Field 'filled' can not be empty."],
    ["amount", 0, "Field 'amount' can not be zero."],
    ["mail", "nobody", "Please enter an e-mail address."],
    ["site", "example.com", "Field 'site' must be a valid URL."],
    ["page", "https://example.com", "Field 'page' must be a valid URL."],
    ["level", 0, "Field 'level' must be between 1 and 10."],
    ["level", 11, "Field 'level' must be between 1 and 10."],
    ["rate", -0.5, "Field 'rate' must be at least 0."],
    ["answer", "perhaps", "Field 'answer' must be true or false."],
    ["code", "12AB", "Field 'code' does not have the form that it must have."],
    ["encoded", "b", "Field 'encoded' does not have the form that it must have."],
    ["color", "blue", "Field 'color' must be one of 'red', 'green'."],
    ["tags", "a,x", "Field 'tags' must hold only choices of 'a', 'b', 'c'."],
    ["tags", "a,b,c", "Field 'tags' can hold at most 2 of its choices."],
  ];

  describe("what does not fit is refused", () => {
    test.each(REFUSED)("in a new record, %s: %j", async (field, value, message) => {
      expectFailure(await create({ once: "x", [field]: value }), 400, message);
    });

    test.each(REFUSED)("in a change, %s: %j", async (field, value, message) => {
      const id = await row({ silent: "yes" });
      expectFailure(await fixture().ask("PATCH", `_table/checked/${id}`, { body: { [field]: value } }), 400, message);
    });

    test("with nothing written of a list", async () => {
      const before = await get(fixture(), "_table/checked", { count_only: true });
      const { status, body } = await fixture().ask("POST", "_table/checked?rollback=true", {
        body: { resource: [{ color: "red" }, { color: "blue" }] },
      });
      expect([status, body.error.context.resource[1].message]).toEqual([
        400,
        "Field 'color' must be one of 'red', 'green'.",
      ]);
      expect(await get(fixture(), "_table/checked", { count_only: true })).toEqual(before);
    });

    test("in a change of many records at once", async () => {
      await row({ code: "zz1" });
      expectFailure(
        await fixture().ask("PATCH", "_table/checked?filter=code='zz1'", { body: { color: "blue" } }),
        400,
        "Field 'color' must be one of 'red', 'green'.",
      );
    });
  });

  test("a field that is set once keeps its value when the record is changed, or made again", async () => {
    const id = await row({ once: "first", color: "red" });
    const message = "Field 'once' can only be set when a record is created.";
    expectFailure(await fixture().ask("PATCH", `_table/checked/${id}`, { body: { once: "x" } }), 400, message);
    const again = await fixture().ask("POST", "_table/checked?upsert=true", {
      body: { id, once: "x", color: "green" },
    });
    expect(again.status).toBe(200);
    const { body } = await get(fixture(), `_table/checked/${id}`, { fields: "once,color" });
    expect(body).toEqual({ once: "first", color: "green" });
  });

  test("a field that is to be ignored is left out, and the others are written", async () => {
    const { status, body } = await create({ silent: "no", color: "red" });
    expect([status, body.silent, body.color]).toEqual([200, null, "red"]);
    expectFailure(await create({ silent: "no" }), 400, "No valid fields were found in record.");
  });

  describe("a validation that says nothing of use is refused", () => {
    test.each<readonly [validation: JsonObject, message: string]>([
      [{ nothing: {} }, "names an unknown validation 'nothing'"],
      [{ match: { regexp: "/(a/" } }, "a group is not closed"],
      [{ match: { regexp: "/(a)\\1/" } }, "'\\1' is not served"],
      [{ int: { range: 5 } }, "must have as 'int.range' an object with 'min' and 'max'"],
    ])("%j", async (validation, message) => {
      const { status, body } = await tryKeep(fixture(), "checked/_field/color", { validation });
      expect([status, body.error.message]).toEqual([400, expect.stringContaining(message)]);
      expect((await get(fixture(), "_schema/checked/_field/color")).body.validation).toEqual({ picklist: {} });
    });
  });

  test("a validation that is taken back is one no more", async () => {
    await keep(fixture(), "checked/_field/encoded", { validation: null });
    expect((await get(fixture(), "_schema/checked/_field/encoded")).body.validation).toBeNull();
    expect((await create({ encoded: "b" })).status).toBe(200);
  });

  test.each([
    "mail",
    "site",
    "level",
    "rate",
    "answer",
    "code",
    "color",
    "tags",
    "amount",
  ])("nothing that the database would work out passes by the validation of %s", async (field) => {
    const message = `Field '${field}' takes no expression: its values are checked.`;
    for (const expression of ["UUID()", "NOW()"])
      expectFailure(
        await create({ [field]: { expression } }),
        400,
        field === "mail" ? "Please enter an e-mail address." : message,
      );
  });

  test("a pattern keeps nobody waiting, however many long texts are held against it", async () => {
    await keep(fixture(), "checked/_field/code", { validation: { match: { regexp: "/^(?:[ab]{900}|x)a/" } } });
    const text = (seed: number) =>
      Array.from({ length: 10_000 }, (_, at) => ((at * 7_919 + at * at * seed) % 31 < 15 ? "a" : "b")).join("");
    const records = Array.from({ length: 10 }, (_, at) => ({ code: text(at + 2) }));
    const began = performance.now();
    const { status, body } = await fixture().ask("POST", "_table/checked?continue=true", {
      body: { resource: records },
    });
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(status).toBe(400);
    expect(body.error.context.resource[9].message).toBe("Field 'code' is too long for the pattern that it must have.");
  });

  test("an expression that takes others for ever is tried in no time", async () => {
    await keep(fixture(), "checked/_field/encoded", { validation: { match: { regexp: "/^(a+)+$/" } } });
    const began = performance.now();
    const { body } = await create({ encoded: `${"a".repeat(59)}!` });
    expect(body).toEqual(failure(400, "Field 'encoded' does not have the form that it must have."));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
}
