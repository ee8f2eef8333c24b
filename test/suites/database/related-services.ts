import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey, makeService } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get, queryOf } from "./reads.ts";
import type { Target } from "./target.ts";

type Params = Parameters<typeof queryOf>[0];
const OTHER = "other_side";

/** Relationships to another service, and those whose rows always come along. */
export function relatedServiceCases(fixture: () => Fixture, target: Target): void {
  const relate = async (service: string, table: string, relation: { readonly [key: string]: Json }) => {
    const { status, text } = await fixture().house.ask("POST", `${service}/_schema/${table}/_related`, {
      body: { resource: [{ is_virtual: true, ...relation }] },
    });
    if (status !== 200) throw new Error(`The relationship was not made: ${text}`);
  };
  let otherId = 0;
  beforeAll(async () => {
    otherId = await makeService(fixture().house, OTHER, target.type, {
      ssl: { mode: "disable" },
      ...fixture().database.config,
    });
    const there = { ref_service_id: otherId };
    await relate(SERVICE, "customers", {
      name: "far_orders",
      type: "has_many",
      field: "id",
      ...there,
      ref_table: "orders",
      ref_field: "customer_id",
    });
    await relate(SERVICE, "orders", {
      name: "far_customer",
      type: "belongs_to",
      field: "customer_id",
      ...there,
      ref_table: "customers",
      ref_field: "id",
    });
    await relate(SERVICE, "order_items", {
      name: "far_notes",
      type: "has_many",
      field: "order_id,product_id",
      ...there,
      ref_table: "order_items",
      ref_field: "order_id,product_id",
    });
    await relate(SERVICE, "orders", {
      name: "far_products",
      type: "many_many",
      field: "id",
      ...there,
      ref_table: "products",
      ref_field: "id",
      junction_service_id: otherId,
      junction_table: "order_items",
      junction_field: "order_id",
      junction_ref_field: "product_id",
    });
  });
  // What the other side has is read once.
  beforeAll(() => fixture().house.ask("GET", `${OTHER}/_table/customers/1`));
  const read = (path: string, params: Params) => get(fixture(), `_table/${path}`, params);
  const lists = async (params: Params) => {
    const { body } = await fixture().house.ask(
      "GET",
      `${SERVICE}/_table/customers?${queryOf({ fields: "id", filter: "id < 4", related: "far_orders", ...params })}`,
    );
    return body.resource?.map((row: { far_orders: { id: number }[] }) => row.far_orders.map(({ id }) => id)) ?? body;
  };

  test.each<readonly [params: Params, ids: readonly (readonly number[])[]]>([
    [{}, [[1, 2], [3], []]],
    [{ "far_orders.order": "total" }, [[2, 1], [3], []]],
    [{ "far_orders.limit": 1 }, [[1], [3], []]],
    [{ "far_orders.offset": 1 }, [[2], [], []]],
    [{ "far_orders.filter": "total > 10" }, [[1, 2], [], []]],
    [{ "far_orders.filter": "id = :x OR total < 10", params: '{"x":1}' }, [[1], [3], []]],
    [{ "far_orders.filter": "id = 1) OR (id = 3" }, []],
  ])("rows of another service are found by key, with %j", async (params, ids) => {
    const found = await lists({ "far_orders.order": "id", ...params });
    if (ids.length > 0) expect(found).toEqual(ids);
    else expect(found.error.message).toMatch(/^Relationship 'far_orders': Invalid filter: /);
  });

  test("keys that are not asked for are left out, numbers keep their digits, and more may be related to the rows", async () => {
    const path = `_table/orders/2?fields=id&related=far_customer.countries_by_country,far_products&far_customer.fields=first_name,balance&far_products.fields=name,price`;
    const { text } = await fixture().house.ask("GET", `${SERVICE}/${path}`);
    expect(text).toBe(
      '{"id":2,"far_customer":{"first_name":"Ada","balance":1234.50,"countries_by_country":{"code":"FR","name":"France"}},"far_products":[{"name":"Card","price":2.50}]}',
    );
    const composite = await fixture().house.ask(
      "GET",
      `${SERVICE}/_table/order_items?fields=quantity&related=far_notes&far_notes.fields=quantity`,
    );
    expect(composite.body.resource).toEqual([4, 2, 5, 1].map((quantity) => ({ quantity, far_notes: [{ quantity }] })));
  });

  test("one call for all rows, two through a junction", async () => {
    const { house } = fixture();
    const cost = (query: string) => house.statements(OTHER, () => house.ask("GET", `${SERVICE}/_table/${query}`));
    expect(await cost("customers?related=far_orders")).toHaveLength(1);
    expect(await cost("orders?related=far_products")).toHaveLength(2);
  });

  test("the role of the caller holds there as well", async () => {
    const { house, serviceId } = fixture();
    const own = { service_id: serviceId, component: "_table/*", verb_mask: 1 };
    const key = await makeKey(house, "this side alone", [own]);
    const ask = async (query: string, as: string) => {
      const { status, body } = await house.ask("GET", `${SERVICE}/_table/customers/3?fields=id&${query}`, { key: as });
      return [status, status === 200 ? Object.keys(body) : body.error.status_code];
    };
    const other = await makeKey(house, "some of the other side", [
      own,
      { service_id: otherId, component: "_table/countries", verb_mask: 1 },
    ]);
    expect(await ask("related=far_orders", other)).toEqual([403, 403]);
    expect(await ask("related=*", key)).toEqual([200, ["id", "countries_by_country", "orders_by_customer_id"]]);
    expect(await ask("related=*", other)).toEqual([200, ["id", "countries_by_country", "orders_by_customer_id"]]);
  });

  describe("refuses", () => {
    const leads = (name: string) => `Relationship '${name}' leads to another service, which can not be used here.`;
    test.each<readonly [path: string, params: Params, message: string]>([
      ["customers", { filter: "far_orders.id = 1" }, leads("far_orders")],
      ["orders", { order: "far_customer.last_name" }, leads("far_customer")],
      [
        "orders",
        { related: "customers_by_customer_id.far_orders" },
        "Relationship 'customers_by_customer_id.far_orders' leads to another service: it can only be the first of a way.",
      ],
      [
        "customers",
        { related: "far_orders", "far_orders.group": "placed" },
        "Relationship 'far_orders': Rows of another service can not be grouped.",
      ],
      ["customers", { related: "far_orders", "far_orders.fields": "nosuch" }, "Invalid field requested: 'nosuch'."],
      ["customers", { related: "far_orders.nosuch" }, "Invalid relationship requested: 'nosuch'."],
    ])("%s with %j", async (path, params, message) => {
      const { status, body } = await fixture().house.ask("GET", `${SERVICE}/_table/${path}?${queryOf(params)}`);
      expect({ status, body }).toEqual({ status: 400, body: failure(400, message) });
    });
  });

  describe("what is always fetched", () => {
    const change = (relation: object) =>
      fixture().house.ask("PATCH", `${SERVICE}/_schema/customers/_related/countries_by_country`, {
        body: relation as Json,
      });
    beforeAll(async () => {
      expect((await change({ always_fetch: true })).status).toBe(200);
    });
    afterAll(() => change({ always_fetch: false, flatten: false, flatten_drop_prefix: false }));

    test("comes with every read, also beside what is asked for, and takes parameters", async () => {
      const germany = { code: "DE", name: "Germany" };
      expect((await read("customers/4", { fields: "id" })).body).toEqual({ id: 4, countries_by_country: germany });
      expect((await read("customers/4", { fields: "id", related: "orders_by_customer_id" })).body).toEqual({
        id: 4,
        orders_by_customer_id: [],
        countries_by_country: germany,
      });
      const named = { fields: "id", strict: true, "countries_by_country.fields": "name" };
      expect((await read("customers", { ids: "4", ...named })).body.resource).toEqual([
        { id: 4, countries_by_country: { name: "Germany" } },
      ]);
      expect((await read("customers/4", { fields: "id", related: "" })).body).toEqual({ id: 4 });
    });

    test("is left out where the role may not read it, and of groups", async () => {
      const { house, serviceId } = fixture();
      const key = await makeKey(house, "no countries", [
        { service_id: serviceId, component: "_table/customers/*", verb_mask: 1 },
      ]);
      expect((await house.ask("GET", `${SERVICE}/_table/customers/4?fields=id`, { key })).body).toEqual({ id: 4 });
      const groups = await read("customers", { group: "country", fields: "country", order: "country" });
      expect(groups.body.resource).toEqual([{ country: "DE" }, { country: "FR" }, { country: "US" }]);
    });

    test("may stand in the record itself, behind the name of the relationship or by bare names", async () => {
      await change({ always_fetch: true, flatten: true });
      expect((await read("customers/4", { fields: "id" })).body).toEqual({
        id: 4,
        countries_by_country_code: "DE",
        countries_by_country_name: "Germany",
      });
      await change({ always_fetch: true, flatten: true, flatten_drop_prefix: true });
      expect((await read("customers/4", { fields: "id,first_name" })).body).toEqual({
        id: 4,
        first_name: "Kurt",
        code: "DE",
        name: "Germany",
      });
      const none = await read("customers", {
        fields: "id",
        filter: "id = 4",
        "countries_by_country.filter": "code = FR",
      });
      expect(none.body.resource).toEqual([{ id: 4, code: null, name: null }]);
    });
  });
}
