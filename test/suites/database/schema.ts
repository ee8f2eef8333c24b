import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import { createStaff, dropStaff } from "./staff.ts";
import type { Target } from "./target.ts";

/** What a foreign key does that says nothing: databases write it in two ways. */
const NOTHING = expect.stringMatching(/^(?:NO ACTION|RESTRICT)$/);
interface Way {
  readonly type: string;
  readonly field: string;
  readonly ref_table: string;
  readonly ref_field: string;
  readonly ref_on_update?: unknown;
  readonly ref_on_delete?: unknown;
  readonly junction?: readonly [table: string, field: string, refField: string];
}

const both = { ref_on_update: NOTHING, ref_on_delete: NOTHING };
const cascade = { ref_on_update: NOTHING, ref_on_delete: "CASCADE" };
const RELATIONS: readonly (readonly [table: string, name: string, way: Way])[] = [
  [
    "customers",
    "countries_by_country",
    {
      type: "belongs_to",
      field: "country",
      ref_table: "countries",
      ref_field: "code",
      ref_on_update: "CASCADE",
      ref_on_delete: "SET NULL",
    },
  ],
  [
    "countries",
    "customers_by_country",
    {
      type: "has_many",
      field: "code",
      ref_table: "customers",
      ref_field: "country",
      ref_on_update: "CASCADE",
      ref_on_delete: "SET NULL",
    },
  ],
  [
    "customers",
    "orders_by_customer_id",
    { type: "has_many", field: "id", ref_table: "orders", ref_field: "customer_id", ...cascade },
  ],
  [
    "orders",
    "customers_by_customer_id",
    { type: "belongs_to", field: "customer_id", ref_table: "customers", ref_field: "id", ...cascade },
  ],
  [
    "orders",
    "products_by_order_items",
    {
      type: "many_many",
      field: "id",
      ref_table: "products",
      ref_field: "id",
      junction: ["order_items", "order_id", "product_id"],
    },
  ],
  [
    "products",
    "orders_by_order_items",
    {
      type: "many_many",
      field: "id",
      ref_table: "orders",
      ref_field: "id",
      junction: ["order_items", "product_id", "order_id"],
    },
  ],
  [
    "products",
    "order_items_by_product_id",
    { type: "has_many", field: "id", ref_table: "order_items", ref_field: "product_id", ...both },
  ],
  [
    "staff",
    "parent_by_boss_id",
    { type: "belongs_to", field: "boss_id", ref_table: "staff", ref_field: "id", ...both },
  ],
  ["staff", "staff_by_boss_id", { type: "has_many", field: "id", ref_table: "staff", ref_field: "boss_id", ...both }],
  [
    "staff",
    "teams_by_home_team",
    { type: "belongs_to", field: "home_team", ref_table: "teams", ref_field: "id", ...both },
  ],
  [
    "staff",
    "teams_by_away_team",
    { type: "belongs_to", field: "away_team", ref_table: "teams", ref_field: "id", ...both },
  ],
  [
    "teams",
    "staff_by_home_team",
    { type: "has_many", field: "id", ref_table: "staff", ref_field: "home_team", ...both },
  ],
  [
    "teams",
    "staff_by_away_team",
    { type: "has_many", field: "id", ref_table: "staff", ref_field: "away_team", ...both },
  ],
  [
    "staff",
    "lockers_by_locker_id",
    { type: "belongs_to", field: "locker_id", ref_table: "lockers", ref_field: "id", ...both },
  ],
  [
    "lockers",
    "staff_by_locker_id",
    { type: "has_one", field: "id", ref_table: "staff", ref_field: "locker_id", ...both },
  ],
  [
    "item_notes",
    "order_items_by_order_id_product_id",
    {
      type: "belongs_to",
      field: "order_id,product_id",
      ref_table: "order_items",
      ref_field: "order_id,product_id",
      ...cascade,
    },
  ],
  [
    "order_items",
    "item_notes_by_order_id_product_id",
    {
      type: "has_many",
      field: "order_id,product_id",
      ref_table: "item_notes",
      ref_field: "order_id,product_id",
      ...cascade,
    },
  ],
];

const RELATED: Readonly<Record<string, readonly string[]>> = {
  countries: ["customers_by_country"],
  customers: ["countries_by_country", "orders_by_customer_id"],
  orders: ["customers_by_customer_id", "order_items_by_order_id", "products_by_order_items"],
  products: ["order_items_by_product_id", "orders_by_order_items"],
  order_items: ["item_notes_by_order_id_product_id", "orders_by_order_id", "products_by_product_id"],
  things: [],
  customer_names: [],
};

const TABLES: readonly (readonly [table: string, facts: object])[] = [
  [
    "customers",
    { label: "Customers", plural: "Customers", is_view: false, primary_key: ["id"], name_field: "first_name" },
  ],
  ["countries", { label: "Countries", plural: "Countries", is_view: false, primary_key: ["code"], name_field: "name" }],
  [
    "order_items",
    {
      label: "Order Items",
      plural: "Order Items",
      is_view: false,
      primary_key: ["order_id", "product_id"],
      name_field: null,
    },
  ],
  [
    "customer_names",
    { label: "Customer Names", plural: "Customer Names", is_view: true, primary_key: [], name_field: "first_name" },
  ],
  ["logs", { label: "Logs", plural: "Logs", is_view: false, primary_key: [], name_field: "line" }],
];

/** `_schema` and all below it. */
export function schemaCases(fixture: () => Fixture, target: Target): void {
  beforeAll(() => createStaff(fixture().database, target.words));
  afterAll(() => dropStaff(fixture().database));

  describe("describes the table", () => {
    test.each(TABLES)("%s", async (name, facts) => {
      const { status, body } = await get(fixture(), `_schema/${name}`);
      const parts = { field: expect.any(Array), related: expect.any(Array) };
      const access = ["GET", "POST", "PUT", "PATCH", "DELETE"];
      const whole = { alias: null, name, description: null, native: [], ...facts, ...parts, access };
      expect({ status, body }).toEqual({ status: 200, body: whole });
      expect((await get(fixture(), `_schema/${name}/_field`)).body).toEqual({ resource: body.field });
      expect((await get(fixture(), `_schema/${name}/_related`)).body).toEqual({ resource: body.related });
      expect((await get(fixture(), "_schema", { ids: name })).body).toEqual({ resource: [body] });
    });
  });

  describe("describes the relationship", () => {
    test.each(RELATIONS)("%s.%s", async (table, name, { junction, ...way }) => {
      const { status, body } = await get(fixture(), `_schema/${table}/_related/${name}`);
      expect({ status, body }).toEqual({
        status: 200,
        body: {
          alias: null,
          name,
          label: expect.any(String),
          description: null,
          native: [],
          is_virtual: false,
          ref_service_id: null,
          ref_on_update: null,
          ref_on_delete: null,
          ...way,
          junction_service_id: null,
          junction_table: junction?.[0] ?? null,
          junction_field: junction?.[1] ?? null,
          junction_ref_field: junction?.[2] ?? null,
          always_fetch: false,
          flatten: false,
          flatten_drop_prefix: false,
        },
      });
    });

    test.each(Object.entries(RELATED))("all of %s, each by a name of its own", async (table, names) => {
      const { body } = await get(fixture(), `_schema/${table}/_related`);
      expect(body.resource.map((each: { readonly name: string }) => each.name).toSorted()).toEqual(names);
    });

    test("all of a table with four keys, each by a name of its own", async () => {
      const { body } = await get(fixture(), "_schema/staff/_related");
      const names = body.resource.map((each: { readonly name: string }) => each.name);
      expect(new Set(names).size).toBe(names.length);
    });

    test("whatever the case of its name", async () => {
      const { body } = await get(fixture(), "_schema/orders/_related/PRODUCTS_by_order_items");
      expect(body.name).toBe("products_by_order_items");
    });
  });

  describe("lists", () => {
    const SUMMARY = { alias: null, description: null, native: [] };

    test("tables and views in short, by name", async () => {
      const { status, body } = await get(fixture(), "_schema");
      expect(status).toBe(200);
      expect(body.resource.slice(1, 4)).toEqual([
        { ...SUMMARY, name: "countries", label: "Countries", plural: "Countries", is_view: false },
        { ...SUMMARY, name: "customer_names", label: "Customer Names", plural: "Customer Names", is_view: true },
        { ...SUMMARY, name: "customers", label: "Customers", plural: "Customers", is_view: false },
      ]);
    });

    test("names with as_list", async () => {
      const { body } = await get(fixture(), "_schema", { as_list: true, refresh: true });
      expect(body).toEqual({
        resource: [
          'Mixed"Case',
          "countries",
          "customer_names",
          "customers",
          "item_notes",
          "lockers",
          "logs",
          "order details (new)",
          "order_items",
          "orders",
          "products",
          "select",
          "staff",
          "teams",
          "things",
        ],
      });
      expect((await get(fixture(), "_schema", { as_list: true, ids: "orders,customers" })).body).toEqual({
        resource: ["orders", "customers"],
      });
    });

    test("whole tables with ids, in their order", async () => {
      const { body } = await get(fixture(), "_schema", { ids: "orders,countries" });
      const one = async (name: string) => (await get(fixture(), `_schema/${name}`)).body;
      expect(body).toEqual({ resource: [await one("orders"), await one("countries")] });
    });

    test("nothing for an id that is no table", async () => {
      expect(await get(fixture(), "_schema", { ids: "orders,nosuch" })).toEqual({
        status: 404,
        body: failure(404, "Table 'nosuch' does not exist in the database."),
      });
    });
  });

  test("shows a role the tables that it may see, with the verbs that it has there", async () => {
    const { house, serviceId } = fixture();
    const grants = [
      ["_schema/", 1],
      ["_schema/orders/*", 1],
      ["_schema/products/*", 2],
      ["_table/orders/*", 3],
    ] as const;
    const key = await makeKey(
      house,
      "schema",
      grants.map(([component, verb_mask]) => ({ service_id: serviceId, component, verb_mask })),
    );
    const ask = (path: string) => house.ask("GET", `${SERVICE}/_schema${path}`, { key });
    expect((await ask("?as_list=true")).body).toEqual({ resource: ["orders"] });
    expect((await ask("/orders")).body.access).toEqual(["GET", "POST"]);
    const denied = failure(403, `The role of this caller does not allow GET on this resource of service '${SERVICE}'.`);
    for (const path of [
      "/customers",
      "/nosuch",
      "?ids=orders,customers",
      "?ids=nosuch",
      "/products",
      "/customers/_field/id",
    ]) {
      const { status, body } = await ask(path);
      expect({ path, status, body }).toEqual({ path, status: 403, body: denied });
    }
  });
}
