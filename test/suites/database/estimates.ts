import { beforeAll, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const ROWS = 2000;
const WRONG = "The parameter 'count' must be 'exact' or 'estimated'.";

type Params = Readonly<Record<string, string | number | boolean>>;

/** Counts that a database guesses at. Where it does not, they are exact, and are not said to be anything else. */
export function estimateCases(fixture: () => Fixture, target: Target): void {
  const guesses = target.traits.estimates;

  beforeAll(async () => {
    const { database } = fixture();
    await database.query("CREATE TABLE grains (id INTEGER NOT NULL PRIMARY KEY, heap INTEGER NOT NULL)");
    for (let from = 0; from < ROWS; from += 500) {
      const rows = Array.from({ length: 500 }, (_, index) => `(${from + index}, ${(from + index) % 4})`);
      await database.query(`INSERT INTO grains (id, heap) VALUES ${rows.join(", ")}`);
    }
    if (guesses !== undefined) await database.query(guesses.analyze("grains"));
  });

  const ask = (params: Params) => get(fixture(), "_table/grains", { fields: "id", limit: 1, ...params });

  function expectAbout(meta: { readonly count: number }, count: number): void {
    const estimated = { count: expect.any(Number), count_estimated: true, next: 1 };
    expect(meta).toEqual(guesses === undefined ? { count, next: 1 } : estimated);
    expect(Number.isInteger(meta.count)).toBe(true);
    expect(meta.count).toBeGreaterThan(count / 3);
    expect(meta.count).toBeLessThan(count * 3);
  }

  test.each<readonly [Params, number]>([
    [{ include_count: true, count: "estimated" }, ROWS],
    [{ include_count: "estimated" }, ROWS],
    [{ include_count: "Estimated" }, ROWS],
    [{ include_count: true, count: " ESTIMATED " }, ROWS],
    [{ include_count: "estimated", filter: "id < 500" }, 500],
    [{ include_count: "estimated", filter: "id >= :n", params: '{"n":1500}' }, 500],
    [{ include_count: "estimated", order: "heap desc" }, ROWS],
  ])("stands beside the rows: %o", async (params, count) => {
    const { status, body } = await ask(params);
    expect(status).toBe(200);
    expect(body.resource).toHaveLength(1);
    expectAbout(body.meta, count);
  });

  test("is a bare number with count_only", async () => {
    const { text } = await fixture().ask("GET", "_table/grains?count_only=true&count=estimated&filter=id<1000");
    expect(text).toMatch(/^\d+$/);
    expect(Number(text)).toBeGreaterThan(300);
    expect(Number(text)).toBeLessThan(3000);
  });

  test("stands beside a page that a cursor leads to", async () => {
    const { body } = await ask({ include_count: "estimated", cursor: "" });
    expect(body.meta.count_estimated).toBe(guesses === undefined ? undefined : true);
    expect(body.meta.count).toBeGreaterThan(ROWS / 3);
    expect(body.meta.next_cursor).toEqual(expect.any(String));
  });

  test("stands beside groups", async () => {
    const { body } = await ask({ fields: "heap,COUNT(*)", group: "heap", order: "heap", include_count: "estimated" });
    expect(body.resource).toEqual([{ heap: 0, COUNT_ALL: ROWS / 4 }]);
    expect(body.meta.count_estimated).toBe(guesses === undefined ? undefined : true);
    expect(body.meta.count).toBeGreaterThan(0);
  });

  test.each<readonly [Params, object]>([
    [
      { fields: "heap,COUNT(*)", group: "heap", limit: 100 },
      { resource: 4, meta: { count: 4 } },
    ],
    [
      { fields: "heap,COUNT(*)", group: "heap", limit: 100, offset: 3 },
      { resource: 1, meta: { count: 4 } },
    ],
    [
      { filter: "id < 3", limit: 100 },
      { resource: 3, meta: { count: 3 } },
    ],
  ])("is no guess where the page holds the last row: %o", async (params, expected) => {
    const { body } = await ask({ ...params, include_count: true, count: "estimated" });
    expect({ resource: body.resource.length, meta: body.meta }).toEqual(expected);
  });

  test("goes through relationships and with ids", async () => {
    const related = await get(fixture(), "_table/customers", {
      include_count: "estimated",
      filter: "orders_by_customer_id.total > 1",
    });
    expect(related.status).toBe(200);
    expect(related.body.meta.count).toEqual(expect.any(Number));
    const named = await ask({ ids: "1,2", include_count: "estimated" });
    expect(named.body.meta).toEqual({ count: 2 });
  });

  test("finds about nothing where nothing can be", async () => {
    const { text } = await fixture().ask("GET", "_table/grains?count_only=true&count=estimated&filter=id<-5");
    expect(Number(text)).toBeLessThan(20);
  });

  test.each<readonly [Params, object]>([
    [{ include_count: true }, { count: ROWS, next: 1 }],
    [
      { include_count: true, count: "exact" },
      { count: ROWS, next: 1 },
    ],
    [
      { include_count: true, count: "" },
      { count: ROWS, next: 1 },
    ],
    [{ count: "estimated" }, { next: 1 }],
    [{ count: "exact" }, { next: 1 }],
    [{ include_count: "no", count: "estimated" }, { next: 1 }],
  ])("is not asked for by %o", async (params, meta) => {
    expect((await ask(params)).body).toEqual({ resource: [{ id: 0 }], meta });
  });

  test.each(["about", "true", "1", "estimate", "exact,estimated", "0"])("refuses count=%s", async (count) => {
    expect(await ask({ include_count: true, count })).toEqual({ status: 400, body: failure(400, WRONG) });
  });

  describe("costs", () => {
    test.each<readonly [string, number]>([
      ["include_count=estimated&limit=1", 2],
      ["count_only=true&count=estimated", 1],
      ["count=estimated&limit=1", 1],
    ])("%s: %i statements", async (query, count) => {
      await ask({});
      const statements = await fixture().statements(() => fixture().ask("GET", `_table/grains?${query}`));
      expect(statements).toHaveLength(count);
    });

    test("no look at the rows where the database guesses", async () => {
      await ask({});
      const [sql] = await fixture().statements(() =>
        fixture().ask("GET", "_table/grains?count_only=1&count=estimated"),
      );
      expect(sql).toMatch(guesses === undefined ? /^SELECT COUNT/ : /^EXPLAIN /);
    });
  });
}
