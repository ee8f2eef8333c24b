import { beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { keep, tryKeep } from "./extras-said.ts";
import type { Fixture } from "./fixture.ts";
import { expectFailure, failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const NOTES = { type: "has_many", is_virtual: true, field: "id", ref_table: "memos", ref_field: "about" };
const ABOUT = { type: "belongs_to", is_virtual: true, field: "about", ref_table: "customers", ref_field: "id" };
const TAGS = {
  type: "many_many",
  is_virtual: true,
  field: "id",
  ref_table: "products",
  ref_field: "id",
  junction_table: "wishes",
  junction_field: "who",
  junction_ref_field: "what",
};

/** Relationships that no foreign key makes. */
export function extrasRelationCases(fixture: () => Fixture, target: Target): void {
  beforeAll(async () => {
    const { query } = fixture().database;
    await query(`CREATE TABLE memos (id ${target.words.autoKey}, about INTEGER, words VARCHAR(20))`);
    await query("CREATE TABLE wishes (who INTEGER, what INTEGER)");
    await query(
      "INSERT INTO memos (id, about, words) VALUES (1, 1, 'first'), (2, 1, 'second'), (3, 2, 'third'), (4, 99, 'lost')",
    );
    await query("INSERT INTO wishes (who, what) VALUES (1, 1), (1, 3), (2, 2)");
    const made = (table: string, said: JsonObject) =>
      keep(fixture(), `${table}/_related`, { resource: [said] }, "POST");
    await made("customers", NOTES);
    await made("customers", { ...TAGS, alias: "wanted", label: "Wanted", description: "What they want." });
    await made("memos", ABOUT);
  });

  const related = async (table: string, name: string) =>
    (await get(fixture(), `_schema/${table}/_related/${name}`)).body;

  describe("a virtual relationship is named and described as one of a foreign key", () => {
    test("from one to many", async () => {
      expect(await related("customers", "memos_by_about")).toMatchObject({ name: "memos_by_about", ...NOTES });
    });
    test("to the one", async () => {
      expect(await related("memos", "customers_by_about")).toMatchObject({ name: "customers_by_about", ...ABOUT });
    });
    test("through a junction, by its alias", async () => {
      const said = { alias: "wanted", label: "Wanted", description: "What they want." };
      expect(await related("customers", "wanted")).toMatchObject({ name: "products_by_wishes", ...said, ...TAGS });
    });
  });

  describe("a virtual relationship is filtered by", () => {
    test.each<readonly [table: string, filter: string, ids: readonly number[]]>([
      ["customers", "memos_by_about.words = 'second'", [1]],
      ["customers", "memos_by_about.id > 0", [1, 2]],
      ["memos", "customers_by_about.first_name = 'Alan'", [3]],
      ["customers", "wanted.name = 'Gear'", [2]],
      ["customers", "wanted.price < 8", [1]],
    ])("%s: %s", async (table, filter, ids) => {
      const { body } = await get(fixture(), `_table/${table}`, { filter, fields: "id", order: "id" });
      expect(body).toEqual({ resource: ids.map((id) => ({ id })) });
    });
  });

  describe("a virtual relationship is read along", () => {
    test.each<readonly [path: string, params: Parameters<typeof get>[2], body: unknown]>([
      [
        "customers/1",
        { fields: "id", related: "memos_by_about", "memos_by_about.fields": "words" },
        { id: 1, memos_by_about: [{ words: "first" }, { words: "second" }] },
      ],
      [
        "memos/3",
        { fields: "id", related: "customers_by_about", "customers_by_about.fields": "id" },
        { id: 3, customers_by_about: { id: 2 } },
      ],
      ["memos/4", { fields: "id", related: "customers_by_about" }, { id: 4, customers_by_about: null }],
      [
        "customers/1",
        { fields: "id", related: "wanted", "wanted.fields": "name" },
        { id: 1, wanted: [{ name: "Card" }, { name: "Tape" }] },
      ],
    ])("%s %j", async (path, params, expected) => {
      expect((await get(fixture(), `_table/${path}`, params)).body).toEqual(expected);
    });
  });

  describe("a virtual relationship is refused", () => {
    test.each<readonly [said: JsonObject, message: string]>([
      [{ ref_table: "nothing" }, "there is no such 'ref_table', or no such service."],
      [{ ref_field: "nothing" }, "'field' and 'ref_field' must name fields of their tables."],
      [{ field: "nothing" }, "'field' and 'ref_field' must name fields of their tables."],
      [{ ref_field: "id,about" }, "'field' and 'ref_field' must name as many fields."],
      [{ ref_service_id: 9999 }, "there is no such 'ref_table', or no such service."],
      [{ type: "many_many" }, "it needs a 'junction_table' with its 'junction_field' and 'junction_ref_field'."],
      [{ alias: "last_name" }, "the alias 'last_name' is the name of something else."],
    ])("%j", async (said, message) => {
      const body = { resource: [{ ...NOTES, name: "other", ...said }] };
      expectFailure(
        await tryKeep(fixture(), "customers/_related", body, "POST"),
        400,
        `Relationship 'other': ${message}`,
      );
      expect((await get(fixture(), "_schema/customers/_related/other")).status).toBe(404);
    });

    test("of a type that there is not", async () => {
      const answer = await tryKeep(
        fixture(),
        "customers/_related",
        { resource: [{ ...NOTES, name: "other", type: "some" }] },
        "POST",
      );
      expectFailure(
        answer,
        400,
        "Relationship 'other': the property 'type' must be belongs_to, has_many, has_one or many_many.",
      );
    });
  });

  test("a field that relates records can get no db_function", async () => {
    const db_function = [{ use: ["SELECT"], function: "1" }];
    expectFailure(
      await tryKeep(fixture(), "memos/_field/about", { db_function }),
      400,
      "Field 'about' identifies records or relates them: it can have no db_function.",
    );
  });

  test("a virtual relationship whose field is gone is left out until it is there again", async () => {
    const names = async () =>
      (await get(fixture(), "_schema/memos", { refresh: true })).body.related.map(({ name }: { name: string }) => name);
    await fixture().database.query("ALTER TABLE memos RENAME COLUMN about TO of_whom");
    expect(await names()).toEqual([]);
    expect(await get(fixture(), "_table/customers", { filter: "memos_by_about.id = 1" })).toEqual({
      status: 400,
      body: failure(400, "Invalid relationship requested: 'memos_by_about'."),
    });
    await fixture().database.query("ALTER TABLE memos RENAME COLUMN of_whom TO about");
    expect(await names()).toEqual(["customers_by_about"]);
  });

  test("a virtual relationship can be changed and dropped", async () => {
    await keep(fixture(), "customers/_related", { resource: [{ ...NOTES, name: "passing" }] }, "POST");
    await keep(fixture(), "customers/_related/passing", { label: "Passing", always_fetch: false });
    expect(await related("customers", "passing")).toMatchObject({
      label: "Passing",
      is_virtual: true,
      ref_table: "memos",
    });
    await keep(fixture(), "customers/_related/passing", {}, "DELETE");
    expect((await get(fixture(), "_schema/customers/_related/passing")).status).toBe(404);
    expect((await related("customers", "memos_by_about")).name).toBe("memos_by_about");
  });
}
