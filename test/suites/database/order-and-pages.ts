import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeService } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const ORDERS: readonly (readonly [order: string, ids: readonly number[]])[] = [
  ["id", [1, 2, 3, 4, 5]],
  ["id asc", [1, 2, 3, 4, 5]],
  ["id DESC", [5, 4, 3, 2, 1]],
  ["id  desc ", [5, 4, 3, 2, 1]],
  ["`id` desc", [5, 4, 3, 2, 1]],
  ["[id] desc", [5, 4, 3, 2, 1]],
  ["country, id desc", [5, 4, 1, 3, 2]],
  ["country desc, id", [2, 3, 1, 4, 5]],
  ["country desc,id desc", [3, 2, 1, 5, 4]],
  ["age nulls first", [4, 1, 2, 5, 3]],
  ["age nulls last", [1, 2, 5, 3, 4]],
  ["age asc NULLS FIRST", [4, 1, 2, 5, 3]],
  ["age asc nulls last", [1, 2, 5, 3, 4]],
  ["age desc nulls first", [4, 3, 5, 2, 1]],
  ["age desc nulls last", [3, 5, 2, 1, 4]],
  ["active desc nulls last, id", [1, 2, 5, 3, 4]],
  ["balance", [2, 4, 5, 1, 3]],
  ["born nulls last", [1, 5, 3, 2, 4]],
  ["created desc nulls last", [2, 1, 5, 3, 4]],
  ["first_name", [1, 2, 5, 3, 4]],
  ["id, id desc", [1, 2, 3, 4, 5]],
];

const PAGES: readonly (readonly [query: string, ids: readonly number[], meta: object | undefined])[] = [
  ["limit=2", [1, 2], { next: 2 }],
  ["limit=2&offset=2", [3, 4], { next: 4 }],
  ["limit=2&offset=4", [5], undefined],
  ["limit=5", [1, 2, 3, 4, 5], undefined],
  ["limit=1&offset=4", [5], undefined],
  ["offset=3", [4, 5], undefined],
  ["offset=0", [1, 2, 3, 4, 5], undefined],
  ["offset=99", [], undefined],
  ["limit=", [1, 2, 3, 4, 5], undefined],
  ["limit=100000", [1, 2, 3, 4, 5], undefined],
  ["limit=100001", [1, 2, 3, 4, 5], { limit: 100_000 }],
  ["limit=9007199254740991", [1, 2, 3, 4, 5], { limit: 100_000 }],
  ["limit=2&include_count=true", [1, 2], { count: 5, next: 2 }],
  ["limit=2&offset=4&include_count=true", [5], { count: 5 }],
  ["limit=1&include_count=true&filter=id>3", [4], { count: 2, next: 1 }],
  ["limit=100001&include_count=1", [1, 2, 3, 4, 5], { count: 5, limit: 100_000 }],
  ["top=2&skip=1", [2, 3], { next: 3 }],
];

const LIMIT = "The parameter 'limit' must be a whole number of at least 1.";
const OFFSET = "The parameter 'offset' must be a whole number of at least 0.";
const WRONG: readonly (readonly [query: string, message: string])[] = [
  ["limit=0", LIMIT],
  ["limit=-1", LIMIT],
  ["limit=two", LIMIT],
  ["limit=1.5", LIMIT],
  ["limit=1e3", LIMIT],
  ["limit=99999999999999999999", LIMIT],
  ["top=0", LIMIT],
  ["offset=-1", OFFSET],
  ["offset=x", OFFSET],
  ["offset=0.5", OFFSET],
  ["skip=-5", OFFSET],
  ["order=nosuch", "Invalid field requested: 'nosuch'."],
  ["order=id,nosuch desc", "Invalid field requested: 'nosuch'."],
  ["order=id sideways", "Invalid field requested: 'id sideways'."],
  ["order=id desc nulls", "Invalid field requested: 'id desc nulls'."],
  ["order=id;drop", "Invalid field requested: 'id;drop'."],
  ["order=(SELECT 1)", "Invalid field requested: '(SELECT 1)'."],
  ["order=id,,age", "The parameter 'order' must name a field in each of its terms."],
];

/** In which order rows come, and how many. */
export function orderAndPageCases(fixture: () => Fixture, target: Target): void {
  const ids = async (path: string) => {
    const { status, body } = await fixture().ask("GET", path);
    return { status, ids: body.resource?.map((row: { readonly id: number }) => row.id), meta: body.meta };
  };

  describe("orders by", () => {
    test.each(ORDERS)("%s", async (order, expected) => {
      const found = await ids(`_table/customers?fields=id&order=${encodeURIComponent(order)}`);
      expect(found).toEqual({ status: 200, ids: expected, meta: undefined });
    });

    test("NULL where the database puts it when nobody says", async () => {
      const { nullsFirst } = target.traits;
      const rows = [1, 2, 5, 3];
      const up = await ids("_table/customers?fields=id&order=age");
      const down = await ids("_table/customers?fields=id&order=age%20desc");
      expect(up.ids).toEqual(nullsFirst ? [4, ...rows] : [...rows, 4]);
      expect(down.ids).toEqual([...(up.ids ?? [])].reverse());
    });

    test.each(["order", "sort", "order_by"])("the parameter %s", async (name) => {
      expect((await ids(`_table/customers?fields=id&${name}=id%20desc`)).ids).toEqual([5, 4, 3, 2, 1]);
    });

    test("a field that the answer leaves out", async () => {
      const { body } = await get(fixture(), "_table/customers", { fields: "first_name", order: "id desc", limit: 1 });
      expect(body).toEqual({ resource: [{ first_name: "Emmy" }], meta: { next: 1 } });
    });

    test("as many terms as are taken, of which repeated ones say nothing", async () => {
      const order = Array(64).fill("id desc").join(",");
      const { status, body } = await fixture().ask("POST", "_table/customers", {
        body: { order, fields: "id", limit: 1 },
        headers: { "X-HTTP-Method": "GET" },
      });
      expect({ status, body }).toEqual({ status: 200, body: { resource: [{ id: 5 }], meta: { next: 1 } } });
    });
  });

  describe("gives the page of", () => {
    test.each(PAGES)("%s", async (query, expected, meta) => {
      expect(await ids(`_table/customers?fields=id&order=id&${query}`)).toEqual({ status: 200, ids: expected, meta });
    });
  });

  test("takes order and page from the body of a read through POST", async () => {
    const { status, body } = await fixture().ask("POST", "_table/customers?fields=id", {
      body: { order: ["country desc", "id"], limit: 2, offset: 1, include_count: true },
      headers: { "X-HTTP-Method": "GET" },
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: { resource: [{ id: 3 }, { id: 1 }], meta: { count: 5, next: 3 } },
    });
  });

  describe("refuses", () => {
    test.each(WRONG)("%s", async (query, message) => {
      const { status, body } = await fixture().ask("GET", `_table/customers?${query}`);
      expect({ status, body }).toEqual({ status: 400, body: failure(400, message) });
    });

    test("an order term of more than a thousand characters in linear time", async () => {
      const { status, body } = await fixture().ask("POST", "_table/customers", {
        body: { order: `id${" ".repeat(200_000)}x` },
        headers: { "X-HTTP-Method": "GET" },
      });
      expect({ status, body }).toEqual({
        status: 400,
        body: failure(400, "The parameter 'order' must name a field in each of its terms."),
      });
    });
  });

  describe("with max_records = 2", () => {
    beforeAll(async () => {
      await makeService(fixture().house, "small", target.type, { ...fixture().database.config, max_records: 2 });
    });
    afterAll(() => fixture().house.ask("DELETE", "system/service?filter=name=small"));
    const small = (query: string) => fixture().house.ask("GET", `small/_table/customers?fields=id&order=id&${query}`);

    test.each<readonly [query: string, body: object]>([
      ["", { resource: [{ id: 1 }, { id: 2 }], meta: { count: 5, next: 2 } }],
      ["offset=2", { resource: [{ id: 3 }, { id: 4 }], meta: { count: 5, next: 4 } }],
      ["offset=4", { resource: [{ id: 5 }] }],
      ["filter=id>3", { resource: [{ id: 4 }, { id: 5 }] }],
      ["limit=3", { resource: [{ id: 1 }, { id: 2 }, { id: 3 }], meta: { next: 3 } }],
      ["limit=9", { resource: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }] }],
      ["ids=1,2,3", { resource: [{ id: 1 }, { id: 2 }, { id: 3 }] }],
    ])("'%s' says what was cut off by default", async (query, body) => {
      const answer = await small(query);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body });
    });
  });
}
