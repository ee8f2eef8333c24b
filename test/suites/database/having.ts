import { beforeAll, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get, queryOf } from "./reads.ts";
import { createSales } from "./sales.ts";
import type { Target } from "./target.ts";

type Params = Readonly<Record<string, string | number | boolean>>;

const FIELDS =
  "region,kind,COUNT(*),COUNT(units),SUM(units),SUM(huge),SUM(price),AVG(units),MIN(sold),MAX(sold),MIN(kind),MAX(ratio),COUNT(DISTINCT units)";

/** The groups are, in their order: no region b, north a, north b, south a, south b. */
const FOUND: readonly (readonly [having: string, groups: string])[] = [
  ["COUNT_ALL > 1", "na sb"],
  ["COUNT_ALL = 1", "-b nb sa"],
  ["count_all_unknown = 1 OR COUNT_ALL = 1", "400"],
  ["COUNT_ALL >= 1 AND kind = 'b'", "-b nb sb"],
  ["COUNT_ALL > 1 OR region IS NULL", "-b na sb"],
  ["NOT (COUNT_ALL > 1)", "-b nb sa"],
  ["!(COUNT_ALL > 1) && kind = b", "-b nb"],
  ["COUNT_units = 0", "sa"],
  ["COUNT_units BETWEEN 1 AND 1", "-b nb"],
  ["COUNT_ALL IN (2, 3)", "na sb"],
  ["COUNT_ALL NOT IN (2, 3)", "-b nb sa"],
  ["SUM_units = 30", "na nb"],
  ["SUM_units != 30", "-b sb"],
  ["SUM_units IS NULL", "sa"],
  ["SUM_units IS NOT NULL", "-b na nb sb"],
  ["SUM_units < 10.0", "-b"],
  ["SUM_units = null", "sa"],
  ["SUM_huge = 18014398509481986", "na"],
  ["SUM_huge = 18014398509481985", ""],
  ["SUM_huge IN (18014398509481986, 6)", "na sb"],
  ["SUM_price = 0.3", "na"],
  ["SUM_price = 0.30", "na"],
  ["SUM_price > 0.3", "-b nb"],
  ["SUM_price >= 0.30", "-b na nb"],
  ["SUM_price < 0.305", "na sb"],
  ["SUM_price > 12345678901.22", "nb"],
  ["SUM_price = 12345678901.23", "nb"],
  ["AVG_units > 10.5", "na nb"],
  ["AVG_units = 15", "na"],
  ["MIN_sold < 2024-01-01", "sb"],
  ["MIN_sold = '2024-01-01'", "na"],
  ["MAX_sold >= '2024-01-03'", "-b nb"],
  ["MAX_ratio > 0.4", "-b na sb"],
  ["MAX_ratio = 0.5", "na"],
  ["MIN_kind LIKE 'a%'", "na sa"],
  ["MIN_kind CONTAINS b", "-b nb sb"],
  ["region = 'south'", "sa sb"],
  ["region STARTS WITH n", "na nb"],
  ["kind = :k", "na sa"],
  ["COUNT_DISTINCT_units = 1", "-b nb sb"],
  ["`COUNT_ALL` > 1", "na sb"],
  ["[SUM_units] > 29", "na nb"],
  ["COUNT_ALL = '2'", "na sb"],
  ["", "-b na nb sa sb"],
  ["  ", "-b na nb sa sb"],
];

const WRONG: readonly (readonly [params: Params, message: string | RegExp])[] = [
  [{ having: "COUNT_ALL > 1" }, "The parameter 'having' needs 'group', or a function in 'fields'."],
  [{ having: "id > 1", fields: "id" }, "The parameter 'having' needs 'group', or a function in 'fields'."],
  [{ group: "kind", having: "COUNT_ALL > 1" }, "Invalid field requested: 'COUNT_ALL'."],
  [{ group: "kind", having: "units > 1" }, "Invalid field requested: 'units'."],
  [{ group: "kind", having: "kind >" }, /^Invalid having: .* at \d+\.$/],
  [{ group: "kind", having: "(kind = a" }, /^Invalid having: .* at \d+\.$/],
  [{ group: "kind", having: "1 = 1" }, /^Invalid having: .* at \d+\.$/],
  [{ group: "kind", having: "COUNT(*) > 1" }, /^Invalid having: .* at \d+\.$/],
  [{ group: "kind", fields: "COUNT(*)", having: "COUNT_ALL > many" }, "Field 'COUNT_ALL' must be a valid integer."],
  [{ group: "kind", fields: "COUNT(*)", having: "COUNT_ALL > 1.5" }, "Field 'COUNT_ALL' must be a valid integer."],
  [
    { group: "kind", fields: "SUM(price)", having: "SUM_price > x" },
    "Field 'SUM_price' must be a valid decimal number.",
  ],
  [
    { group: "kind", fields: "MIN(sold)", having: "MIN_sold > x" },
    "Field 'MIN_sold' must be a valid date (YYYY-MM-DD).",
  ],
  [{ group: "kind", having: "kind = :x" }, "The filter names ':x', which 'params' does not hold."],
  [{ group: "kind", having: "customers_by_kind.id = 1" }, "Invalid relationship requested: 'customers_by_kind'."],
  [{ group: "kind", having: "kind->a = 1" }, "Field 'kind' is not JSON: '->' can not reach into it."],
];

/** Conditions on groups. */
export function havingCases(fixture: () => Fixture, target: Target): void {
  beforeAll(() => createSales(fixture(), target));
  const ask = (params: Params) => fixture().ask("GET", `_table/sales?${queryOf(params)}`);

  async function groupsOf(having: string): Promise<string> {
    const params = '{":k":"a"}';
    const order = "region nulls first,kind";
    const { status, text } = await ask({ fields: FIELDS, group: "region,kind", order, having, params });
    if (status !== 200) return String(status);
    const rows = JSON.parse(text).resource as readonly { region: string | null; kind: string }[];
    return rows.map(({ region, kind }) => `${region?.[0] ?? "-"}${kind}`).join(" ");
  }

  describe("finds the groups that fit", () => {
    test.each(FOUND)("%s: %s", async (having, groups) => {
      expect(await groupsOf(having)).toBe(groups);
    });
  });

  describe("refuses with a sentence", () => {
    test.each(WRONG)("%o", async (params, message) => {
      const { status, body } = await get(fixture(), "_table/sales", params);
      expect(status).toBe(400);
      if (typeof message === "string") expect(body).toEqual(failure(400, message));
      else expect(body.error.message).toMatch(message);
    });
  });

  test("finds the one group of all rows, or none", async () => {
    const ofAll = async (having: string) => (await get(fixture(), "_table/sales", { fields: "COUNT(*)", having })).body;
    expect(await ofAll("COUNT_ALL = 7")).toEqual({ resource: [{ COUNT_ALL: 7 }] });
    expect(await ofAll("COUNT_ALL > 7")).toEqual({ resource: [] });
  });

  test("counts the groups that fit", async () => {
    const params = { fields: "kind,COUNT(*)", group: "kind", having: "COUNT_ALL > 3" };
    expect((await ask({ ...params, count_only: true })).text).toBe("1");
    expect((await ask({ ...params, include_count: true, limit: 1 })).body.meta).toEqual({ count: 1 });
  });

  test("goes together with filter, order, limit and offset", async () => {
    const params = { fields: "region,SUM(units)", group: "region", filter: "units > 5", having: "SUM_units > 5" };
    expect((await get(fixture(), "_table/sales", { ...params, order: "SUM_units", limit: 1 })).body).toEqual({
      resource: [{ region: null, SUM_units: 7 }],
      meta: { next: 1 },
    });
    expect((await get(fixture(), "_table/sales", { ...params, order: "SUM_units", offset: 1 })).body).toEqual({
      resource: [{ region: "north", SUM_units: 60 }],
    });
  });

  test("takes what stands in a body", async () => {
    const body = { fields: ["kind", "COUNT(*)"], group: ["kind"], having: "COUNT_ALL > :n", params: { n: 3 } };
    const { body: answer } = await fixture().ask("POST", "_table/sales", {
      body,
      headers: { "X-HTTP-Method": "GET" },
    });
    expect(answer).toEqual({ resource: [{ kind: "b", COUNT_ALL: 4 }] });
  });
}
