import { describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { expectFailure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const KEYS = ["id", "pk", "bigid", "smallid", "mediumid"];

/** Each simple type of the contract, made and read back, with a value that it keeps. */
const TYPES: readonly (readonly [type: string, value: unknown])[] = [
  ["reference", 7],
  ["fk", 7],
  ["user_id", 7],
  ["string", "it's"],
  ["text", "a\nb"],
  ["mediumtext", "a"],
  ["longtext", "a"],
  ["integer", -2147483648],
  ["int", 5],
  ["tinyint", 127],
  ["smallint", -32768],
  ["mediumint", 8388607],
  ["bigint", 5],
  ["decimal", 12],
  ["double", 0.1],
  ["float", 0.5],
  ["money", 12.5],
  ["boolean", true],
  ["binary", "AAEC"],
  ["date", "2024-02-29"],
  ["time", "23:59:59"],
  ["timetz", "23:59:59"],
  ["datetime", "2024-02-29 01:02:03"],
  ["datetimetz", "2024-02-29 01:02:03"],
  ["timestamp", "2024-02-29 01:02:03"],
  ["timestamptz", "2024-02-29 01:02:03"],
  ["json", { a: [1] }],
  ["jsonb", { a: [1] }],
  ["uuid", "00000000-0000-4000-8000-000000000001"],
  ["array", ["a", "b"]],
  ["object", { a: 1 }],
];

/** Creating a table of each type, and describing it again. */
export function schemaTypeCases(fixture: () => Fixture, target: Target): void {
  const create = (name: string, field: readonly object[]) =>
    fixture().ask("POST", "_schema", { body: { resource: [{ name, field }] } as never });
  const readAs = (type: string) => target.traits.readsAs[type] ?? type;

  test("a field of every simple type reads back as it, or as what the database has for it", async () => {
    const fields = TYPES.map(([type]) => ({ name: `a_${type}`, type, allow_null: true }));
    const made = await create("every", [{ name: "id", type: "id" }, ...fields]);
    expect([made.status, made.body]).toEqual([200, { resource: [{ name: "every" }] }]);
    const { body } = await get(fixture(), "_schema/every");
    const found = body.field.map((field: { name: string; type: string }) => [field.name, field.type]);
    expect(found).toEqual([["id", "id"], ...TYPES.map(([type]) => [`a_${type}`, readAs(type)])]);
    for (const field of body.field.slice(1)) expect([field.name, field.allow_null]).toEqual([field.name, true]);
  });

  describe("a field that was made keeps a value of the type", () => {
    test.each(TYPES)("%s", async (type, value) => {
      const name = `a_${type}`;
      const made = await fixture().ask("POST", `_table/every?fields=${name}`, { body: { [name]: value } as never });
      expect(made.status).toBe(200);
      const said = made.body[name];
      if (typeof value !== "string")
        expect(Number.isFinite(value) ? Number(said.rawJSON ?? said) : said).toEqual(value);
      else expect(String(said).replace("T", " ")).toContain(value);
    });
  });

  test.each(KEYS)("%s is a key that the database makes", async (type) => {
    const name = `key_${type}`;
    expect(
      (
        await create(name, [
          { name: "id", type },
          { name: "n", type: "integer" },
        ])
      ).status,
    ).toBe(200);
    const { body } = await get(fixture(), `_schema/${name}/_field/id`);
    expect(body).toMatchObject({
      type: "id",
      auto_increment: true,
      is_primary_key: true,
      required: false,
      allow_null: false,
    });
    const row = await fixture().ask("POST", `_table/${name}`, { body: { n: 1 } });
    expect([row.status, row.body]).toEqual([200, { id: 1 }]);
  });

  test.each([
    "timestamp_on_create",
    "timestamp_on_update",
  ])("%s holds the moment when nothing is given", async (type) => {
    const name = `stamp_${type}`;
    const made = await create(name, [
      { name: "id", type: "id" },
      { name: "n", type: "integer" },
      { name: "at", type },
    ]);
    expect([made.status, made.body]).toEqual([200, { resource: [{ name }] }]);
    const row = await fixture().ask("POST", `_table/${name}?fields=at`, { body: { n: 1 } });
    expect(row.status).toBe(200);
    expect(String(row.body.at)).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/);
  });

  test("lengths, precision and scale are those that were said", async () => {
    await create("sized", [
      { name: "id", type: "id" },
      { name: "a", type: "string", length: 17 },
      { name: "b", type: "string", length: 3, fixed_length: true },
      { name: "c", type: "decimal", precision: 9, scale: 3 },
    ]);
    const { body } = await get(fixture(), "_schema/sized");
    expect(body.field.slice(1)).toMatchObject([
      { type: "string", length: 17, fixed_length: false },
      { type: "string", length: 3, fixed_length: true },
      { type: "decimal", precision: 9, scale: 3 },
    ]);
    const { status } = await fixture().ask("POST", "_table/sized", { body: { a: "x".repeat(18), b: "abc", c: 1 } });
    expect(status).toBe(400);
  });

  test("a type of the database itself is taken by its name", async () => {
    const made = await create("native", [
      { name: "id", type: "id" },
      { name: "a", db_type: "varchar(13)" },
      { name: "b", type: "string", db_type: "numeric(7, 2)" },
      { name: "c", db_type: "double precision", allow_null: true },
    ]);
    expect(made.status).toBe(200);
    const { body } = await get(fixture(), "_schema/native");
    expect(body.field.slice(1)).toMatchObject([
      { type: "string", length: 13 },
      { type: "decimal", precision: 7, scale: 2 },
      { type: "double", allow_null: true },
    ]);
  });

  describe("a type that is none is refused by name", () => {
    test.each(["varchar2", "", "Text; DROP TABLE customers", "column", "row", "__proto__"])("type %j", async (type) => {
      const sentence = `Field 'a': the type '${type}' is unknown.`;
      expectFailure(await create("nothing", [{ name: "a", type }]), 400, sentence);
    });

    test.each([
      "nosuchtype",
      "text; DROP TABLE customers",
      "text DEFAULT 'x'",
      "integer REFERENCES customers (id)",
      "varchar(40",
      "varchar(40) CHECK (1)",
      "varchar((40))",
      "integer--",
      "enum('a')",
      "\u0000",
    ])("db_type %j", async (native) => {
      const sentence = `Field 'a': the database type '${native}' is not one of this database.`;
      expectFailure(await create("nothing", [{ name: "a", db_type: native }]), 400, sentence);
      expect((await get(fixture(), "_schema/nothing")).status).toBe(404);
    });

    test.each<readonly [field: object, message: string]>([
      [{ name: "a" }, "Field 'a' needs a 'type'."],
      [{ name: "a", type: "string", length: -1 }, "Field 'a': 'length' must be a whole number from 1 to 10000000."],
      [{ name: "a", type: "string", length: "4)" }, "Field 'a': 'length' must be a whole number from 1 to 10000000."],
      [
        { name: "a", type: "decimal", precision: 2, scale: 3 },
        "Field 'a': 'precision' must be at least 1 and at least 'scale'.",
      ],
      [{ name: "a", type: "datetime", precision: 7 }, "Field 'a': 'precision' can be at most 6 digits of a second."],
      [
        { name: "a", type: "string", auto_increment: true },
        "Field 'a': only an integer can be counted up by the database.",
      ],
      [{ name: "a", type: "id", default: 5 }, "Field 'a': the database counts it up, so that it can have no default."],
      [{ name: "a", type: "string", allow_null: "perhaps" }, "Field 'a': 'allow_null' must be true or false."],
    ])("%j", async (field, message) => {
      expectFailure(await create("nothing", [field]), 400, message);
    });
  });
}
