import { beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const ALL = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const NAMES = [
  'Mixed"Case',
  "countries",
  "customer_names",
  "customers",
  "logs",
  "order details (new)",
  "order_items",
  "orders",
  "products",
  "select",
  "things",
];
const TABLES = [
  { name: "_schema", label: "Schema" },
  { name: "_table", label: "Table" },
];
const ROUTINES = [
  { name: "_proc", label: "Proc" },
  { name: "_func", label: "Func" },
];

/** What stands below a service, and which tables there are. */
export function listingCases(fixture: () => Fixture, { words }: Target): void {
  const root = words.routines ? [...TABLES, ...ROUTINES] : TABLES;
  const routines = words.routines ? ["_proc/", "_proc/*", "_func/", "_func/*"] : [];

  test("lists what stands below the service", async () => {
    expect(await get(fixture(), "")).toEqual({ status: 200, body: { resource: root } });
    expect(await get(fixture(), "", { as_list: true })).toEqual({
      status: 200,
      body: { resource: root.map(({ name }) => name) },
    });
  });

  test("lists the components that a role may name", async () => {
    const parts = (resource: string) => [
      `${resource}/`,
      `${resource}/*`,
      ...NAMES.flatMap((name) => [`${resource}/${name}/`, `${resource}/${name}/*`]),
    ];
    expect(await get(fixture(), "", { as_access_list: true })).toEqual({
      status: 200,
      body: { resource: ["", "*", ...parts("_schema"), ...parts("_table"), ...routines] },
    });
  });

  test("lists tables and views by name, with the verbs of the caller", async () => {
    const { status, body } = await get(fixture(), "_table");
    expect([status, body.resource.map((each: { readonly name: string }) => each.name)]).toEqual([200, NAMES]);
    expect(body.resource.slice(1, 3)).toEqual([
      { name: "countries", label: "Countries", plural: "Countries", description: null, is_view: false, access: ALL },
      {
        name: "customer_names",
        label: "Customer Names",
        plural: "Customer Names",
        description: null,
        is_view: true,
        access: ALL,
      },
    ]);
  });

  test.each<readonly [query: string, resource: readonly unknown[]]>([
    ["as_list=true", NAMES],
    ["ids=orders,countries&fields=name", [{ name: "orders" }, { name: "countries" }]],
    ["ids=orders&as_list=1", ["orders"]],
    ["ids=orders&fields=name,is_view", [{ name: "orders", is_view: false }]],
    [
      "ids=orders&fields=*&as_list=0",
      [{ name: "orders", label: "Orders", plural: "Orders", description: null, is_view: false, access: ALL }],
    ],
    ["ids='order details (new)'&fields=name,label", [{ name: "order details (new)", label: "Order Details (new)" }]],
    ["refresh=true&as_list=true", NAMES],
  ])("lists tables with %s", async (query, resource) => {
    const { status, body } = await fixture().ask("GET", `_table?${query}`);
    expect({ status, body }).toEqual({ status: 200, body: { resource } });
  });

  test("says which of the ids is no table", async () => {
    expect(await get(fixture(), "_table", { ids: "orders,nosuch" })).toEqual({
      status: 404,
      body: failure(404, "Table 'nosuch' does not exist in the database."),
    });
  });

  describe("shows a role", () => {
    let key = "";
    beforeAll(async () => {
      const { house, serviceId } = fixture();
      const grants = [
        ["", 1],
        ["_table/", 1],
        ["_table/orders/*", 1],
        ["_table/products", 3],
        ["_table/order details (new)/*", 31],
        ["_table/logs/*", 0],
      ] as const;
      key = await makeKey(
        house,
        "some tables",
        grants.map(([component, verb_mask]) => ({ service_id: serviceId, component, verb_mask })),
      );
    });
    const ask = async (path: string) => {
      const { status, body } = await fixture().house.ask("GET", `${SERVICE}${path}`, { key });
      return { status, body };
    };

    test("only the tables that it may touch, with its verbs", async () => {
      expect(await ask("/_table?fields=name,access")).toEqual({
        status: 200,
        body: {
          resource: [
            { name: "order details (new)", access: ALL },
            { name: "orders", access: ["GET"] },
            { name: "products", access: ["GET", "POST"] },
          ],
        },
      });
    });

    test("only the resources and components that it may touch", async () => {
      expect(await ask("")).toEqual({ status: 200, body: { resource: [TABLES[1]] } });
      expect((await ask("?as_access_list=true")).body.resource).not.toContain("_table/customers/");
    });

    test.each([
      "customers",
      "nosuch",
      "logs",
      "customers/1",
      "nosuch/1",
    ])("the same 403 for %s, whether it exists or not", async (path) => {
      expect(await ask(`/_table/${path}`)).toEqual({
        status: 403,
        body: failure(403, `The role of this caller does not allow GET on this resource of service '${SERVICE}'.`),
      });
    });

    test.each(["customers", "nosuch"])("the same 404 for the id %s, whether it exists or not", async (name) => {
      expect(await ask(`/_table?ids=${name}`)).toEqual({
        status: 404,
        body: failure(404, `Table '${name}' does not exist in the database.`),
      });
    });
  });

  test("asks for a credential before it says anything", async () => {
    for (const path of ["", "/_table", "/_table/customers", "/_table/nosuch", "/_schema"]) {
      const { status, headers } = await fixture().house.ask("GET", `${SERVICE}${path}`, { token: undefined });
      expect([path, status, headers.has("WWW-Authenticate")]).toEqual([path, 401, true]);
    }
  });
}
