import { beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { keep, tryKeep } from "./extras-said.ts";
import type { Fixture } from "./fixture.ts";
import { expectFailure, failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const use = (text: string, ...uses: readonly string[]) => ({ use: uses, function: text });

const FIELDS: readonly JsonObject[] = [
  { name: "name", db_function: [use("UPPER({value})", "SELECT"), use("LOWER({value})", "FILTER")] },
  { name: "code", db_function: [use("UPPER({value})", "INSERT"), use("LOWER({value})", "UPDATE")] },
  { name: "twice", is_virtual: true, type: "integer", label: "Twice", db_function: [use("{size} * 2", "SELECT")] },
  {
    name: "both",
    is_virtual: true,
    type: "string",
    alias: "full",
    db_function: [use("CONCAT_WS('-', {name}, {code})", "SELECT")],
  },
  { name: "total", is_virtual: true, is_aggregate: true, type: "integer", db_function: [use("SUM({size})", "SELECT")] },
  {
    name: "spread",
    is_virtual: true,
    is_aggregate: true,
    type: "integer",
    db_function: [use("MAX(size) - MIN({size})", "SELECT")],
  },
];

/** Functions of the database that stand for fields, virtual fields and aggregates. */
export function extrasFunctionCases(fixture: () => Fixture, target: Target): void {
  beforeAll(async () => {
    const { query } = fixture().database;
    await query("CREATE TABLE worked_links (id INTEGER PRIMARY KEY, name VARCHAR(20))");
    await query(
      `CREATE TABLE worked (id ${target.words.autoKey}, kind VARCHAR(9), name VARCHAR(20), code VARCHAR(20), size INTEGER)`,
    );
    await query(
      "INSERT INTO worked (id, kind, name, code, size) VALUES (1, 'a', 'One', 'x', 10), (2, 'a', 'Two', 'y', 25), (3, 'b', 'Three', 'z', 3)",
    );
    await keep(fixture(), "worked", { field: FIELDS.map((field) => ({ ...field, ...joined(field, target) })) });
  });

  const reads = (params: Parameters<typeof get>[2]) => get(fixture(), "_table/worked", params);

  describe("a db_function", () => {
    test("stands for its field in what is read", async () => {
      expect((await get(fixture(), "_table/worked/1", { fields: "id,name" })).body).toEqual({ id: 1, name: "ONE" });
      expect((await reads({ fields: "name", order: "id" })).body.resource).toEqual([
        { name: "ONE" },
        { name: "TWO" },
        { name: "THREE" },
      ]);
    });

    test.each<readonly [filter: string, ids: readonly number[]]>([
      ["name = 'two'", [2]],
      ["name in ('two', 'three')", [2, 3]],
      ["name starts with 't'", [2, 3]],
      ["not (name = 'two')", [1, 3]],
      ["name between 'o' and 'p'", [1]],
    ])("stands for its field in a filter: %s", async (filter, ids) => {
      const { body } = await reads({ fields: "id", order: "id", filter });
      expect(body).toEqual({ resource: ids.map((id) => ({ id })) });
    });

    test("stands around what is written", async () => {
      const made = await fixture().ask("POST", "_table/worked?fields=id,code", {
        body: { code: "Ab", kind: "w", size: 0 },
      });
      expect(made.body).toEqual({ id: expect.any(Number), code: "AB" });
      const path = `_table/worked/${made.body.id}`;
      expect((await fixture().ask("PATCH", `${path}?fields=code`, { body: { code: "CdE" } })).body).toEqual({
        code: "cde",
      });
      expect((await fixture().ask("PATCH", `${path}?fields=code`, { body: { code: null } })).body).toEqual({
        code: null,
      });
      const list = await fixture().ask("POST", "_table/worked?fields=code", {
        body: {
          resource: [
            { code: "q'1", kind: "w" },
            { code: "q\\2", kind: "w" },
          ],
        },
      });
      expect(list.body).toEqual({ resource: [{ code: "Q'1" }, { code: "Q\\2" }] });
      expect((await fixture().ask("DELETE", "_table/worked?filter=kind='w'")).status).toBe(200);
    });

    test("stands for its field in groups, so that nothing shows what it covers", async () => {
      const { body } = await reads({ fields: "name,COUNT(*)", group: "name", order: "name" });
      expect(body.resource).toEqual(["ONE", "THREE", "TWO"].map((name) => ({ name, COUNT_ALL: 1 })));
      expect((await reads({ fields: "MAX(name)" })).body.resource).toEqual([{ MAX_name: "TWO" }]);
    });

    test("stands for its field in what a write answers", async () => {
      const answer = await fixture().ask("PATCH", "_table/worked/3?fields=name,twice", { body: { name: "Three" } });
      expect(answer.body).toEqual({ name: "THREE", twice: 6 });
    });

    test("is described", async () => {
      const { body } = await get(fixture(), "_schema/worked/_field/name");
      expect(body).toMatchObject({
        is_virtual: false,
        db_function: [
          { use: ["SELECT"], function: "UPPER({value})", function_type: "database" },
          { use: ["FILTER"], function: "LOWER({value})", function_type: "database" },
        ],
      });
    });

    test.each([
      ["id", "UPPER({value})", "Field 'id' identifies records or relates them: it can have no db_function."],
      ["name", "UPPER({nothing})", "Field 'name': its db_function names '{nothing}', which it can not."],
      [
        "name",
        "1; DROP TABLE worked",
        "Field 'name': the property 'db_function' must be one expression without comments, semicolons, backslashes and question marks.",
      ],
      [
        "name",
        "1) FROM worked --",
        "Field 'name': the property 'db_function' must be one expression without comments, semicolons, backslashes and question marks.",
      ],
      [
        "name",
        "1) , (2",
        "Field 'name': the property 'db_function' must close every quote and parenthesis that it opens.",
      ],
      [
        "name",
        "$1",
        "Field 'name': the property 'db_function' must hold no '#', '$', '@', ':' or brace outside of quotes.",
      ],
    ])("of %s is refused: %s", async (name, text, message) => {
      expectFailure(
        await tryKeep(fixture(), `worked/_field/${name}`, { db_function: [use(text, "SELECT")] }),
        400,
        message,
      );
    });

    test("is for administrators to set, whatever a role gives", async () => {
      const body = { db_function: [use("(SELECT MAX(email) FROM customers)", "SELECT")] };
      expectFailure(
        await fixture().ask("PATCH", "_schema/worked/_field/kind", { body }),
        403,
        "Field 'kind': only an administrator may change its db_function.",
      );
      const labelled = await fixture().ask("PATCH", "_schema/worked/_field/name", { body: { label: "Name" } });
      expect(labelled.status).toBe(200);
    });

    test.each<readonly [verb: string, path: string, body: JsonObject]>([
      ["PATCH", "worked/_field/name", { db_function: null }],
      ["PATCH", "worked/_field/name", { db_function: [] }],
      ["PUT", "worked/_field/name", { type: "string", db_function: null }],
      ["PATCH", "worked", { field: [{ name: "name", db_function: null }] }],
      ["POST", "worked_links/_related", relationTo("worked", "name")],
    ])("is for administrators to take away: %s %s %j", async (verb, path, body) => {
      expectFailure(
        await fixture().ask(verb, `_schema/${path}`, { body }),
        403,
        "Field 'name': only an administrator may change its db_function.",
      );
      expect((await get(fixture(), "_table/worked/1", { fields: "name" })).body).toEqual({ name: "ONE" });
    });

    test("stays when a role puts its field without a word of it", async () => {
      const { body } = await get(fixture(), "_schema/worked/_field/code");
      const { db_function, ...rest } = body;
      const answer = await fixture().ask("PUT", "_schema/worked/_field/code", { body: rest });
      expect(answer.status).toBe(200);
      expect((await get(fixture(), "_schema/worked/_field/code")).body.db_function).toEqual(db_function);
    });

    test("goes with its field, whoever drops that", async () => {
      await fixture().database.query("CREATE TABLE passing (id INTEGER PRIMARY KEY, a VARCHAR(9), b VARCHAR(9))");
      await keep(fixture(), "passing/_field/b", { db_function: [use("UPPER({value})", "SELECT")] });
      expect((await fixture().ask("DELETE", "_schema/passing/_field/b")).status).toBe(200);
      expect((await fixture().ask("DELETE", "_schema/passing")).status).toBe(200);
    });

    test.each([
      "SELECT",
      "FILTER",
      "INSERT",
      "UPDATE",
    ])("that the database does not take is not kept: %s", async (where) => {
      const db_function = [use("no_such_function({value})", where)];
      expectFailure(
        await tryKeep(fixture(), "worked/_field/kind", { db_function }),
        400,
        "The database does not take the function of field 'kind'.",
      );
      expect((await get(fixture(), "_schema/worked/_field/kind")).body.db_function).toBeNull();
      expect((await reads({ fields: "kind", limit: 1 })).status).toBe(200);
    });

    test("of an aggregate that the database does not take is not kept", async () => {
      const said = {
        name: "bad",
        is_virtual: true,
        is_aggregate: true,
        db_function: [use("no_such({size})", "SELECT")],
      };
      expectFailure(
        await tryKeep(fixture(), "worked", { field: [said] }),
        400,
        "The database does not take the function of field 'bad'.",
      );
    });
  });

  describe("a virtual field", () => {
    test("is read with the others", async () => {
      const { body } = await get(fixture(), "_table/worked/1");
      expect(body).toEqual({ id: 1, kind: "a", name: "ONE", code: "x", size: 10, twice: 20, full: "One-x" });
    });

    test.each<readonly [params: Parameters<typeof get>[2], rows: readonly object[]]>([
      [{ filter: "twice = 50" }, [{ id: 2 }]],
      [{ filter: "twice > 6 and full like 'One%'" }, [{ id: 1 }]],
      [{ filter: "twice is null" }, []],
      [{ filter: "full = 'Three-z'" }, [{ id: 3 }]],
      [{ filter: "twice in (6, 20)", order: "id" }, [{ id: 1 }, { id: 3 }]],
      [{ order: "twice desc" }, [{ id: 2 }, { id: 1 }, { id: 3 }]],
      [{ order: "full", limit: 1 }, [{ id: 1 }]],
    ])("is searched and sorted by: %j", async (params, rows) => {
      expect((await reads({ fields: "id", ...params })).body.resource).toEqual(rows);
    });

    test("is grouped by, and summed", async () => {
      const { body } = await reads({ fields: "kind,SUM(twice)", group: "kind", order: "kind" });
      expect(body.resource).toEqual([
        { kind: "a", SUM_twice: 70 },
        { kind: "b", SUM_twice: 6 },
      ]);
      expect((await reads({ group: "twice", order: "twice" })).body.resource).toEqual([
        { twice: 6 },
        { twice: 20 },
        { twice: 50 },
      ]);
    });

    test("is never written", async () => {
      const { body } = await fixture().ask("PATCH", "_table/worked/3?fields=twice,size", {
        body: { twice: 100, size: 3 },
      });
      expect(body).toEqual({ twice: 6, size: 3 });
      expectFailure(
        await fixture().ask("PATCH", "_table/worked/3?strict=true", { body: { twice: 100, size: 3 } }),
        400,
        "Field 'twice' is unknown or computed by the database.",
      );
      expectFailure(
        await fixture().ask("PATCH", "_table/worked/3", { body: { twice: 100 } }),
        400,
        "No valid fields were found in record.",
      );
    });

    test("is described, and its table stays as it is", async () => {
      const { body } = await get(fixture(), "_schema/worked/_field/twice");
      expect(body).toMatchObject({
        name: "twice",
        type: "integer",
        db_type: null,
        label: "Twice",
        is_virtual: true,
        required: false,
      });
      const rows = await fixture().database.query("SELECT * FROM worked WHERE id = 1");
      expect(Object.keys(rows[0] ?? {})).toEqual(["id", "kind", "name", "code", "size"]);
    });

    test("can be changed, dropped and made again", async () => {
      const said = { name: "thrice", is_virtual: true, type: "integer", db_function: [use("{size} * 3", "SELECT")] };
      expect((await tryKeep(fixture(), "worked/_field", { resource: [said] }, "POST")).status).toBe(200);
      expect((await get(fixture(), "_table/worked/1", { fields: "thrice" })).body).toEqual({ thrice: 30 });
      await keep(fixture(), "worked/_field/thrice", { db_function: [use("{size} + 3", "SELECT")] });
      expect((await get(fixture(), "_table/worked/1", { fields: "thrice" })).body).toEqual({ thrice: 13 });
      await keep(fixture(), "worked/_field/thrice", {}, "DELETE");
      expect((await get(fixture(), "_table/worked/1", { fields: "thrice" })).body).toEqual(
        failure(400, "Invalid field requested: 'thrice'."),
      );
    });

    test("needs a function that does not name itself", async () => {
      const why = "needs a db_function for SELECT that does not name the field itself.";
      for (const db_function of [null, [use("{value} + 1", "SELECT")]]) {
        const said = { name: "other", is_virtual: true, db_function };
        expectFailure(await tryKeep(fixture(), "worked", { field: [said] }), 400, `Virtual field 'other' ${why}`);
      }
    });
  });

  describe("an aggregate", () => {
    test.each<readonly [params: Parameters<typeof get>[2], rows: readonly object[]]>([
      [
        { fields: "kind,total", group: "kind", order: "kind" },
        [
          { kind: "a", total: 35 },
          { kind: "b", total: 3 },
        ],
      ],
      [
        { fields: "total,spread,kind", group: "kind", filter: "size < 20", order: "kind" },
        [
          { total: 10, spread: 0, kind: "a" },
          { total: 3, spread: 0, kind: "b" },
        ],
      ],
      [{ fields: "kind", group: "kind", having: "kind = 'a'" }, [{ kind: "a" }]],
      [{ fields: "kind,total", group: "kind", having: "total > 10" }, [{ kind: "a", total: 35 }]],
      [
        { fields: "spread,COUNT(*)", group: "kind", order: "kind" },
        [
          { spread: 15, COUNT_ALL: 2 },
          { spread: 0, COUNT_ALL: 1 },
        ],
      ],
      [
        { fields: "kind,total", group: "kind", order: "total" },
        [
          { kind: "b", total: 3 },
          { kind: "a", total: 35 },
        ],
      ],
    ])("is worked out of each group: %j", async (params, rows) => {
      expect((await reads(params)).body).toEqual({ resource: rows });
    });

    test.each<Parameters<typeof get>[2]>([
      { fields: "total" },
      { filter: "total > 1" },
      { order: "total" },
      { fields: "kind", group: "total" },
    ])("needs a group: %j", async (params) => {
      expect(await reads(params)).toEqual({
        status: 400,
        body: failure(400, "Field 'total' is an aggregate: it stands in 'fields' beside 'group' only."),
      });
    });

    test("is described, and keeps what is said of it", async () => {
      await keep(fixture(), "worked/_field/total", { label: "Sum" });
      const { body } = await get(fixture(), "_schema/worked/_field/total");
      expect(body).toMatchObject({ name: "total", label: "Sum", is_virtual: true, is_aggregate: true });
    });
  });
}

function relationTo(table: string, field: string): JsonObject {
  return { name: "to_it", type: "belongs_to", is_virtual: true, field: "name", ref_table: table, ref_field: field };
}

/** How two texts are put together, where a database has no CONCAT_WS. */
function joined({ name }: JsonObject, { words }: Target): JsonObject {
  if (name !== "both" || words.quote("a") === "`a`") return {};
  return { db_function: [use("{name} || '-' || {code}", "SELECT")] };
}
