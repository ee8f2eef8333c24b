import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeService } from "../house.ts";
import { type Fixture, openFixture } from "../suites/database/fixture.ts";
import { failure } from "../suites/database/reads.ts";
import { postgresTarget } from "../suites/database/targets.ts";

const target = postgresTarget();

describe.skipIf(target.unavailable !== undefined)("schemas of PostgreSQL", () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openFixture(target);
    const { database, house } = fixture;
    for (const sql of [
      "CREATE SCHEMA sales",
      'CREATE SCHEMA "odd.name"',
      "CREATE TABLE sales.deals (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES public.customers (id), name TEXT)",
      "CREATE TABLE sales.customers (id INTEGER PRIMARY KEY, deal_id INTEGER REFERENCES sales.deals (id))",
      'CREATE TABLE "odd.name"."odd.table" (id INTEGER PRIMARY KEY)',
      "INSERT INTO sales.deals VALUES (1, 2, 'big'), (2, 1, 'small')",
      "INSERT INTO sales.customers VALUES (77, 1)",
      'INSERT INTO "odd.name"."odd.table" VALUES (5)',
    ])
      await database.query(sql);
    const schemas = { everything: "*", sales: "sales", two: "sales,public", none: "" };
    for (const [name, schema] of Object.entries(schemas))
      await makeService(house, name, target.type, { ...database.config, schema });
  });
  afterAll(() => fixture?.close());
  const ask = async (path: string) => {
    const { status, body } = await fixture.house.ask("GET", path);
    return { status, body };
  };
  const names = async (service: string) => (await ask(`${service}/_table?as_list=true`)).body.resource;

  test("serve the default one by bare names, and only that when none is named", async () => {
    expect(await names("none")).toContain("customers");
    expect((await names("none")).filter((name: string) => name.includes("."))).toEqual([]);
    expect(await ask("none/_table/sales.deals")).toEqual({
      status: 404,
      body: failure(404, "Table 'sales.deals' does not exist in the database."),
    });
  });

  test("serve others as schema.table", async () => {
    const others = (await names("everything")).filter((name: string) => name.includes("."));
    expect(others).toEqual(["odd.name.odd.table", "sales.customers", "sales.deals"]);
    expect(await names("everything")).toContain("customers");
    expect(await names("two")).toEqual((await names("everything")).filter((name: string) => !name.startsWith("odd")));
    expect(await names("sales")).toEqual(["sales.customers", "sales.deals"]);
  });

  test.each<readonly [path: string, body: unknown]>([
    ["everything/_table/sales.customers", { resource: [{ id: 77, deal_id: 1 }] }],
    ["everything/_table/sales.customers/77", { id: 77, deal_id: 1 }],
    ["everything/_table/customers/2?fields=first_name", { first_name: "Alan" }],
    ["everything/_table/odd.name.odd.table", { resource: [{ id: 5 }] }],
    ["sales/_table/sales.deals?ids=2,1&fields=name", { resource: [{ name: "small" }, { name: "big" }] }],
    [
      "everything/_table/sales.deals?fields=id&filter=customers_by_customer_id.first_name=Alan",
      { resource: [{ id: 1 }] },
    ],
    ["everything/_table/sales.deals?fields=id&filter=`sales.customers_by_deal_id`.id=77", { resource: [{ id: 1 }] }],
    ["everything/_table/customers?fields=id&filter=`sales.deals_by_customer_id`.name=small", { resource: [{ id: 1 }] }],
  ])("%s", async (path, body) => {
    expect(await ask(path)).toEqual({ status: 200, body });
  });

  test("name relationships across them by the name that the other table is served by", async () => {
    const related = async (path: string) =>
      (await ask(path)).body.resource.map((each: { readonly name: string; readonly ref_table: string }) => [
        each.name,
        each.ref_table,
      ]);
    expect(await related("everything/_schema/sales.deals/_related")).toEqual(
      expect.arrayContaining([
        ["customers_by_customer_id", "customers"],
        ["sales.customers_by_deal_id", "sales.customers"],
      ]),
    );
    expect(await related("sales/_schema/sales.deals/_related")).toEqual([
      ["sales.customers_by_deal_id", "sales.customers"],
    ]);
  });
});
