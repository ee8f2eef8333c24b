import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get, queryOf } from "./reads.ts";
import { createStaff, dropStaff } from "./staff.ts";
import type { Target } from "./target.ts";

const ORDERED: readonly (readonly [table: string, order: string, ids: readonly number[]])[] = [
  ["orders", "customers_by_customer_id.first_name desc,id", [3, 1, 2]],
  ["orders", "customers_by_customer_id.first_name,id desc", [2, 1, 3]],
  ["orders", "`customers_by_customer_id`.`last_name` DESC, total", [3, 2, 1]],
  ["orders", "customers.last_name,total desc", [1, 2, 3]],
  ["orders", "customers_by_customer_id.countries_by_country.name desc,id", [3, 1, 2]],
  ["orders", "customers_by_customer_id.countries_by_country.name,id", [1, 2, 3]],
  ["customers", "countries_by_country.name,id desc", [1, 5, 4, 3, 2]],
  ["customers", "countries_by_country.name desc nulls last,id", [2, 3, 4, 5, 1]],
  ["staff", "parent_by_boss_id.name desc nulls last,id", [4, 2, 3, 1]],
  ["staff", "parent_by_boss_id.name nulls first,id desc", [1, 3, 2, 4]],
  ["staff", "parent_by_boss_id.name nulls last,name desc", [3, 2, 4, 1]],
  ["staff", "parent_by_boss_id.parent_by_boss_id.id nulls first,id", [1, 2, 3, 4]],
  ["staff", "name desc,parent_by_boss_id.name", [4, 3, 2, 1]],
  ["staff", "teams_by_home_team.name nulls last,id", [3, 1, 2, 4]],
  ["lockers", "staff_by_locker_id.name desc", [2, 1]],
];

/** Rows in the order of what one row of another table holds. */
export function orderThroughCases(fixture: () => Fixture, target: Target): void {
  beforeAll(async () => {
    await createStaff(fixture().database, target.words);
    await get(fixture(), "_table/staff");
  });
  afterAll(() => dropStaff(fixture().database));

  test.each(ORDERED)("%s by %s", async (table, order, ids) => {
    const { body } = await get(fixture(), `_table/${table}`, { fields: "id", order });
    expect(body.resource?.map((row: { id: number }) => row.id) ?? body).toEqual(ids);
  });

  test("pages go on where they ended, in one statement each", async () => {
    const page = (offset: number) =>
      get(fixture(), "_table/customers", { fields: "id", limit: 2, offset, order: "countries_by_country.name desc" });
    const statements = await fixture().statements(async () => {
      const ids = [await page(0), await page(2), await page(4)].flatMap(({ body }) =>
        body.resource.map((row: { id: number }) => row.id),
      );
      expect(ids).toEqual([2, 3, 4, 5, 1]);
    });
    expect(statements).toHaveLength(3);
  });

  describe("refuses", () => {
    test.each<readonly [table: string, order: string, message: string]>([
      [
        "customers",
        "orders_by_customer_id.total",
        "Relationship 'orders_by_customer_id' may lead to many rows: nothing can be ordered by it.",
      ],
      [
        "orders",
        "products_by_order_items.name",
        "Relationship 'products_by_order_items' may lead to many rows: nothing can be ordered by it.",
      ],
      [
        "orders",
        "customers_by_customer_id.orders_by_customer_id.id",
        "Relationship 'orders_by_customer_id' may lead to many rows: nothing can be ordered by it.",
      ],
      ["orders", "nosuch.name", "Invalid relationship requested: 'nosuch'."],
      ["orders", "customers_by_customer_id.nosuch", "Invalid field requested: 'nosuch'."],
      [
        "orders",
        "customers_by_customer_id.nosuch.name",
        "Invalid relationship requested: 'customers_by_customer_id.nosuch'.",
      ],
      ["orders", "customers_by_customer_id.", "Invalid field requested: ''."],
      ["orders", "nosuch", "Invalid field requested: 'nosuch'."],
    ])("%s by %s", async (table, order, message) => {
      expect(await get(fixture(), `_table/${table}`, { order })).toEqual({ status: 400, body: failure(400, message) });
    });

    test("a table that the role may not read", async () => {
      const { house, serviceId } = fixture();
      const key = await makeKey(house, "orders alone", [
        { service_id: serviceId, component: "_table/orders", verb_mask: 1 },
      ]);
      const query = queryOf({ order: "customers_by_customer_id.last_name" });
      expect((await house.ask("GET", `${SERVICE}/_table/orders?${query}`, { key })).status).toBe(403);
    });
  });
}
