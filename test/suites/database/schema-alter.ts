import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { expectFailure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const FIELDS = [
  { name: "id", type: "id" },
  { name: "name", type: "string", length: 40 },
  { name: "age", type: "integer", allow_null: true, default: 7 },
  { name: "price", type: "decimal", precision: 10, scale: 2, allow_null: true },
  { name: "code", type: "string", length: 10, allow_null: true, is_unique: true },
];
const ROWS = [
  { name: "it's", age: 1, price: 1.5, code: "12" },
  { name: "two", age: null, price: null, code: null },
];

/** Tables that are changed through Millrace: what they hold stays, and the next request sees them as they are. */
export function schemaAlterCases(fixture: () => Fixture, target: Target): void {
  const { altersColumns } = target.traits;
  const ask = async (verb: string, path: string, body?: unknown) => {
    const answer = await fixture().ask(verb, path, body === undefined ? {} : { body: body as never });
    return { status: answer.status, body: answer.body };
  };
  const fields = async () => (await get(fixture(), "_schema/alt")).body.field as readonly { readonly name: string }[];
  const field = async (name: string) => (await get(fixture(), `_schema/alt/_field/${name}`)).body;
  const rows = async () => (await get(fixture(), "_table/alt?order=id")).body.resource;
  const query = (sql: string) => fixture().database.query(sql);

  beforeEach(async () => {
    expect((await ask("POST", "_schema", { name: "alt", field: FIELDS })).status).toBe(200);
    expect((await ask("POST", "_table/alt", ROWS)).status).toBe(200);
  });
  afterEach(async () => {
    expect((await ask("DELETE", "_schema/alt")).status).toBe(200);
  });

  describe("PATCH of a table", () => {
    test("adds what is new and leaves what is not said", async () => {
      const answer = await ask("PATCH", "_schema/alt", {
        field: [{ name: "extra", type: "string", default: "x\\'y" }],
      });
      expect(answer).toEqual({ status: 200, body: { name: "alt" } });
      expect((await fields()).map(({ name }) => name)).toEqual(["id", "name", "age", "price", "code", "extra"]);
      expect((await rows()).map((row: { extra: string }) => row.extra)).toEqual(["x\\'y", "x\\'y"]);
      expect((await query("SELECT extra AS x FROM alt")).map(({ x }) => x)).toEqual(["x\\'y", "x\\'y"]);
    });

    test("of what it was described as is no change", async () => {
      const { body } = await get(fixture(), "_schema/alt");
      let answer: unknown;
      const statements = await fixture().statements(async () => {
        answer = await ask("PATCH", "_schema/alt", body);
      });
      expect(answer).toEqual({ status: 200, body: { name: "alt" } });
      expect(statements.filter((sql) => /\b(?:ALTER|DROP|CREATE)\b/.test(sql))).toEqual([]);
      expect((await get(fixture(), "_schema/alt")).body).toEqual(body);
    });

    test("of several tables, and with fields=* the answer is what they are then", async () => {
      const resource = [{ name: "alt", field: { name: "one", type: "integer", allow_null: true } }];
      const { status, body } = await ask("PATCH", "_schema?fields=*", { resource });
      expect(status).toBe(200);
      expect(body.resource).toEqual([(await get(fixture(), "_schema/alt")).body]);
      expect(body.resource[0].field).toHaveLength(6);
    });
  });

  describe("PUT of a table", () => {
    test("drops the fields that are not said, with their data", async () => {
      const said = [{ name: "id" }, { name: "name" }, { name: "price" }, { name: "code" }];
      expect(await ask("PUT", "_schema/alt", { field: said })).toEqual({ status: 200, body: { name: "alt" } });
      expect((await fields()).map(({ name }) => name)).toEqual(["id", "name", "price", "code"]);
      expect(await rows()).toMatchObject([
        { id: 1, name: "it's", code: "12" },
        { id: 2, name: "two" },
      ]);
    });

    test("without fields drops none", async () => {
      expect((await ask("PUT", "_schema/alt", { label: "Alt" })).status).toBe(200);
      expect(await fields()).toHaveLength(5);
    });

    test.each<readonly [body: unknown, status: number, message: string]>([
      [{ field: [{ name: "name" }] }, 400, "Field 'id' is in the primary key, and can not be dropped."],
      [{ field: [{ name: "id" }, { name: "new" }] }, 400, "Field 'new' needs a 'type'."],
      [
        { name: "other", field: [{ name: "id" }] },
        400,
        "The table of the request has another name than the path: a table can not be renamed.",
      ],
    ])("%j is refused, and nothing is dropped", async (body, status, message) => {
      const answer = await ask("PUT", "_schema/alt", body);
      expectFailure(answer, status, message);
      expect(await fields()).toHaveLength(5);
    });

    test("of a table that there is not is refused", async () => {
      expectFailure(
        await ask("PUT", "_schema/nowhere", { field: FIELDS }),
        404,
        "Table 'nowhere' does not exist in the database.",
      );
    });
  });

  describe("fields", () => {
    test("are added one by one or together", async () => {
      const one = { name: "x1", type: "boolean", allow_null: true };
      expect(await ask("POST", "_schema/alt/_field", one)).toEqual({
        status: 200,
        body: { resource: [{ name: "x1" }] },
      });
      const two = [
        { name: "x2", type: "text", allow_null: true },
        { name: "x3", type: "integer", default: 3, is_index: true },
      ];
      expect(await ask("POST", "_schema/alt/_field", { resource: two })).toEqual({
        status: 200,
        body: { resource: [{ name: "x2" }, { name: "x3" }] },
      });
      expect(await ask("POST", "_schema/alt/_field/x4", { type: "date", allow_null: true })).toEqual({
        status: 200,
        body: { name: "x4" },
      });
      expect(await field("x3")).toMatchObject({ type: "integer", default: "3", is_index: true, allow_null: false });
      expect((await rows())[0]).toMatchObject({ x1: null, x2: null, x3: 3, x4: null, name: "it's" });
    });

    test("are dropped by path and by ids, with the index that is theirs", async () => {
      expect(
        (await ask("POST", "_schema/alt/_field", { name: "i", type: "integer", is_index: true, default: 1 })).status,
      ).toBe(200);
      expect(await ask("DELETE", "_schema/alt/_field/i")).toEqual({ status: 200, body: { success: true } });
      expect(await ask("DELETE", "_schema/alt/_field?ids=age,price")).toEqual({
        status: 200,
        body: { resource: [{ name: "age" }, { name: "price" }] },
      });
      expect((await fields()).map(({ name }) => name)).toEqual(["id", "name", "code"]);
      expect(await rows()).toEqual([
        { id: 1, name: "it's", code: "12" },
        { id: 2, name: "two", code: null },
      ]);
    });

    test.each<readonly [verb: string, path: string, body: unknown, status: number, message: string]>([
      ["POST", "_field", { name: "age", type: "integer" }, 409, "Field 'age' already exists in table 'alt'."],
      ["POST", "_field", {}, 400, "No field was found in the request."],
      ["POST", "_field", { type: "integer" }, 400, "A field needs a 'name'."],
      ["POST", "_field", { name: "k", type: "id" }, 400, "Field 'k': the primary key of a table can not be changed."],
      ["PATCH", "_field/zzz", { type: "integer" }, 404, "Field 'zzz' does not exist in table 'alt'."],
      ["PATCH", "_field/age", { type: "blub" }, 400, "Field 'age': the type 'blub' is unknown."],
      [
        "PATCH",
        "_field/age",
        { name: "other" },
        400,
        "The field of the request has another name than the path: a field can not be renamed.",
      ],
      [
        "PATCH",
        "_field/age",
        { is_primary_key: true },
        400,
        "Field 'age': the primary key of a table can not be changed.",
      ],
      ["PATCH", "_field/id", { allow_null: true }, 400, "Field 'id' is in the primary key, and can not be NULL."],
      ["PATCH", "_field/age", { default: "x" }, 400, "Field 'age' must be a valid integer."],
      ["DELETE", "_field/zzz", undefined, 404, "Field 'zzz' does not exist in table 'alt'."],
      ["DELETE", "_field/id", undefined, 400, "Field 'id' is in the primary key, and can not be dropped."],
      ["DELETE", "_field", undefined, 400, "No field was found in the request."],
      ["POST", "_nothing", {}, 404, "Resource '_nothing' not found for service 'under_test'."],
    ])("%s %s %j is refused", async (verb, path, body, status, message) => {
      expectFailure(await ask(verb, `_schema/alt/${path}`, body), status, message);
      expect(await fields()).toHaveLength(5);
      expect(await rows()).toHaveLength(2);
    });
  });

  describe.runIf(altersColumns)("a field that stands is changed", () => {
    const patch = (name: string, body: object) => ask("PATCH", `_schema/alt/_field/${name}`, body);

    test("in its length", async () => {
      expect(await patch("name", { length: 80 })).toEqual({ status: 200, body: { name: "name" } });
      expect(await field("name")).toMatchObject({ type: "string", length: 80, allow_null: false });
      expect((await ask("POST", "_table/alt", { name: "x".repeat(80) })).status).toBe(200);
    });

    test("in its type, where its values have that", async () => {
      expect((await patch("code", { type: "integer" })).status).toBe(200);
      expect(await field("code")).toMatchObject({ type: "integer", is_unique: true, allow_null: true });
      expect((await rows()).map((row: { code: unknown }) => row.code)).toEqual([12, null]);
      expect((await patch("age", { type: "bigint" })).status).toBe(200);
      expect(await field("age")).toMatchObject({ type: "bigint", default: "7" });
      expect((await patch("age", { type: "string", length: 30 })).status).toBe(200);
      expect((await rows())[0].age).toBe("1");
    });

    test.each<readonly [name: string, body: object]>([
      ["name", { type: "integer" }],
      ["name", { length: 2 }],
      ["price", { type: "integer" }],
      ["price", { scale: 0 }],
      ["name", { type: "date" }],
      ["price", { allow_null: false }],
    ])("%s to %j is refused when its values do not fit, and nothing is changed", async (name, body) => {
      const before = [await fields(), await rows()];
      const { status, body: said } = await patch(name, body);
      expect([status, said.error.message]).toEqual([
        409,
        expect.stringMatching(
          /(?:^Field '\w+': t|^T)he (?:values that the table holds do not fit|table holds records without a value)/,
        ),
      ]);
      expect([await fields(), await rows()]).toEqual(before);
    });

    test("to take NULL, and not to", async () => {
      expect((await patch("name", { allow_null: true })).status).toBe(200);
      expect((await ask("POST", "_table/alt", { name: null, age: 3 })).status).toBe(200);
      expect((await ask("DELETE", "_table/alt/3")).status).toBe(200);
      expect((await patch("name", { allow_null: false })).status).toBe(200);
      expect(await field("name")).toMatchObject({ allow_null: false, required: true, length: 40 });
      expect(await rows()).toHaveLength(2);
    });

    test("in its default, or has none any more", async () => {
      expect((await patch("name", { default: "it's \\ new" })).status).toBe(200);
      expect(await field("name")).toMatchObject({ default: "it's \\ new", allow_null: false });
      expect((await ask("POST", "_table/alt?fields=name,age", { price: 1 })).body).toEqual({
        name: "it's \\ new",
        age: 7,
      });
      expect((await patch("age", { default: null })).status).toBe(200);
      expect((await ask("POST", "_table/alt?fields=age", { price: 1 })).body).toEqual({ age: null });
    });

    test("to be unique, and not to", async () => {
      expect((await patch("name", { is_unique: true })).status).toBe(200);
      expect((await ask("POST", "_table/alt", { name: "two" })).status).toBe(409);
      expect((await patch("name", { is_unique: false })).status).toBe(200);
      expect((await patch("code", { is_unique: false })).status).toBe(200);
      expect((await ask("POST", "_table/alt", { name: "two", code: "12" })).status).toBe(200);
      expect(await field("code")).toMatchObject({ is_unique: false, length: 10 });
      const { status, body } = await patch("code", { is_unique: true });
      expect([status, body.error.message]).toEqual([
        409,
        "The table holds the same value twice in what has to be unique.",
      ]);
    });

    test("to refer to another table, and not to", async () => {
      const reference = { ref_table: "customers", ref_field: "id", ref_on_delete: "SET NULL" };
      expect((await patch("age", reference)).status).toBe(200);
      expect(await field("age")).toMatchObject({ type: "reference", is_foreign_key: true, ...reference, default: "7" });
      expect((await ask("POST", "_table/alt", { name: "x", age: 99 })).status).toBe(409);
      expect((await patch("age", { ref_on_delete: "CASCADE", ref_table: "customers" })).status).toBe(200);
      expect(await field("age")).toMatchObject({ ref_on_delete: "CASCADE" });
      expect((await patch("age", { is_foreign_key: false })).status).toBe(200);
      expect(await field("age")).toMatchObject({ type: "integer", is_foreign_key: false, ref_table: null });
      expect((await rows()).map((row: { age: unknown }) => row.age)).toEqual([1, null]);
    });

    test("not to refer where its values lead nowhere", async () => {
      await ask("PATCH", "_table/alt/2", { age: 99 });
      const { status, body } = await patch("age", { ref_table: "customers" });
      expect([status, body.error.message]).toEqual([
        409,
        expect.stringContaining("references to records that are missing"),
      ]);
      expect(await field("age")).toMatchObject({ is_foreign_key: false });
    });

    test("several at once, all or none", async () => {
      const said = [
        { name: "age", type: "bigint" },
        { name: "plus", type: "integer", default: 1 },
        { name: "name", type: "integer" },
      ];
      expect((await ask("PATCH", "_schema/alt", { field: said })).status).toBe(409);
      expect((await fields()).map(({ name }) => name)).toEqual(["id", "name", "age", "price", "code"]);
      expect(await field("age")).toMatchObject({ type: "integer" });
      expect((await ask("PATCH", "_schema/alt", { field: said.slice(0, 2) })).status).toBe(200);
      expect(await field("age")).toMatchObject({ type: "bigint" });
    });

    test("a new one that has to have a value needs a default where there are rows", async () => {
      const { status, body } = await ask("POST", "_schema/alt/_field", { name: "must", type: "integer" });
      expect([status, body.error.message]).toEqual([409, expect.stringContaining("give the field a default")]);
      expect(await fields()).toHaveLength(5);
    });
  });

  test.runIf(altersColumns)(
    "what else belongs to the table stays: keys, checks, views, other tables' references",
    async () => {
      const q = target.words.quote;
      for (const sql of [
        `CREATE TABLE ${q("rich")} (id ${target.words.autoKey}, a VARCHAR(20) DEFAULT 'x, (y' NOT NULL, ${q("b c")} INTEGER CHECK (${q("b c")} > 0), d INTEGER, UNIQUE (a, d))`,
        `CREATE INDEX rich_d ON ${q("rich")} (d)`,
        `CREATE TABLE poor (id ${target.words.autoKey}, rich_id INTEGER, FOREIGN KEY (rich_id) REFERENCES ${q("rich")} (id) ON DELETE CASCADE)`,
        `INSERT INTO ${q("rich")} (id, a, ${q("b c")}, d) VALUES (1, 'one', 1, 10), (2, 'two', 2, 20)`,
        "INSERT INTO poor (id, rich_id) VALUES (1, 1), (2, 2)",
        `CREATE VIEW rich_view AS SELECT id, a FROM ${q("rich")}`,
      ])
        await query(sql);
      const changed = await ask("PATCH", "_schema/rich?refresh=true", {
        field: [
          { name: "d", type: "bigint" },
          { name: "e", type: "string", length: 5, default: "z" },
        ],
      });
      expect(changed).toEqual({ status: 200, body: { name: "rich" } });
      expect((await get(fixture(), "_table/rich?order=id")).body.resource).toEqual([
        { id: 1, a: "one", "b c": 1, d: 10, e: "z" },
        { id: 2, a: "two", "b c": 2, d: 20, e: "z" },
      ]);
      expect((await get(fixture(), "_table/rich_view?order=id")).body.resource).toHaveLength(2);
      expect((await get(fixture(), "_table/poor?count_only=true")).body).toBe(2);
      expect((await ask("POST", "_table/rich", { "b c": -1 })).status).toBe(400);
      expect((await ask("POST", "_table/rich", { a: "one", "b c": 1, d: 10 })).status).toBe(409);
      expect((await get(fixture(), "_schema/rich")).body.field).toMatchObject([
        { name: "id", type: "id" },
        { name: "a", default: "x, (y", length: 20 },
        { name: "b c" },
        { name: "d", type: "bigint", is_index: true },
        { name: "e", length: 5 },
      ]);
      expect((await ask("DELETE", "_table/rich/1")).status).toBe(200);
      expect((await get(fixture(), "_table/poor")).body.resource).toEqual([{ id: 2, rich_id: 2 }]);
    },
  );

  test.runIf(!altersColumns)("what can not be changed in place is refused by a sentence", async () => {
    const { status, body } = await ask("PATCH", "_schema/alt/_field/age", { type: "string" });
    expect([status, body.error.message]).toEqual([
      501,
      expect.stringContaining("can not change table 'alt' in this way"),
    ]);
    expect(await field("age")).toMatchObject({ type: "integer" });
  });

  describe("a view", () => {
    test.each<readonly [verb: string, path: string, body: unknown]>([
      ["PATCH", "_schema/customer_names", { field: [{ name: "x", type: "integer" }] }],
      ["POST", "_schema/customer_names/_field", { name: "x", type: "integer" }],
      ["DELETE", "_schema/customer_names/_field/last_name", undefined],
      ["PUT", "_schema/customer_names", { field: [{ name: "id" }] }],
    ])("is not changed by %s %s", async (verb, path, body) => {
      expectFailure(await ask(verb, path, body), 400, "'customer_names' is a view: its fields can not be changed.");
      expect((await get(fixture(), "_schema/customer_names")).body.field).toHaveLength(3);
    });
  });
}
