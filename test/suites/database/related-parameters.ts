import { beforeAll, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

type Params = Readonly<Record<string, string | number | boolean>>;
const ORDERS = "orders_by_customer_id";
const ITEMS = "order_items_by_order_id";

/** Parameters of `related=orders_by_customer_id` on a read of customers 1 to 3, and the ids of each one's orders. */
const LISTS: readonly (readonly [params: Params, lists: readonly (readonly number[])[]])[] = [
  [{}, [[1, 2], [3], []]],
  [{ [`${ORDERS}.order`]: "total" }, [[2, 1], [3], []]],
  [{ [`${ORDERS}.order`]: "placed desc,id" }, [[2, 1], [3], []]],
  [{ [`${ORDERS}_order`]: "id desc" }, [[2, 1], [3], []]],
  [{ [`${ORDERS}.order`]: "customers_by_customer_id.last_name,total" }, [[2, 1], [3], []]],
  [{ [`${ORDERS}.limit`]: 1 }, [[1], [3], []]],
  [{ [`${ORDERS}_limit`]: 1, [`${ORDERS}.order`]: "id desc" }, [[2], [3], []]],
  [{ [`${ORDERS}.offset`]: 1 }, [[2], [], []]],
  [{ [`${ORDERS}.offset`]: 1, [`${ORDERS}.limit`]: 5 }, [[2], [], []]],
  [{ [`${ORDERS}.limit`]: 1, [`${ORDERS}_offset`]: 1, [`${ORDERS}.order`]: "total" }, [[1], [], []]],
  [{ [`${ORDERS}.filter`]: "total > 10" }, [[1, 2], [], []]],
  [{ [`${ORDERS}_filter`]: "total > 20 OR id = 3" }, [[1], [3], []]],
  [{ [`${ORDERS}.filter`]: "id = :a OR id = :b", params: '{"a":2,"b":3}' }, [[2], [3], []]],
  [{ [`${ORDERS}.filter`]: "order_items_by_order_id.quantity = 5" }, [[2], [], []]],
  [{ [`${ORDERS}.filter`]: "id in (2,3)", [`${ORDERS}.limit`]: 1 }, [[2], [3], []]],
  [{ "orders.filter": "id > 1", related: "orders" }, [[2], [3], []]],
  [{ orders_limit: 1 }, [[1], [3], []]],
  // Neither the rows themselves nor other relationships are meant.
  [{ "countries_by_country.limit": "x", "nosuch.filter": "(" }, [[1, 2], [3], []]],
];

const WRONG: readonly (readonly [params: Params, message: string])[] = [
  [{ related: "nosuch" }, "Invalid relationship requested: 'nosuch'."],
  [{ related: `${ORDERS},nosuch` }, "Invalid relationship requested: 'nosuch'."],
  [{ related: `${ORDERS}.nosuch` }, `Invalid relationship requested: '${ORDERS}.nosuch'.`],
  [{ related: `${ORDERS}.${ITEMS}.nosuch.more` }, `Invalid relationship requested: '${ORDERS}.${ITEMS}.nosuch.more'.`],
  [{ related: `${ORDERS}.` }, `Invalid relationship requested: '${ORDERS}.'.`],
  [{ related: "id" }, "Invalid relationship requested: 'id'."],
  [{ related: ORDERS, [`${ORDERS}.fields`]: "nosuch" }, `Relationship '${ORDERS}': Invalid field requested: 'nosuch'.`],
  [{ related: ORDERS, [`${ORDERS}.order`]: "nosuch" }, `Relationship '${ORDERS}': Invalid field requested: 'nosuch'.`],
  [
    { related: ORDERS, [`${ORDERS}.filter`]: "nosuch = 1" },
    `Relationship '${ORDERS}': Invalid field requested: 'nosuch'.`,
  ],
  [
    { related: ORDERS, [`${ORDERS}.filter`]: "id =" },
    `Relationship '${ORDERS}': Invalid filter: expected a value after '=' at 4.`,
  ],
  [
    { related: ORDERS, [`${ORDERS}.filter`]: "id = x" },
    `Relationship '${ORDERS}': Field 'id' must be a valid integer.`,
  ],
  [
    { related: ORDERS, [`${ORDERS}.limit`]: 0 },
    `Relationship '${ORDERS}': The parameter 'limit' must be a whole number of at least 1.`,
  ],
  [
    { related: ORDERS, [`${ORDERS}.offset`]: "x" },
    `Relationship '${ORDERS}': The parameter 'offset' must be a whole number of at least 0.`,
  ],
  [
    { related: `${ORDERS}.${ITEMS}`, [`${ORDERS}.${ITEMS}.fields`]: "nosuch" },
    `Relationship '${ORDERS}.${ITEMS}': Invalid field requested: 'nosuch'.`,
  ],
  [{ related: ORDERS, strict: true, [`${ITEMS}.limit`]: 1 }, `Unknown parameter '${ITEMS}.limit'.`],
  [{ related: ORDERS, strict: true, [`${ORDERS}.${ITEMS}.limit`]: 1 }, `Unknown parameter '${ORDERS}.${ITEMS}.limit'.`],
  [{ strict: true, [`${ORDERS}_limit`]: 1 }, `Unknown parameter '${ORDERS}_limit'.`],
  [
    { related: Array.from({ length: 65 }, () => ORDERS).join() },
    "The parameter 'related' asks for more than 64 relationships.",
  ],
  [
    { related: `${"orders_by_customer_id.customers_by_customer_id.".repeat(4)}orders_by_customer_id` },
    "Relationships may follow each other 8 times at most: 'orders_by_customer_id.customers_by_customer_id.orders_by_custome…'.",
  ],
  [{ related: ORDERS, fields: "country", group: "country" }, "Groups have no relationships: leave out 'related'."],
];

/** What a request says of each relationship by itself. */
export function relatedParameterCases(fixture: () => Fixture, target: Target): void {
  const read = (params: Params) => get(fixture(), "_table/customers", { fields: "id", ...params });

  beforeAll(() => read({ limit: 1 }));

  describe("gives each row its own related rows", () => {
    test.each(LISTS)("%j", async (params, lists) => {
      const { status, body } = await read({ related: ORDERS, filter: "id < 4", order: "id", ...params });
      const ids = body.resource?.map((row: { [ORDERS]: { id: number }[] }) => row[ORDERS].map(({ id }) => id));
      expect({ status, ids }).toEqual({ status: 200, ids: lists });
    });
  });

  describe("refuses", () => {
    test.each(WRONG)("%j", async (params, message) => {
      expect(await read(params)).toEqual({ status: 400, body: failure(400, message) });
    });
  });

  test("leaves out the keys that lead to related rows where the fields do", async () => {
    const { body } = await get(fixture(), "_table/orders/3", {
      fields: "total",
      related: "customers_by_customer_id.orders_by_customer_id",
      "customers_by_customer_id.fields": "first_name",
      "customers_by_customer_id.orders_by_customer_id.fields": "placed",
    });
    expect(Object.keys(body)).toEqual(["total", "customers_by_customer_id"]);
    expect(body.customers_by_customer_id).toEqual({ first_name: "Alan", [ORDERS]: [{ placed: "2024-03-10" }] });
  });

  test("counts limits for each row at every level", async () => {
    const { body } = await read({
      filter: "id = 1",
      related: `${ORDERS}.${ITEMS}`,
      [`${ORDERS}.fields`]: "id",
      [`${ORDERS}.${ITEMS}.fields`]: "product_id",
      [`${ORDERS}.${ITEMS}_limit`]: 1,
      [`${ORDERS}.${ITEMS}.order`]: "product_id desc",
    });
    expect(body.resource).toEqual([
      {
        id: 1,
        [ORDERS]: [
          { id: 1, [ITEMS]: [{ product_id: 2 }] },
          { id: 2, [ITEMS]: [{ product_id: 1 }] },
        ],
      },
    ]);
  });

  test("filters the far rows of a junction, and the one row of a key", async () => {
    const far = await get(fixture(), "_table/orders", {
      fields: "id",
      order: "id",
      related: "products,customers",
      "products.filter": "price < 5",
      "products.fields": "name",
      "customers.filter": "first_name = Ada",
      "customers.fields": "first_name",
    });
    expect(far.body.resource).toEqual([
      { id: 1, products_by_order_items: [{ name: "Card" }], customers_by_customer_id: { first_name: "Ada" } },
      { id: 2, products_by_order_items: [{ name: "Card" }], customers_by_customer_id: { first_name: "Ada" } },
      { id: 3, products_by_order_items: [], customers_by_customer_id: null },
    ]);
  });

  test("takes a limit through a junction for each row", async () => {
    const { body } = await get(fixture(), "_table/orders", {
      fields: "id",
      related: "products_by_order_items",
      "products_by_order_items.fields": "id",
      "products_by_order_items.limit": 1,
      "products_by_order_items.order": "price desc",
    });
    expect(body.resource).toEqual([
      { id: 1, products_by_order_items: [{ id: 2 }] },
      { id: 2, products_by_order_items: [{ id: 1 }] },
      { id: 3, products_by_order_items: [{ id: 3 }] },
    ]);
  });

  test("makes groups of the related rows of each row", async () => {
    const groups = await read({
      filter: "id < 4",
      related: ORDERS,
      [`${ORDERS}.group`]: "customer_id",
      [`${ORDERS}.fields`]: "customer_id,COUNT(*),SUM(total)",
    });
    expect((await fixture().ask("GET", "_table/customers/1?fields=id")).status).toBe(200);
    expect(groups.body.resource.map((row: { [ORDERS]: object[] }) => row[ORDERS].length)).toEqual([1, 1, 0]);
    expect(groups.body.resource[0][ORDERS][0]).toMatchObject({ customer_id: 1, COUNT_ALL: 2 });
    const all = await read({ filter: "id < 4", related: ORDERS, [`${ORDERS}.fields`]: "COUNT(*)" });
    expect(all.body.resource.map((row: { [ORDERS]: object[] }) => row[ORDERS])).toEqual([
      [{ COUNT_ALL: 2 }],
      [{ COUNT_ALL: 1 }],
      [{ COUNT_ALL: 0 }],
    ]);
    const far = await get(fixture(), "_table/orders/1", {
      fields: "id",
      related: "products",
      "products.group": "price",
      "products.fields": "price,COUNT(*)",
      "products.order": "price desc",
      "products.limit": 1,
    });
    expect(far.body.products_by_order_items).toHaveLength(1);
    expect(far.body.products_by_order_items[0].COUNT_ALL).toBe(1);
  });

  test("reads what stands in the body, which the query overrules", async () => {
    const body = {
      related: [ORDERS],
      fields: "id",
      filter: "id = 1",
      [`${ORDERS}.fields`]: ["id"],
      [`${ORDERS}_limit`]: 1,
      [`${ORDERS}.order`]: "id desc",
    };
    const ask = (query: string) => fixture().ask("POST", `_table/customers?method=GET${query}`, { body });
    expect((await ask("")).body.resource).toEqual([{ id: 1, [ORDERS]: [{ id: 2 }] }]);
    expect((await ask(`&${ORDERS}.limit=2`)).body.resource).toEqual([{ id: 1, [ORDERS]: [{ id: 2 }, { id: 1 }] }]);
  });

  test("goes with pages by cursor and with exports", async () => {
    const page = { fields: "id", limit: 1, related: ORDERS, [`${ORDERS}.fields`]: "id" };
    const first = await get(fixture(), "_table/customers", { ...page, cursor: "" });
    expect(first.body.resource).toEqual([{ id: 1, [ORDERS]: [{ id: 1 }, { id: 2 }] }]);
    const second = await get(fixture(), "_table/customers", { ...page, cursor: first.body.meta.next_cursor });
    expect(second.body.resource).toEqual([{ id: 2, [ORDERS]: [{ id: 3 }] }]);
    const { status, text } = await fixture().ask(
      "GET",
      `_table/customers?fields=id&limit=all&filter=id<3&related=${ORDERS}&${ORDERS}.fields=id`,
      { headers: { Accept: "application/x-ndjson" } },
    );
    expect(`${status} ${text}`).toBe(
      '200 {"id":1,"orders_by_customer_id":[{"id":1},{"id":2}]}\n{"id":2,"orders_by_customer_id":[{"id":3}]}\n',
    );
  });

  test("is one statement where the database makes JSON, whatever is said", async () => {
    const statements = await fixture().statements(() =>
      read({ related: ORDERS, [`${ORDERS}.limit`]: 1, [`${ORDERS}.filter`]: "total > 987.5" }),
    );
    expect(statements).toHaveLength(target.type === "pgsql" ? 1 : 2);
    expect(statements.join()).not.toContain("987");
  });
}
