import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { expectFailure, get } from "./reads.ts";
import type { Target } from "./target.ts";

/** Relationships that are made, changed and dropped through Millrace. */
export function schemaRelationCases(fixture: () => Fixture, target: Target): void {
  const ask = async (verb: string, path: string, body?: unknown) => {
    const answer = await fixture().ask(verb, path, body === undefined ? {} : { body: body as never });
    return { status: answer.status, body: answer.body };
  };
  const related = async (name: string) => (await get(fixture(), `_schema/tale/_related/${name}`)).body;
  const KEY = { type: "belongs_to", field: "hero_id", ref_table: "customers", ref_field: "id" };

  beforeEach(async () => {
    const field = [
      { name: "id", type: "id" },
      { name: "hero_id", type: "integer", allow_null: true },
      { name: "title", type: "string", length: 20, allow_null: true },
    ];
    expect((await ask("POST", "_schema", { name: "tale", field })).status).toBe(200);
  });
  afterEach(async () => {
    expect((await ask("DELETE", "_schema/tale")).status).toBe(200);
  });

  describe.runIf(target.traits.altersColumns)("a real one is a foreign key", () => {
    test("that is made, changed and dropped", async () => {
      const made = await ask("POST", "_schema/tale/_related", { ...KEY, ref_on_delete: "CASCADE" });
      expect(made).toEqual({ status: 200, body: { resource: [{ name: "customers_by_hero_id" }] } });
      expect(await related("customers_by_hero_id")).toMatchObject({
        ...KEY,
        ref_on_delete: "CASCADE",
        is_virtual: false,
      });
      expect((await ask("POST", "_table/tale", { hero_id: 99 })).status).toBe(409);
      const changed = await ask("PATCH", "_schema/tale/_related/customers_by_hero_id", {
        ...KEY,
        ref_on_delete: "SET NULL",
      });
      expect(changed).toEqual({ status: 200, body: { name: "customers_by_hero_id" } });
      expect(await related("customers_by_hero_id")).toMatchObject({ ref_on_delete: "SET NULL" });
      expect(await ask("DELETE", "_schema/tale/_related/customers_by_hero_id")).toEqual({
        status: 200,
        body: { success: true },
      });
      expect((await ask("POST", "_table/tale", { hero_id: 99 })).status).toBe(200);
    });

    test("that can be said with the table", async () => {
      expect((await ask("PATCH", "_schema/tale", { related: [KEY] })).status).toBe(200);
      expect(await related("customers_by_hero_id")).toMatchObject(KEY);
      const { body } = await get(fixture(), "_schema/tale");
      expect((await ask("PATCH", "_schema/tale", body)).status).toBe(200);
      expect(await related("customers_by_hero_id")).toMatchObject(KEY);
    });
  });

  test("a new table has the foreign keys of its relationships", async () => {
    const field = [
      { name: "id", type: "id" },
      { name: "o", type: "integer" },
      { name: "p", type: "integer" },
    ];
    const composite = { type: "belongs_to", field: "o,p", ref_table: "order_items", ref_field: "order_id,product_id" };
    const made = await ask("POST", "_schema", { name: "piece", field, related: [composite] });
    expect(made).toEqual({ status: 200, body: { resource: [{ name: "piece" }] } });
    expect((await get(fixture(), "_schema/piece/_related/order_items_by_o_p")).body).toMatchObject(composite);
    expect((await ask("POST", "_table/piece", { o: 1, p: 3 })).status).toBe(409);
    expect((await ask("POST", "_table/piece", { o: 1, p: 2 })).status).toBe(200);
  });

  test("a virtual one is kept without a foreign key, and dropped", async () => {
    const made = await ask("POST", "_schema/tale/_related", { ...KEY, name: "hero", is_virtual: true, label: "Hero" });
    expect(made).toEqual({ status: 200, body: { resource: [{ name: "hero" }] } });
    expect(await related("hero")).toMatchObject({ ...KEY, is_virtual: true, label: "Hero" });
    expect((await ask("POST", "_table/tale", { hero_id: 99 })).status).toBe(200);
    expect(await ask("DELETE", "_schema/tale/_related/hero")).toEqual({ status: 200, body: { success: true } });
    expect((await get(fixture(), "_schema/tale/_related/hero")).status).toBe(404);
  });

  test.each<readonly [verb: string, path: string, body: unknown, status: number, message: string]>([
    [
      "POST",
      "",
      { ...KEY, type: "has_many" },
      400,
      "A relationship of the type 'has_many' follows from the foreign key of the other table; here it can only be virtual.",
    ],
    ["POST", "", { type: "belongs_to", field: "hero_id" }, 400, "A relationship needs a 'field' and a 'ref_table'."],
    ["POST", "", { ...KEY, field: "zzz" }, 400, "The field 'zzz' of the relationship does not exist."],
    [
      "POST",
      "",
      { ...KEY, ref_table: "zzz" },
      400,
      "The table 'zzz' that is referred to does not exist in the database.",
    ],
    [
      "POST",
      "",
      { ...KEY, ref_field: "zzz" },
      400,
      "The field 'zzz' that is referred to does not exist in table 'customers'.",
    ],
    ["POST", "", { ...KEY, field: "hero_id,title" }, 400, "A reference to 'customers' takes 1 fields, not 2."],
    ["POST", "", {}, 400, "No relationship was found in the request."],
    ["DELETE", "", undefined, 400, "A relationship is dropped by its name in the path."],
    ["DELETE", "/zzz", undefined, 404, "Relationship 'zzz' does not exist in table 'tale'."],
  ])("%s%s %j is refused", async (verb, path, body, status, message) => {
    expectFailure(await ask(verb, `_schema/tale/_related${path}`, body), status, message);
  });

  test("one that follows from another table's foreign key is not dropped here", async () => {
    const answer = await ask("DELETE", "_schema/customers/_related/orders_by_customer_id");
    expectFailure(
      answer,
      400,
      "The relationship 'orders_by_customer_id' follows from the foreign key of another table.",
    );
  });
}
