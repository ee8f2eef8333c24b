import { beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { expectFailure, failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const ID = { name: "id", type: "id" };
const N = { name: "n", type: "integer", allow_null: true };

/** Tables that are made, and dropped, through Millrace. */
export function schemaCreateCases(fixture: () => Fixture, target: Target): void {
  const post = (path: string, body: unknown) => fixture().ask("POST", path, { body: body as never });
  const create = (...resource: readonly object[]) => post("_schema", { resource });
  const query = (sql: string) => fixture().database.query(sql);
  const q = target.words.quote;

  describe("a table is made", () => {
    test.each<readonly [how: string, path: string, body: (name: string) => unknown, answer: (name: string) => unknown]>(
      [
        [
          "from a list",
          "_schema",
          (name) => ({ resource: [{ name, field: [ID] }] }),
          (name) => ({ resource: [{ name }] }),
        ],
        ["from a bare list", "_schema", (name) => [{ name, field: [ID] }], (name) => ({ resource: [{ name }] })],
        ["from a bare object", "_schema", (name) => ({ name, field: [ID] }), (name) => ({ resource: [{ name }] })],
        ["under its path", "_schema/{}", () => ({ field: [ID] }), (name) => ({ name })],
        [
          "under its path, wrapped",
          "_schema/{}",
          (name) => ({ resource: [{ name, field: ID }] }),
          (name) => ({ name }),
        ],
      ],
    )("%s", async (how, path, body, answer) => {
      const name = `made_${how.replaceAll(/\W/g, "_")}`;
      const { status, body: said } = await post(path.replace("{}", name), body(name));
      expect([status, said]).toEqual([200, answer(name)]);
      expect((await get(fixture(), `_table/${name}`)).body).toEqual({ resource: [] });
      expect(await query(`SELECT * FROM ${q(name)}`)).toEqual([]);
    });
  });

  test("fields=* answers with the schema as it is then, and fields with parts of it", async () => {
    const whole = await post("_schema?fields=*", { resource: [{ name: "whole", field: [ID, N] }] });
    expect(whole.status).toBe(200);
    expect(whole.body.resource).toEqual([(await get(fixture(), "_schema/whole")).body]);
    const part = await post("_schema?fields=name,primary_key", { resource: [{ name: "part", field: [ID, N] }] });
    expect(part.body).toEqual({ resource: [{ name: "part", primary_key: ["id"] }] });
  });

  test("flags of fields become a key of several fields, a unique value, an index, and what may be NULL", async () => {
    const made = await create({
      name: "flags",
      field: [
        { name: "a", type: "integer", is_primary_key: true },
        { name: "b", type: "string", length: 20, is_primary_key: true },
        { name: "u", type: "string", length: 20, is_unique: true },
        { name: "i", type: "integer", is_index: true, allow_null: true },
      ],
    });
    expect(made.status).toBe(200);
    const { body } = await get(fixture(), "_schema/flags");
    expect(body.primary_key).toEqual(["a", "b"]);
    expect(body.field).toMatchObject([
      { is_primary_key: true, allow_null: false },
      { is_primary_key: true, allow_null: false },
      { is_unique: true, is_index: true, allow_null: false, required: true },
      { is_unique: false, is_index: true, allow_null: true, required: false },
    ]);
    const row = { a: 1, b: "x", u: "same", i: null };
    expect((await post("_table/flags", row)).status).toBe(200);
    expect((await post("_table/flags", { ...row, a: 2 })).status).toBe(409);
    expect((await post("_table/flags", { ...row, u: "other" })).status).toBe(409);
  });

  test("several tables refer to each other in whatever order they stand", async () => {
    const made = await create(
      {
        name: "leaf",
        field: [ID, { name: "branch_id", type: "reference", ref_table: "branch", ref_on_delete: "CASCADE" }],
      },
      { name: "branch", field: [ID, { name: "trunk_code", type: "reference", ref_table: "trunk", ref_field: "code" }] },
      { name: "trunk", field: [{ name: "code", type: "string", length: 10, is_primary_key: true }] },
      { name: "ring", field: [ID, { name: "inner_id", type: "reference", ref_table: "ring", allow_null: true }] },
    );
    expect([made.status, made.body]).toEqual([
      200,
      { resource: ["leaf", "branch", "trunk", "ring"].map((name) => ({ name })) },
    ]);
    const { body } = await get(fixture(), "_schema", { ids: "leaf,branch,ring" });
    expect(body.resource.map((table: { field: readonly object[] }) => table.field[1])).toMatchObject([
      { type: "reference", ref_table: "branch", ref_field: "id", ref_on_delete: "CASCADE", is_foreign_key: true },
      { type: "string", length: 10, ref_table: "trunk", ref_field: "code" },
      { type: "reference", ref_table: "ring", ref_field: "id", allow_null: true },
    ]);
    expect((await post("_table/branch", { trunk_code: "none" })).status).toBe(409);
  });

  describe("defaults are values, kept to the character", () => {
    const TEXTS = [
      "",
      "plain",
      "it's",
      "''",
      "'",
      "\\",
      "\\'",
      "a\\nb\\",
      "two\nlines\r\n\ttab",
      "'; DROP TABLE customers; --",
      "'||(SELECT 1)||'",
      '"quoted" `ticked` [bracketed]',
      "$1 ? :x %s {name} $$",
      "NULL",
      "null",
      "CURRENT_TIMESTAMP",
      "NOW()",
      "E'\\x41'",
      "X'41'",
      "/* not */ -- a comment",
      "ünïcödé 日本 🚲",
      "0x41",
      "true",
    ];
    beforeAll(async () => {
      const field = TEXTS.map((text, at) => ({ name: `t${at}`, type: "string", length: 60, default: text }));
      const made = await create({ name: "texts", field: [ID, N, ...field] });
      expect([made.status, made.body]).toEqual([200, { resource: [{ name: "texts" }] }]);
      expect((await post("_table/texts", { n: 1 })).status).toBe(200);
    });

    test.each(TEXTS.map((text, at) => [text, at] as const))("%j", async (text, at) => {
      const [row] = await query(`SELECT t${at} AS t FROM texts`);
      expect(row?.t).toBe(text);
      expect((await get(fixture(), `_table/texts/1?fields=t${at}`)).body).toEqual({ [`t${at}`]: text });
    });

    test("and described as they are, but for what reads as none", async () => {
      const { body } = await get(fixture(), "_schema/texts/_field");
      const said = body.resource.slice(2).map((field: { default: unknown }) => field.default);
      TEXTS.forEach((text, at) => {
        // Some servers write their descriptions in characters of three bytes at most.
        if (/\p{Emoji_Presentation}/u.test(text)) return;
        if (text.toUpperCase() !== "NULL") expect([at, said[at]]).toEqual([at, text]);
      });
    });

    test.each<readonly [type: string, value: unknown, more: object]>([
      ["integer", -5, {}],
      ["bigint", "9007199254740993", {}],
      ["decimal", "12.50", { precision: 8, scale: 2 }],
      ["double", 0.25, {}],
      ["boolean", true, {}],
      ["boolean", false, {}],
      ["date", "2024-02-29", {}],
      ["datetime", "2024-02-29 01:02:03", {}],
      ["json", { "it's": ['"\\'] }, {}],
    ])("of the type %s: %j", async (type, value, more) => {
      const name = `d_${type}_${String(value).length}`;
      const made = await create({ name, field: [ID, N, { name: "d", type, default: value, ...more }] });
      expect([made.status, made.body]).toEqual([200, { resource: [{ name }] }]);
      const { body } = await post(`_table/${name}?fields=d`, { n: 1 });
      const said = body.d?.rawJSON ?? body.d;
      if (typeof value === "object" || typeof value === "boolean") expect(said).toEqual(value);
      else if (type.startsWith("date")) expect(String(said)).toContain(value);
      else expect(String(said)).toBe(String(value));
    });

    test.each([
      { expression: "NOW()" },
      { expression: "current_timestamp" },
      "CURRENT_TIMESTAMP",
      "now()",
    ])("or the moment: %j", async (value) => {
      const name = `moment_${JSON.stringify(value).length}`;
      const made = await create({ name, field: [ID, N, { name: "d", type: "datetime", default: value }] });
      expect([made.status, made.body]).toEqual([200, { resource: [{ name }] }]);
      expect(String((await post(`_table/${name}?fields=d`, { n: 1 })).body.d)).toMatch(/^20\d\d-\d\d-\d\d /);
    });

    test.each<readonly [field: object, message: string | RegExp]>([
      [{ type: "integer", default: "five" }, "Field 'a' must be a valid integer."],
      [{ type: "integer", default: "1); DROP TABLE customers" }, "Field 'a' must be a valid integer."],
      [{ type: "string", length: 3, default: "four" }, "Field 'a' can hold at most 3 characters."],
      [{ type: "string", default: "a\u0000b" }, "A default can not hold the character NUL."],
      [{ type: "string", default: { expression: "NOW()" } }, /can be the expressions/],
      [{ type: "datetime", default: { expression: "pg_sleep(9)" } }, /can be the expressions/],
      [{ type: "boolean", default: "1 OR 1" }, "Field 'a' must be a valid boolean."],
      [{ type: "date", default: "yesterday" }, /must be a valid date/],
    ])("of another kind are refused: %j", async (field, message) => {
      const { status, body } = await create({ name: "nothing", field: [{ name: "a", ...field }] });
      expect([status, body.error.message]).toEqual([400, expect.stringMatching(message)]);
      expect((await get(fixture(), "_schema/nothing")).status).toBe(404);
    });
  });

  describe("names are kept to the character", () => {
    test.each([
      'quo"ted',
      "tick`ed",
      "it's",
      "brack[et]s",
      "semi;colon",
      "a b  c",
      "drop table customers",
      "where",
      "ünïcödé_日本",
      "per%cent",
      "back\\slash",
      "question?mark",
      "dollar$1",
      "dash--comment",
      "slash/star*",
    ])("%s", async (name) => {
      const made = await create({ name, field: [ID, { name, type: "integer" }] });
      expect([made.status, made.body]).toEqual([200, { resource: [{ name }] }]);
      const rows = await query(`SELECT ${q(name)} AS x FROM ${q(name)}`);
      expect(rows).toEqual([]);
      const path = `_schema/${encodeURIComponent(name)}`;
      expect((await get(fixture(), `${path}/_field/${encodeURIComponent(name)}`)).body.name).toBe(name);
      const gone = await fixture().ask("DELETE", path);
      expect([gone.status, gone.body]).toEqual([200, { success: true }]);
      expect((await get(fixture(), path)).status).toBe(404);
    });

    test.each<readonly [name: unknown, message: RegExp]>([
      ["", /^A table needs a 'name'\.$/],
      ["   ", /^A table needs a 'name'\.$/],
      [undefined, /^A table needs a 'name'\.$/],
      [5, /^A table needs a 'name'\.$/],
      [" edge", /^The name of a table holds characters that no name can have\.$/],
      ["nul\u0000", /^The name of a table holds characters that no name can have\.$/],
      ["x".repeat(300), /^The name of a table can have at most \d+ (bytes|characters): /],
    ])("%j is no name", async (name, message) => {
      const { status, body } = await create({ name, field: [ID] });
      expect([status, body.error.message]).toEqual([400, expect.stringMatching(message)]);
      const field = await create({ name: "nothing", field: [ID, { name, type: "integer" }] });
      expect([field.status, field.body.error.message]).toEqual([
        400,
        expect.stringMatching(message.source.includes("needs") ? /field needs a 'name'/ : /The name of a field/),
      ]);
    });
  });

  describe("what can not be made is refused, and nothing of it holds", () => {
    test.each<readonly [body: unknown, status: number, message: string]>([
      [{ resource: [] }, 400, "No table was found in the request."],
      [{}, 400, "No table was found in the request."],
      [["name"], 400, "Each table of the request must be an object."],
      [{ name: "nothing" }, 400, "Table 'nothing' needs at least one field."],
      [{ name: "nothing", field: [ID, { ...ID, type: "string" }] }, 400, "Table 'nothing' has the field 'id' twice."],
      [
        { name: "nothing", field: [ID, { name: "b", type: "id" }] },
        400,
        "Table 'nothing' can have only one field that the database counts up.",
      ],
      [{ name: "customers", field: [ID] }, 409, "Table 'customers' already exists in the database."],
      [
        { name: "nothing", field: [ID, { name: "r", type: "reference", ref_table: "nowhere" }] },
        400,
        "The table 'nowhere' that is referred to does not exist in the database.",
      ],
      [
        { name: "nothing", field: [ID, { name: "r", type: "reference", ref_table: "customers", ref_field: "zzz" }] },
        400,
        "The field 'zzz' that is referred to does not exist in table 'customers'.",
      ],
      [
        {
          name: "nothing",
          field: [ID, { name: "r", type: "reference", ref_table: "customers", ref_on_delete: "EXPLODE" }],
        },
        400,
        "Field 'r': 'ref_on_delete' must be one of CASCADE, SET NULL, SET DEFAULT, RESTRICT, NO ACTION.",
      ],
    ])("%j", async (body, status, message) => {
      expectFailure(await post("_schema", body), status, message);
      expect((await get(fixture(), "_schema/nothing")).status).toBe(404);
    });

    test("one of several is told by its place", async () => {
      const { status, body } = await create({ name: "nothing", field: [ID] }, { name: "customers", field: [ID] });
      const message = "Table 'customers' already exists in the database.";
      const context = { error: [1], resource: [{}, { code: 409, message, status_code: 409 }] };
      expect({ status, body }).toEqual({
        status: 400,
        body: failure(
          400,
          "Batch Error: Not all requested records could be created. All changes rolled back.",
          context,
        ),
      });
      expect((await get(fixture(), "_schema/nothing")).status).toBe(404);
    });

    test("with check_exist those that exist are left as they are", async () => {
      const body = {
        resource: [
          { name: "customers", field: [N] },
          { name: "checked", field: [ID] },
        ],
      };
      const made = await post("_schema?check_exist=true", body);
      expect([made.status, made.body]).toEqual([200, { resource: [{ name: "customers" }, { name: "checked" }] }]);
      expect((await get(fixture(), "_table/customers?count_only=true")).body).toBe(5);
      expect((await post("_schema?check_exist=true", body)).status).toBe(200);
    });
  });

  describe("tables are dropped", () => {
    test("several by ids, and then they are gone", async () => {
      await create({ name: "gone1", field: [ID] }, { name: "gone2", field: [ID] });
      const { status, body } = await fixture().ask("DELETE", "_schema?ids=gone1,gone2");
      expect([status, body]).toEqual([200, { resource: [{ name: "gone1" }, { name: "gone2" }] }]);
      for (const name of ["gone1", "gone2"]) expect((await get(fixture(), `_table/${name}`)).status).toBe(404);
    });

    test("a view too", async () => {
      await query("CREATE VIEW seen AS SELECT id FROM customers");
      const { status, body } = await fixture().ask("DELETE", "_schema/seen?refresh=true");
      expect([status, body]).toEqual([200, { success: true }]);
      expect((await get(fixture(), "_table/seen")).status).toBe(404);
    });

    test.each<readonly [path: string, status: number, message: string]>([
      ["_schema/nowhere", 404, "Table 'nowhere' does not exist in the database."],
      ["_schema", 400, "No table was found in the request."],
      ["_schema?ids=", 400, "No table was found in the request."],
    ])("%s is refused", async (path, status, message) => {
      expectFailure(await fixture().ask("DELETE", path), status, message);
    });

    test("one that others refer to stays, with what refers to it", async () => {
      await create(
        { name: "kept", field: [ID, N] },
        { name: "keeper", field: [ID, { name: "kept_id", type: "reference", ref_table: "kept" }] },
      );
      await post("_table/kept", { n: 1 });
      await post("_table/keeper", { kept_id: 1 });
      const { status } = await fixture().ask("DELETE", "_schema/kept");
      expect([400, 409]).toContain(status);
      expect((await get(fixture(), "_table/kept")).body.resource).toEqual([{ id: 1, n: 1 }]);
    });
  });

  describe("a role", () => {
    let key: string;
    beforeAll(async () => {
      const grants = [
        { component: "_schema", verb_mask: 31 },
        { component: "_schema/allowed/*", verb_mask: 31 },
        { component: "_table/*", verb_mask: 31 },
      ];
      const service_id = fixture().serviceId;
      key = await makeKey(
        fixture().house,
        "maker",
        grants.map((grant) => ({ service_id, ...grant })),
      );
    });
    const asMaker = (verb: string, path: string, body?: unknown) =>
      fixture().house.ask(verb, `${SERVICE}/${path}`, { key, ...(body !== undefined && { body: body as never }) });

    test("makes, changes and drops what it is granted", async () => {
      expect((await asMaker("POST", "_schema", { name: "allowed", field: [ID] })).status).toBe(200);
      expect((await asMaker("PATCH", "_schema/allowed", { field: [N] })).status).toBe(200);
      expect((await asMaker("DELETE", "_schema?ids=allowed")).status).toBe(200);
    });

    test.each<readonly [verb: string, path: string, body: unknown]>([
      ["POST", "_schema", { name: "other", field: [ID] }],
      [
        "POST",
        "_schema",
        [
          { name: "allowed", field: [ID] },
          { name: "other", field: [ID] },
        ],
      ],
      ["POST", "_schema/other", { field: [ID] }],
      ["PATCH", "_schema", { name: "customers", field: [N] }],
      ["PUT", "_schema", { resource: [{ name: "customers", field: [N] }] }],
      ["DELETE", "_schema?ids=customers", undefined],
      ["DELETE", "_schema?ids=nowhere", undefined],
      ["DELETE", "_schema/customers", undefined],
      ["POST", "_schema/customers/_field", N],
      ["DELETE", "_schema/customers/_field/age", undefined],
    ])("is denied %s %s %j", async (verb, path, body) => {
      const sentence = `The role of this caller does not allow ${verb} on this resource of service '${SERVICE}'.`;
      expectFailure(await asMaker(verb, path, body), 403, sentence);
      expect((await get(fixture(), "_schema/other")).status).toBe(404);
    });

    test("refers to no table that it may not know of", async () => {
      const narrow = await makeKey(fixture().house, "narrow", [
        { service_id: fixture().serviceId, component: "_schema", verb_mask: 2 },
        { service_id: fixture().serviceId, component: "_schema/mine/*", verb_mask: 31 },
      ]);
      const said = (ref_table: string) => ({ name: "mine", field: [ID, { name: "r", type: "reference", ref_table }] });
      for (const name of ["customers", "nowhere"]) {
        const answer = await fixture().house.ask("POST", `${SERVICE}/_schema`, { key: narrow, body: said(name) });
        expectFailure(answer, 400, `The table '${name}' that is referred to does not exist in the database.`);
      }
    });
  });
}
