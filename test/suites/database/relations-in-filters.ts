import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get, idsFound, queryOf } from "./reads.ts";
import { createStaff, dropStaff } from "./staff.ts";
import type { Target } from "./target.ts";

const FOUND: readonly (readonly [table: string, filter: string, ids: readonly number[]])[] = [
  ["customers", "countries_by_country.name = 'Germany'", [4, 5]],
  ["customers", "countries_by_country.name != 'Germany'", [1, 2, 3]],
  ["customers", "countries_by_country.name LIKE 'F%'", [1]],
  ["customers", "countries_by_country.code IN ('DE', 'FR')", [1, 4, 5]],
  ["customers", "COUNTRIES_BY_COUNTRY.name = Germany", [4, 5]],
  ["customers", "`countries_by_country`.`name` = Germany", [4, 5]],
  ["customers", "orders_by_customer_id.total > 10", [1]],
  ["customers", "orders_by_customer_id.total < 10", [2]],
  ["customers", "orders_by_customer_id.total BETWEEN 7 AND 13", [1, 2]],
  ["customers", "orders_by_customer_id.id IS NOT NULL", [1, 2]],
  ["customers", "orders_by_customer_id.id IS NULL", []],
  ["customers", "NOT (orders_by_customer_id.id IS NOT NULL)", [3, 4, 5]],
  ["customers", "orders_by_customer_id.total = 30 AND orders_by_customer_id.total = 12.5", [1]],
  ["customers", "orders_by_customer_id.total = 30 OR id = 5", [1, 5]],
  ["customers", "orders_by_customer_id.total NOT = 30", [1, 2]],
  ["customers", "NOT orders_by_customer_id.total = 30", [2, 3, 4, 5]],
  ["customers", "orders_by_customer_id.placed < 2024-02-01", [1]],
  ["orders", "customers_by_customer_id.first_name = Ada", [1, 2]],
  ["orders", "customers_by_customer_id.age > 40 AND total < 10", [3]],
  ["orders", "products_by_order_items.name = 'Gear'", [1]],
  ["orders", "products_by_order_items.name IN (Gear, Tape)", [1, 3]],
  ["orders", "order_items_by_order_id.quantity >= 5", [2]],
  ["products", "orders_by_order_items.total = 12.50", [1]],
  ["products", "NOT orders_by_order_items.total > 10", [3]],
  ["customers", "orders_by_customer_id.order_items_by_order_id.quantity = 1", [2]],
  ["customers", "orders_by_customer_id.order_items_by_order_id.products_by_product_id.name = Gear", [1]],
  ["customers", "orders_by_customer_id.products_by_order_items.price < 3", [1]],
  ["orders", "customers_by_customer_id.countries_by_country.name = France", [1, 2]],
  ["orders", "NOT customers_by_customer_id.countries_by_country.name = France", [3]],
  ["orders", "customers.countries.name STARTS WITH United", [3]],
  ["products", "orders_by_order_items.customers_by_customer_id.first_name = Alan", [3]],
  ["staff", "parent_by_boss_id.parent_by_boss_id.name = Ann", [4]],
  ["staff", "staff_by_boss_id.staff_by_boss_id.name = Dan", [1]],
  ["staff", "parent_by_boss_id.name = 'Ann'", [2, 3]],
  ["staff", "parent_by_boss_id.name != 'Ann'", [4]],
  ["staff", "staff_by_boss_id.name = 'Cem'", [1]],
  ["staff", "staff_by_boss_id.id > 0", [1, 2]],
  ["staff", "NOT parent_by_boss_id.id > 0", [1]],
  ["staff", "teams_by_home_team.name = Red", [1, 2]],
  ["staff", "teams_by_away_team.name = Red", [3]],
  ["staff", "teams_by_home_team.name = Red AND teams_by_away_team.name = Blue", [1]],
  ["teams", "staff_by_home_team.name = 'Ann'", [1]],
  ["teams", "staff_by_away_team.name = 'Ann'", [2]],
  ["lockers", "staff_by_locker_id.name = 'Ann'", [1]],
  ["item_notes", "order_items_by_order_id_product_id.quantity = 2", [1]],
  ["item_notes", "order_items_by_order_id_product_id.quantity = 4", [2]],
];

/** `rel.field` in a filter: a related row exists for which the comparison holds. */
export function relationFilterCases(fixture: () => Fixture, target: Target): void {
  beforeAll(() => createStaff(fixture().database, target.words));
  afterAll(() => dropStaff(fixture().database));

  test.each(FOUND)("%s with %s", async (table, filter, ids) => {
    expect(await idsFound(fixture(), table, filter)).toEqual(ids);
    expect((await get(fixture(), `_table/${table}`, { filter, count_only: true })).body).toBe(ids.length);
  });

  test("reaches a table with a composite key from both of its sides", async () => {
    const find = (filter: string) => get(fixture(), "_table/order_items", { filter, fields: "quantity" });
    expect((await find("item_notes_by_order_id_product_id.words = 'two'")).body).toEqual({
      resource: [{ quantity: 4 }],
    });
    expect((await find("orders_by_order_id.total = 7.25")).body).toEqual({ resource: [{ quantity: 1 }] });
    expect((await find("products_by_product_id.name = Gear")).body).toEqual({ resource: [{ quantity: 2 }] });
  });

  test("gives each row once, however many related rows fit", async () => {
    const { body } = await get(fixture(), "_table/customers", {
      filter: "orders_by_customer_id.total > 0",
      fields: "id",
      order: "id",
      include_count: true,
    });
    expect(body).toEqual({ resource: [{ id: 1 }, { id: 2 }], meta: { count: 2 } });
  });

  describe("refuses", () => {
    test.each<readonly [filter: string, message: string]>([
      ["nosuch.id = 1", "Invalid relationship requested: 'nosuch'."],
      ["customers.id = 1", "Invalid relationship requested: 'customers'."],
      ["orders_by_customer_id.nosuch = 1", "Invalid field requested: 'nosuch'."],
      ["orders_by_customer_id.total = much", "Field 'total' must be a valid decimal number."],
      ["orders_by_customer_id.nosuch.quantity = 1", "Invalid relationship requested: 'orders_by_customer_id.nosuch'."],
      ["orders_by_customer_id.order_items_by_order_id.nosuch = 1", "Invalid field requested: 'nosuch'."],
      [
        `${"orders_by_customer_id.customers_by_customer_id.".repeat(4)}orders_by_customer_id.id = 1`,
        "Relationships may follow each other 8 times at most: 'orders_by_customer_id.customers_by_customer_id.orders_by_custome…'.",
      ],
    ])("%s", async (filter, message) => {
      expect(await get(fixture(), "_table/customers", { filter })).toEqual({
        status: 400,
        body: failure(400, message),
      });
    });

    test("a table that the role may not read, whatever the comparison", async () => {
      const { house, serviceId } = fixture();
      const grant = (component: string) => ({ service_id: serviceId, component, verb_mask: 1 });
      const key = await makeKey(house, "customers alone", [
        grant("_table/customers/*"),
        grant("_table/orders"),
        grant("_table/products"),
      ]);
      const ask = (table: string, filter: string) =>
        house.ask("GET", `${SERVICE}/_table/${table}?${queryOf({ filter, fields: "id" })}`, { key });
      const denied = {
        status: 403,
        body: failure(403, `The role of this caller does not allow GET on this resource of service '${SERVICE}'.`),
      };
      const seen = await ask("customers", "orders_by_customer_id.total > 10");
      expect({ status: seen.status, body: seen.body }).toEqual({ status: 200, body: { resource: [{ id: 1 }] } });
      for (const filter of [
        "countries_by_country.name = 'France'",
        "countries_by_country.nosuch = 1",
        "NOT countries_by_country.code = 'DE'",
      ]) {
        const { status, body } = await ask("customers", filter);
        expect({ status, body }).toEqual(denied);
      }
      const { status, body } = await ask("orders", "products_by_order_items.name = Gear");
      expect({ status, body }).toEqual(denied);
    });
  });
}
