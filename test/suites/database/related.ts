import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey, makeService } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { kindsOf, kindTables } from "./kinds.ts";
import { failure, get, queryOf } from "./reads.ts";
import type { Target } from "./target.ts";

const ADA = '{"id":1,"first_name":"Ada"}';
const ALAN = '{"id":2,"first_name":"Alan"}';
const NAMED = "customers_by_customer_id.fields=id,first_name";
const TOTALS = "orders_by_customer_id.fields=id,total";

/** What is asked below `_table/`, and the very text of the answer. */
const TEXTS: readonly (readonly [path: string, text: string])[] = [
  [`orders/1?fields=id&related=customers_by_customer_id&${NAMED}`, `{"id":1,"customers_by_customer_id":${ADA}}`],
  [
    `orders?fields=id&related=customers_by_customer_id&${NAMED}`,
    `{"resource":[{"id":1,"customers_by_customer_id":${ADA}},{"id":2,"customers_by_customer_id":${ADA}},{"id":3,"customers_by_customer_id":${ALAN}}]}`,
  ],
  [
    `orders?ids=3,1&fields=total&related=customers_by_customer_id&${NAMED}`,
    `{"resource":[{"total":7.25,"customers_by_customer_id":${ALAN}},{"total":30.00,"customers_by_customer_id":${ADA}}]}`,
  ],
  [
    `orders?filter=id=3&fields=total&related=customers_by_customer_id&${NAMED}`,
    `{"resource":[{"total":7.25,"customers_by_customer_id":${ALAN}}]}`,
  ],
  [
    `customers?fields=first_name&limit=3&related=orders_by_customer_id&${TOTALS}`,
    '{"resource":[{"first_name":"Ada","orders_by_customer_id":[{"id":1,"total":30.00},{"id":2,"total":12.50}]},{"first_name":"Alan","orders_by_customer_id":[{"id":3,"total":7.25}]},{"first_name":"Grace","orders_by_customer_id":[]}],"meta":{"next":3}}',
  ],
  [
    "customers/3?fields=id&related=orders_by_customer_id,countries_by_country",
    '{"id":3,"orders_by_customer_id":[],"countries_by_country":{"code":"US","name":"United States"}}',
  ],
  [
    "orders/1?fields=id&related=products_by_order_items&products_by_order_items.fields=name,price",
    '{"id":1,"products_by_order_items":[{"name":"Card","price":2.50},{"name":"Gear","price":10.00}]}',
  ],
  [
    "products/2?fields=id&related=orders_by_order_items&orders_by_order_items.fields=id",
    '{"id":2,"orders_by_order_items":[{"id":1}]}',
  ],
  ["customers?related=orders_by_customer_id&filter=id=77", '{"resource":[]}'],
  [
    "countries/DE?related=customers_by_country&customers_by_country.fields=id",
    '{"code":"DE","name":"Germany","customers_by_country":[{"id":4},{"id":5}]}',
  ],
  [
    "countries/FR?fields=code&related=customers_by_country.orders_by_customer_id&customers_by_country.fields=id&customers_by_country.orders_by_customer_id.fields=total",
    '{"code":"FR","customers_by_country":[{"id":1,"orders_by_customer_id":[{"total":30.00},{"total":12.50}]}]}',
  ],
  [
    "orders/3?fields=id&related=customers_by_customer_id.countries_by_country&customers_by_customer_id.fields=first_name",
    '{"id":3,"customers_by_customer_id":{"first_name":"Alan","countries_by_country":{"code":"US","name":"United States"}}}',
  ],
  [
    "customers/2?fields=id&related=orders_by_customer_id.products_by_order_items,countries_by_country,orders_by_customer_id&orders_by_customer_id.fields=id",
    '{"id":2,"orders_by_customer_id":[{"id":3,"products_by_order_items":[{"id":3,"name":"Tape","price":7.25}]}],"countries_by_country":{"code":"US","name":"United States"}}',
  ],
  [
    "customers/4?fields=id&related=*",
    '{"id":4,"countries_by_country":{"code":"DE","name":"Germany"},"orders_by_customer_id":[]}',
  ],
  [
    "orders/3?fields=id&related=customers_by_customer_id.*&customers_by_customer_id.fields=id&customers_by_customer_id.orders_by_customer_id.fields=id",
    '{"id":3,"customers_by_customer_id":{"id":2,"countries_by_country":{"code":"US","name":"United States"},"orders_by_customer_id":[{"id":3}]}}',
  ],
  // By the name of the other table, where one relationship leads there.
  ["orders/3?fields=id&related=customers&customers.fields=id", '{"id":3,"customers_by_customer_id":{"id":2}}'],
  [
    "orders/3?fields=id&related=customers.countries&customers_fields=id",
    '{"id":3,"customers_by_customer_id":{"id":2,"countries_by_country":{"code":"US","name":"United States"}}}',
  ],
  [
    "orders/3?fields=id&related=CUSTOMERS_by_customer_id&customers_by_customer_id.fields=id",
    '{"id":3,"customers_by_customer_id":{"id":2}}',
  ],
  [
    "orders/3?fields=id&related=`customers_by_customer_id`.`countries_by_country`&customers.fields=id",
    '{"id":3,"customers_by_customer_id":{"id":2,"countries_by_country":{"code":"US","name":"United States"}}}',
  ],
  [
    "order_items?filter=quantity=2&related=orders_by_order_id&orders_by_order_id.fields=total&fields=quantity",
    '{"resource":[{"quantity":2,"orders_by_order_id":{"total":30.00}}]}',
  ],
];

/** Related rows in the answer to a read, and to a write. */
export function relatedCases(fixture: () => Fixture, target: Target): void {
  const isOne = target.type === "pgsql";
  const textOf = async (path: string, service = SERVICE) => {
    const { status, text } = await fixture().house.ask("GET", `${service}/_table/${path}`);
    return status === 200 ? text : `${status} ${text}`;
  };

  describe("answers with the very text", () => {
    test.each(TEXTS)("%s", async (path, text) => {
      expect(await textOf(path)).toBe(text);
    });
  });

  describe("costs one statement, or one more for each relationship", () => {
    beforeAll(() => textOf("customers/1"));
    test.each<readonly [path: string, relations: number]>([
      ["customers/1?related=orders_by_customer_id", 1],
      ["customers?related=orders_by_customer_id", 1],
      ["customers?ids=1,2,3&related=orders_by_customer_id&orders_by_customer_id.limit=1", 1],
      ["customers?related=countries_by_country,orders_by_customer_id", 2],
      ["customers?related=countries_by_country,orders_by_customer_id.products_by_order_items", 3],
      ["orders?related=products_by_order_items,customers_by_customer_id&order=customers_by_customer_id.last_name", 2],
      ["products?related=orders_by_order_items.customers_by_customer_id.countries_by_country", 3],
    ])("%s: %i", async (path, relations) => {
      const statements = await fixture().statements(() => textOf(path));
      expect(statements).toHaveLength(isOne ? 1 : 1 + relations);
      for (const sql of statements) expect(sql).toMatch(/^SELECT /);
    });

    test("however many rows there are", async () => {
      const rows = Array.from({ length: 300 }, (_, index) => ({
        customer_id: (index % 5) + 1,
        placed: "2024-05-05",
        total: index,
      }));
      const made = await fixture().ask("POST", "_table/orders", { body: { resource: rows } });
      const statements = await fixture().statements(async () => {
        const { body } = await get(fixture(), "_table/orders", {
          filter: "placed = 2024-05-05",
          related: "customers_by_customer_id",
          fields: "total",
        });
        expect(body.resource).toHaveLength(300);
        expect(body.resource[299].customers_by_customer_id.id).toBe(5);
      });
      expect(statements).toHaveLength(isOne ? 1 : 2);
      const lists = await get(fixture(), "_table/customers", {
        fields: "id",
        order: "id",
        related: "orders_by_customer_id",
        "orders_by_customer_id.offset": 1,
      });
      expect(
        lists.body.resource.map((row: { orders_by_customer_id: unknown[] }) => row.orders_by_customer_id.length),
      ).toEqual([61, 60, 59, 59, 59]);
      const ids = made.body.resource.map((row: { id: number }) => row.id).join();
      expect((await fixture().ask("DELETE", `_table/orders?filter=id IN (${ids})`)).status).toBe(200);
    });
  });

  describe("gives the values of every type as a flat read does", () => {
    beforeAll(async () => {
      for (const sql of kindTables(target)) await fixture().database.query(sql);
      await fixture().database.query(
        `CREATE TABLE kind_links (id ${target.words.autoKey}, kind_id INTEGER, FOREIGN KEY (kind_id) REFERENCES kinds (id))`,
      );
      const config = { ...fixture().database.config, exact_numbers: "string" };
      await makeService(fixture().house, "exact_related", target.type, { ssl: { mode: "disable" }, ...config });
      await fixture().ask("GET", "_table?refresh=true");
    });
    afterAll(async () => {
      for (const table of ["kind_links", "kinds"]) await fixture().database.query(`DROP TABLE ${table}`);
    });

    test("each of them, alone and with all of them, one row and a list", async () => {
      const kinds = kindsOf(target);
      const most = Math.max(...kinds.map(({ values }) => values.length));
      const record = (index: number) => {
        const fields = kinds.map(({ name, values }) => {
          const value = values[index % values.length] ?? "null";
          return `"${name}":${typeof value === "string" ? value : value[0]}`;
        });
        return `{${fields.join(",")}}`;
      };
      const bodies = [...Array.from({ length: most }, (_, index) => record(index)), '{"c_int":null}'];
      const made = await fixture().ask("POST", "_table/kinds", { body: `{"resource":[${bodies.join(",")}]}` });
      expect(made.status).toBe(200);
      const ids: readonly number[] = made.body.resource.map((row: { id: number }) => row.id);
      const links = ids.map((kind_id, index) => ({ id: index + 1, kind_id }));
      expect((await fixture().ask("POST", "_table/kind_links", { body: { resource: links } })).status).toBe(200);
      for (const service of [SERVICE, "exact_related"]) {
        for (const [index, id] of ids.entries()) {
          const flat = await textOf(`kinds/${id}`, service);
          const link = await textOf(`kind_links/${index + 1}?fields=id`, service);
          const linked = `${link.slice(0, -1)},"kinds_by_kind_id":${flat}}`;
          expect(await textOf(`kind_links/${index + 1}?fields=id&related=kinds_by_kind_id`, service)).toBe(linked);
          const list = `kinds/${id}?fields=id&related=kind_links_by_kind_id.kinds_by_kind_id&kind_links_by_kind_id.fields=id`;
          const own = await textOf(`kinds/${id}?fields=id`, service);
          expect(await textOf(list, service)).toBe(`${own.slice(0, -1)},"kind_links_by_kind_id":[${linked}]}`);
        }
        // A type that the database can not write as JSON by itself must not decide for the others.
        const id = ids[0];
        for (const { name } of kinds) {
          const flat = await textOf(`kinds/${id}?fields=${name}`, service);
          const path = `kind_links/1?fields=id&related=kinds_by_kind_id&kinds_by_kind_id.fields=${name}`;
          expect((await textOf(path, service)).replace('"1"', "1")).toBe(`{"id":1,"kinds_by_kind_id":${flat}}`);
        }
      }
    });
  });

  describe("answers a write with", () => {
    const write = async (verb: string, path: string, body?: object) => {
      const { status, text } = await fixture().ask(
        verb,
        `_table/${path}`,
        body === undefined ? {} : { body: body as never },
      );
      return `${status} ${text}`;
    };
    const named = `related=customers_by_customer_id&${NAMED}`;
    const order = { id: 901, customer_id: 1, placed: "2024-06-06", total: 1 };

    test("what is related to a row that was made, changed and deleted", async () => {
      const one = (id: number, customer: string) => `200 {"id":${id},"customers_by_customer_id":${customer}}`;
      expect(await write("POST", `orders?${named}`, order)).toBe(one(901, ADA));
      expect(await write("PATCH", `orders/901?${named}`, { customer_id: 2 })).toBe(one(901, ALAN));
      expect(await write("PUT", `orders?${named}`, { id: 901, customer_id: 1 })).toBe(one(901, ADA));
      expect(await write("PATCH", `orders/901?fields=total&${named}`, { total: 2.5 })).toBe(
        `200 {"total":2.50,"customers_by_customer_id":${ADA}}`,
      );
      expect(await write("DELETE", `orders/901?${named}`)).toBe(one(901, ADA));
      expect((await get(fixture(), "_table/orders/901")).status).toBe(404);
    });

    test("what is related to each row of a list, by ids and by filter", async () => {
      const list = (...customers: string[]) =>
        `200 {"resource":[${customers.map((each, at) => `{"id":${901 + at},"customers_by_customer_id":${each}}`).join(",")}]}`;
      const records = [order, { ...order, id: 902, customer_id: 2 }];
      expect(await write("POST", `orders?${named}`, { resource: records })).toBe(list(ADA, ALAN));
      expect(await write("PATCH", `orders?ids=901,902&${named}`, { customer_id: 2 })).toBe(list(ALAN, ALAN));
      expect(await write("PATCH", `orders?filter=id=901&${named}`, { customer_id: 1 })).toBe(list(ADA));
      expect(await write("PUT", `orders?rollback=true&${named}`, records)).toBe(list(ADA, ALAN));
      expect(await write("DELETE", `orders?ids=901,902&${named}`)).toBe(list(ADA, ALAN));
      await write("POST", "orders", { resource: records });
      expect(await write("DELETE", `orders?filter=id=902&${named}`)).toBe(
        `200 {"resource":[{"id":902,"customers_by_customer_id":${ALAN}}]}`,
      );
      expect(await write("DELETE", `orders?${named}`, { resource: [{ id: 901 }] })).toBe(list(ADA));
    });

    test("a refusal before anything is written", async () => {
      for (const [query, message] of [
        ["related=nosuch", "Invalid relationship requested: 'nosuch'."],
        [
          "related=customers_by_customer_id&customers_by_customer_id.fields=nosuch",
          "Relationship 'customers_by_customer_id': Invalid field requested: 'nosuch'.",
        ],
        ["strict=true&customers_by_customer_id.fields=id", "Unknown parameter 'customers_by_customer_id.fields'."],
      ] as const) {
        const { status, body } = await fixture().ask("POST", `_table/orders?${query}`, { body: order });
        expect({ status, body }).toEqual({ status: 400, body: failure(400, message) });
      }
      const keyless = await fixture().ask("POST", "_table/logs?related=*", { body: { line: "x" } });
      expect(keyless.body).toEqual(
        failure(400, "Table 'logs' has no primary key: a write can not answer with 'related'."),
      );
      expect((await get(fixture(), "_table/orders/901")).status).toBe(404);
      expect((await get(fixture(), "_table/logs", { count_only: true })).body).toBe(0);
    });
  });

  describe("keeps to the role", () => {
    test("a related table that it may not read is refused, and '*' leaves it out", async () => {
      const { house, serviceId } = fixture();
      const grants = ["_table/customers/*", "_table/orders", "_table/orders/*", "_table/products"].map((component) => ({
        service_id: serviceId,
        component,
        verb_mask: 9,
      }));
      const key = await makeKey(house, "related customers", grants);
      const ask = async (path: string, verb = "GET", body?: object) => {
        const options = body === undefined ? { key } : { key, body: body as never };
        const { status, text } = await house.ask(verb, `${SERVICE}/_table/${path}`, options);
        return `${status} ${text}`;
      };
      const denied = "The role of this caller does not allow GET on this resource of service 'under_test'.";
      const refused = `403 ${JSON.stringify(failure(403, denied))}`;
      expect(await ask("customers/3?fields=id&related=*")).toBe('200 {"id":3,"orders_by_customer_id":[]}');
      expect(await ask("customers/3?fields=id&related=countries_by_country")).toBe(refused);
      expect(
        await ask("customers/3?fields=id&related=orders_by_customer_id.customers_by_customer_id.countries_by_country"),
      ).toBe(refused);
      // Both of its ends may be read, but not the junction between them.
      expect(await ask("orders/1?fields=id&related=products_by_order_items")).toBe(refused);
      expect(
        await ask(
          `orders/1?fields=id&${queryOf({ related: "customers", "customers.filter": "countries_by_country.code = FR" })}`,
        ),
      ).toBe(refused);
      expect(await ask(`orders/1?fields=id&related=countries`)).toMatch(
        /^400 .*Invalid relationship requested: 'countries'/,
      );
      expect(await ask("customers/3?related=countries_by_country", "PATCH", { age: 85 })).toBe(refused);
    });
  });
}
