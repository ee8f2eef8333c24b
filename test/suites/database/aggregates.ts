import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey, makeService } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get, queryOf } from "./reads.ts";
import { createSales } from "./sales.ts";
import type { Target } from "./target.ts";

type Params = Readonly<Record<string, string | number | boolean>>;
type Case = readonly [title: string, params: Params, resource: readonly object[], meta?: object | undefined];

const ONE: Params = { group: "kind", order: "kind", fields: "kind,COUNT(*)" };

const CASES: readonly Case[] = [
  [
    "counts the rows of each group",
    ONE,
    [
      { kind: "a", COUNT_ALL: 3 },
      { kind: "b", COUNT_ALL: 4 },
    ],
  ],
  [
    "counts the values that are not NULL",
    { ...ONE, fields: "kind,COUNT(units)" },
    [
      { kind: "a", COUNT_units: 2 },
      { kind: "b", COUNT_units: 4 },
    ],
  ],
  [
    "counts different values",
    { ...ONE, fields: "kind,COUNT(DISTINCT units)" },
    [
      { kind: "a", COUNT_DISTINCT_units: 2 },
      { kind: "b", COUNT_DISTINCT_units: 3 },
    ],
  ],
  [
    "counts booleans and JSON that are there",
    { fields: "COUNT(paid),COUNT(extra),COUNT(photo)" },
    [{ COUNT_paid: 6, COUNT_extra: 2, COUNT_photo: 0 }],
  ],
  [
    "adds up",
    { ...ONE, fields: "kind,SUM(units)" },
    [
      { kind: "a", SUM_units: 30 },
      { kind: "b", SUM_units: 47 },
    ],
  ],
  [
    "adds different values up once",
    { ...ONE, fields: "kind,SUM(DISTINCT units)" },
    [
      { kind: "a", SUM_DISTINCT_units: 30 },
      { kind: "b", SUM_DISTINCT_units: 42 },
    ],
  ],
  [
    "finds the mean",
    { fields: "AVG(units),AVG(ratio)", filter: "region = north" },
    [{ AVG_units: 20, AVG_ratio: 0.375 }],
  ],
  [
    "finds the mean of different values",
    { fields: "AVG(DISTINCT units)", filter: "units <= 7" },
    [{ AVG_DISTINCT_units: 6 }],
  ],
  ["finds the mean of decimals", { fields: "AVG(price)", filter: "id in (1,2)" }, [{ AVG_price: 0.15 }]],
  [
    "finds the smallest and the largest",
    { fields: "MIN(units),MAX(units),MIN(ratio),MAX(ratio)" },
    [{ MIN_units: 5, MAX_units: 30, MIN_ratio: -1.5, MAX_ratio: 2.5 }],
  ],
  [
    "finds the first and the last of texts",
    { fields: "MIN(region),MAX(region)" },
    [{ MIN_region: "north", MAX_region: "south" }],
  ],
  [
    "finds the first and the last of dates",
    { fields: "MIN(sold),MAX(sold)" },
    [{ MIN_sold: "2023-12-31", MAX_sold: "2024-01-03" }],
  ],
  [
    "takes any case and blanks",
    { fields: " sum ( units ) ,Count( * ), count(distinct  region)" },
    [{ SUM_units: 77, COUNT_ALL: 7, COUNT_DISTINCT_region: 2 }],
  ],
  [
    "takes quoted names",
    { fields: "`kind`,SUM(`units`),MAX([units])", group: "`kind`", order: "[kind]" },
    [
      { kind: "a", SUM_units: 30, MAX_units: 20 },
      { kind: "b", SUM_units: 47, MAX_units: 30 },
    ],
  ],
  ["takes names with commas and parentheses", { fields: "SUM(`odd, (name)`)" }, [{ "SUM_odd, (name)": 15 }]],
  [
    "groups by such a name",
    { group: "`odd, (name)`", fields: "COUNT(*)", order: "`odd, (name)`" },
    [{ COUNT_ALL: 2 }, { COUNT_ALL: 2 }, { COUNT_ALL: 3 }],
  ],
  [
    "gives the fields of the group when none are named",
    { group: "kind", order: "kind" },
    [{ kind: "a" }, { kind: "b" }],
  ],
  [
    "leaves a field of the group out that is not named",
    { ...ONE, fields: "SUM(units)" },
    [{ SUM_units: 30 }, { SUM_units: 47 }],
  ],
  [
    "gives a field that is named twice once",
    { ...ONE, fields: "kind,kind,COUNT(*),count( * )", group: "kind,kind" },
    [
      { kind: "a", COUNT_ALL: 3 },
      { kind: "b", COUNT_ALL: 4 },
    ],
  ],
  [
    "takes NULL for a group of its own",
    { group: "region", fields: "region,COUNT(*)", order: "region nulls first" },
    [
      { region: null, COUNT_ALL: 1 },
      { region: "north", COUNT_ALL: 3 },
      { region: "south", COUNT_ALL: 3 },
    ],
  ],
  [
    "groups by booleans",
    { group: "paid", fields: "paid,COUNT(*)", order: "COUNT_ALL,paid" },
    [
      { paid: null, COUNT_ALL: 1 },
      { paid: false, COUNT_ALL: 3 },
      { paid: true, COUNT_ALL: 3 },
    ],
  ],
  [
    "groups by dates",
    { group: "sold", fields: "sold,COUNT(*)", order: "sold nulls first", limit: 2 },
    [
      { sold: null, COUNT_ALL: 1 },
      { sold: "2023-12-31", COUNT_ALL: 2 },
    ],
    { next: 2 },
  ],
  [
    "groups by several fields, in their order",
    { group: "region,kind", fields: "region,kind,COUNT(*)", filter: "region is not null" },
    [
      { region: "north", kind: "a", COUNT_ALL: 2 },
      { region: "north", kind: "b", COUNT_ALL: 1 },
      { region: "south", kind: "a", COUNT_ALL: 1 },
      { region: "south", kind: "b", COUNT_ALL: 2 },
    ],
  ],
  ["takes group_by for group", { group_by: "kind", fields: "COUNT(*)" }, [{ COUNT_ALL: 3 }, { COUNT_ALL: 4 }]],
  ["makes one group of all rows", { fields: "COUNT(*),SUM(units)" }, [{ COUNT_ALL: 7, SUM_units: 77 }]],
  [
    "makes one group of no rows",
    { fields: "COUNT(*),SUM(units),MAX(sold)", filter: "id > 99" },
    [{ COUNT_ALL: 0, SUM_units: null, MAX_sold: null }],
  ],
  ["has no group where no row fits", { ...ONE, filter: "id > 99" }, []],
  [
    "only looks at rows that fit the filter",
    { ...ONE, filter: "region = 'north' AND units > 10" },
    [
      { kind: "a", COUNT_ALL: 1 },
      { kind: "b", COUNT_ALL: 1 },
    ],
  ],
  [
    "only looks at rows that params fit",
    { fields: "COUNT(*)", filter: "region = :r", params: '{":r":"south"}' },
    [{ COUNT_ALL: 3 }],
  ],
  [
    "only looks at the rows that ids name",
    { ...ONE, ids: "1,2,5,99" },
    [
      { kind: "a", COUNT_ALL: 2 },
      { kind: "b", COUNT_ALL: 1 },
    ],
  ],
  [
    "orders by what a function gives",
    { ...ONE, order: "COUNT_ALL desc" },
    [
      { kind: "b", COUNT_ALL: 4 },
      { kind: "a", COUNT_ALL: 3 },
    ],
  ],
  [
    "orders by a function written out",
    { ...ONE, order: "sum( units ) DESC, kind" },
    [
      { kind: "b", COUNT_ALL: 4 },
      { kind: "a", COUNT_ALL: 3 },
    ],
  ],
  [
    "orders by a function that is not given",
    { ...ONE, fields: "kind", order: "MAX(units) desc" },
    [{ kind: "b" }, { kind: "a" }],
  ],
  [
    "orders by a function over several fields with NULLs",
    { group: "region", fields: "region", order: "AVG(ratio) nulls last, region" },
    [{ region: "south" }, { region: "north" }, { region: null }],
  ],
  [
    "orders by a field of the group that is not given",
    { group: "region,kind", fields: "COUNT(*)", filter: "region is not null", order: "kind desc, region desc" },
    [{ COUNT_ALL: 2 }, { COUNT_ALL: 1 }, { COUNT_ALL: 1 }, { COUNT_ALL: 2 }],
  ],
  [
    "gives a page of groups and says where the next one begins",
    { ...ONE, limit: 1 },
    [{ kind: "a", COUNT_ALL: 3 }],
    { next: 1 },
  ],
  ["gives the last page of groups", { ...ONE, limit: 1, offset: 1 }, [{ kind: "b", COUNT_ALL: 4 }]],
  [
    "counts groups beside a page of them",
    { ...ONE, limit: 1, include_count: true },
    [{ kind: "a", COUNT_ALL: 3 }],
    { count: 2, next: 1 },
  ],
  [
    "counts the groups of rows that fit",
    { ...ONE, filter: "kind = a", include_count: true },
    [{ kind: "a", COUNT_ALL: 2 + 1 }],
    { count: 1 },
  ],
];

const WRONG: readonly (readonly [params: Params, message: string])[] = [
  [{ fields: "kind,COUNT(*)" }, "Field 'kind' stands neither in 'group' nor in a function."],
  [{ fields: "kind,region", group: "region" }, "Field 'kind' stands neither in 'group' nor in a function."],
  [{ fields: "nosuch", group: "region" }, "Invalid field requested: 'nosuch'."],
  [{ group: "nosuch" }, "Invalid field requested: 'nosuch'."],
  [{ fields: "SUM(nosuch)" }, "Invalid field requested: 'nosuch'."],
  [{ fields: "SUM()" }, "Invalid field requested: ''."],
  [{ fields: "MEDIAN(units)" }, "Invalid field requested: 'MEDIAN(units)'."],
  [{ fields: "SUM(units" }, "Invalid field requested: 'SUM(units'."],
  [{ fields: "SUM(units) + 1" }, "Invalid field requested: 'SUM(units) + 1'."],
  [{ fields: "SUM(units,1)" }, "Invalid field requested: 'units,1'."],
  [{ fields: "SUM(units*2)" }, "Invalid field requested: 'units*2'."],
  [{ fields: "SUM(SUM(units))" }, "Invalid field requested: 'SUM(units)'."],
  [{ fields: "SUM(*)" }, "The function SUM needs a field: only COUNT(*) takes '*'."],
  [{ fields: "COUNT(DISTINCT *)" }, "The function COUNT needs a field: only COUNT(*) takes '*'."],
  [
    { fields: "*", group: "kind" },
    "The field '*' can not stand beside groups: name the fields of 'group', or functions.",
  ],
  [{ fields: "*,COUNT(*)" }, "The field '*' can not stand beside groups: name the fields of 'group', or functions."],
  [{ fields: "SUM(region)" }, "Field 'region' has no SUM: it is of type string."],
  [{ fields: "AVG(kind)" }, "Field 'kind' has no AVG: it is of type string."],
  [{ fields: "SUM(sold)" }, "Field 'sold' has no SUM: it is of type date."],
  [{ fields: "SUM(paid)" }, "Field 'paid' has no SUM: it is of type boolean."],
  [{ fields: "MIN(paid)" }, "Field 'paid' has no MIN: it is of type boolean."],
  [{ fields: "MAX(photo)" }, "Field 'photo' has no MAX: it is of type binary."],
  [{ fields: "COUNT(*)", order: "units" }, "Invalid field requested: 'units'."],
  [{ ...ONE, order: "SUM_units" }, "Invalid field requested: 'SUM_units'."],
  [{ ...ONE, order: "SUM(region)" }, "Field 'region' has no SUM: it is of type string."],
  [{ ...ONE, limit: 0 }, "The parameter 'limit' must be a whole number of at least 1."],
  [{ ...ONE, cursor: "" }, "The parameter 'cursor' can not be used together with 'group'."],
  [{ ...ONE, filter: "COUNT_ALL > 1" }, "Invalid field requested: 'COUNT_ALL'."],
  [{ fields: "id,SUM(units)", ids: "1" }, "Field 'id' stands neither in 'group' nor in a function."],
  [{ fields: "SUM(units)", ids: "x" }, "Field 'id' must be a valid integer."],
  [{ group: Array.from({ length: 65 }, () => "kind").join() }, "The parameter 'group' holds more than 64 values."],
];

/** Functions of the rows of groups, and of all rows. */
export function aggregateCases(fixture: () => Fixture, target: Target): void {
  beforeAll(() => createSales(fixture(), target));
  // As plain JSON: how many zeros end a mean is for the database to say.
  const sales = async (params: Params) => {
    const answer = await fixture().ask("GET", `_table/sales?${queryOf(params)}`);
    return { status: answer.status, body: JSON.parse(answer.text) };
  };
  const text = async (query: string) => (await fixture().ask("GET", `_table/sales?${query}`)).text;

  for (const [title, params, resource, meta] of CASES) {
    test(title, async () => {
      expect(await sales(params)).toEqual({ status: 200, body: meta ? { resource, meta } : { resource } });
    });
  }

  describe("refuses with a sentence", () => {
    test.each(WRONG)("%o", async (params, message) => {
      expect(await sales(params)).toEqual({ status: 400, body: failure(400, message) });
    });

    test("JSON that is grouped by, told apart or sorted", async () => {
      const refused: readonly Params[] = [{ group: "extra" }, { fields: "COUNT(DISTINCT extra)" }];
      for (const params of refused) {
        const { status, body } = await sales(params);
        expect(status).toBe(400);
        expect(body.error.message).toMatch(/^Field 'extra' can not be grouped or told apart: it is of type jsonb?\.$/);
      }
      const { body } = await sales({ fields: "MIN(extra)" });
      expect(body.error.message).toMatch(/^Field 'extra' has no MIN: it is of type jsonb?\.$/);
    });

    test("relationships beside groups", async () => {
      const params = { group: "country", related: "orders_by_customer_id" };
      const { status, body } = await get(fixture(), "_table/customers", params);
      expect({ status, body }).toEqual({
        status: 400,
        body: failure(400, "Groups have no relationships: leave out 'related'."),
      });
    });

    test("more values than any database gives in a row", async () => {
      const columns = Array.from({ length: 60 }, (_, at) => `n${at}`);
      const definitions = columns.map((name) => `${name} INTEGER`);
      await fixture().database.query(`CREATE TABLE wide (id INTEGER NOT NULL PRIMARY KEY, ${definitions.join()})`);
      const asked = columns.flatMap((name) => [`SUM(${name})`, `COUNT(DISTINCT ${name})`]);
      const read = (count: number) =>
        get(fixture(), "_table/wide", { fields: asked.slice(0, count).join(), refresh: count === 100 });
      expect(Object.keys((await read(100)).body.resource[0])).toHaveLength(100);
      const message = "A read of groups works out at most 100 different values.";
      expect(await read(101)).toEqual({ status: 400, body: failure(400, message) });
    });

    test("two values that would have one name", async () => {
      await fixture().database.query(
        `CREATE TABLE doubles (id INTEGER NOT NULL PRIMARY KEY, ${target.words.quote("COUNT_ALL")} INTEGER)`,
      );
      const params = { fields: "COUNT_ALL,COUNT(*)", group: "COUNT_ALL", refresh: true };
      const message = "Two values of a group would be called 'COUNT_ALL'.";
      expect(await get(fixture(), "_table/doubles", params)).toEqual({ status: 400, body: failure(400, message) });
    });

    test.each([
      ["GET", "_table/sales/1?fields=COUNT(*)"],
      ["GET", "_table/sales/1?group=kind"],
      ["POST", "_table/sales?fields=COUNT(*)"],
      ["PATCH", "_table/sales?ids=1&group=kind"],
      ["DELETE", "_table/sales?ids=1&fields=COUNT(*)"],
    ])("%s %s", async (verb, path) => {
      const body: Json = verb === "POST" ? { id: 99, kind: "x" } : { kind: "x" };
      const answer = await fixture().ask(verb, path, verb === "GET" ? {} : { body });
      const message = "Groups and functions of groups can only be asked for in a read of a list.";
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 400, body: failure(400, message) });
      expect(await text("count_only=true&filter=kind=x")).toBe("0");
    });
  });

  test("adds integers up exactly, beyond what a double holds", async () => {
    expect(await text("fields=SUM(huge)")).toBe('{"resource":[{"SUM_huge":18014398509481996}]}');
    expect(await text("fields=SUM(DISTINCT huge),MAX(huge)")).toBe(
      '{"resource":[{"SUM_DISTINCT_huge":9007199254741003,"MAX_huge":9007199254740993}]}',
    );
  });

  test("adds decimals up exactly, with all digits of their scale", async () => {
    expect(await text("fields=SUM(price)&filter=id in (1,2)")).toBe('{"resource":[{"SUM_price":0.30}]}');
    expect(await text("fields=SUM(price),MIN(price),MAX(price)")).toBe(
      '{"resource":[{"SUM_price":12345678902.56,"MIN_price":0.01,"MAX_price":12345678901.23}]}',
    );
    expect(await text("fields=SUM(price)&filter=id=6")).toBe('{"resource":[{"SUM_price":1.00}]}');
    expect(await text("fields=SUM(DISTINCT price)&filter=id in (1,5)")).toBe(
      '{"resource":[{"SUM_DISTINCT_price":0.11}]}',
    );
  });

  test("keeps the microseconds of the first and the last time", async () => {
    expect(await text("fields=MIN(seen),MAX(seen)&filter=id<4")).toBe(
      '{"resource":[{"MIN_seen":"2024-01-01 00:00:00.000001","MAX_seen":"2024-01-02 03:04:05.678902"}]}',
    );
  });

  test.each([
    ["count_only=true&group=kind", "2"],
    ["count_only=true&group=region", "3"],
    ["count_only=true&group=region,kind&filter=units is not null", "4"],
    ["count_only=true&fields=SUM(units)", "1"],
    ["count_only=true&group=kind&limit=1&offset=5", "2"],
  ])("%s counts groups: %s", async (query, count) => {
    expect(await text(query)).toBe(count);
  });

  test.each([
    ["fields=kind,COUNT(*)&group=kind&order=SUM(units) desc", 1],
    ["fields=COUNT(*),SUM(units),AVG(price)", 1],
    ["fields=kind,COUNT(*)&group=kind&include_count=true", 2],
    ["group=kind&count_only=true", 1],
    ["fields=SUM(region)", 0],
  ])("%s costs %i statements", async (query, count) => {
    await text("limit=1");
    expect(await fixture().statements(() => text(query))).toHaveLength(count);
  });

  test("binds the values of filter and having, and writes none into the statement", async () => {
    const query = "fields=kind,COUNT(*)&group=kind&filter=units>424242&having=COUNT_ALL>515151";
    const [sql = ""] = await fixture().statements(() => text(query));
    expect(sql).not.toMatch(/424242|515151/);
  });

  test("gives decimals and sums as strings with exact_numbers = string", async () => {
    const config = { ...fixture().database.config, exact_numbers: "string" };
    await makeService(fixture().house, "exact_sums", target.type, config);
    const { body } = await fixture().house.ask(
      "GET",
      "exact_sums/_table/sales?fields=SUM(price),SUM(huge)&filter=id<3",
    );
    expect(body).toEqual({ resource: [{ SUM_price: "0.30", SUM_huge: "18014398509481986" }] });
  });

  test("gives groups in an export", async () => {
    const { status, body } = await fixture().ask("GET", "_table/sales?fields=kind,COUNT(*)&group=kind&limit=all");
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        resource: [
          { kind: "a", COUNT_ALL: 3 },
          { kind: "b", COUNT_ALL: 4 },
        ],
      },
    });
  });

  test("gives groups of a view, and of a table without a key", async () => {
    expect((await get(fixture(), "_table/customer_names", { fields: "COUNT(*),MAX(id)" })).body).toEqual({
      resource: [{ COUNT_ALL: 5, MAX_id: 5 }],
    });
    expect((await get(fixture(), "_table/logs", { fields: "COUNT(*),MAX(line)", group: "line" })).body).toEqual({
      resource: [],
    });
  });

  test("gives nothing to a caller who may not read the table", async () => {
    const { house, serviceId } = fixture();
    const key = await makeKey(house, "no_sales", [
      { service_id: serviceId, component: "_table/customers/*", verb_mask: 1 },
    ]);
    const { status } = await house.ask("GET", `${SERVICE}/_table/sales?fields=COUNT(*)`, { key });
    expect(status).toBe(403);
  });
}
