import { beforeAll, describe, expect, test } from "vitest";
import { makeService } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import { createJourneys, KEYS, ORDERS, refill, row } from "./journeys.ts";
import { failure, get, queryOf } from "./reads.ts";
import type { Target } from "./target.ts";

type Params = Readonly<Record<string, string | number | boolean>>;
interface Page {
  readonly resource: readonly { readonly [name: string]: unknown }[];
  readonly meta?: { readonly next_cursor?: string; readonly count?: number };
}

const INVALID = "The cursor is not valid.";
const ANOTHER = "The cursor belongs to another query.";

const WRONG: readonly (readonly [params: Params, message: string])[] = [
  [{ cursor: "x" }, INVALID],
  [{ cursor: "0" }, INVALID],
  [{ cursor: "' OR 1=1" }, INVALID],
  [{ cursor: "x".repeat(20_000) }, INVALID],
  [{ cursor: "", offset: 1 }, "The parameter 'cursor' can not be used together with 'offset'."],
  [{ cursor: "", ids: "1" }, "The parameter 'cursor' can not be used together with 'ids'."],
  [{ cursor: "", limit: "all" }, "The parameter 'cursor' can not be used together with 'limit=all'."],
  [{ cursor: "", group: "name" }, "The parameter 'cursor' can not be used together with 'group'."],
  [{ cursor: "", fields: "COUNT(*)" }, "The parameter 'cursor' can not be used together with 'group'."],
  [{ cursor: "", limit: 0 }, "The parameter 'limit' must be a whole number of at least 1."],
  [{ cursor: "", order: "nosuch" }, "Invalid field requested: 'nosuch'."],
  [{ cursor: "", filter: "nosuch = 1" }, "Invalid field requested: 'nosuch'."],
];

/** Pages that are found by what their rows are sorted by. */
export function cursorCases(fixture: () => Fixture, target: Target): void {
  beforeAll(() => createJourneys(fixture(), target));

  const page = async (params: Params): Promise<Page> => {
    const { status, body } = await get(fixture(), "_table/journeys", params);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body;
  };

  /** All pages one after the other; `between` is done after each. */
  async function walk(params: Params, between: (turn: number) => Promise<unknown> = async () => {}): Promise<number[]> {
    const ids: number[] = [];
    let cursor: string | undefined = "";
    for (let turn = 0; cursor !== undefined; turn++) {
      const { resource, meta }: Page = await page({ fields: "id", ...params, cursor });
      ids.push(...resource.map(({ id }) => Number(id)));
      cursor = meta?.next_cursor;
      expect(turn).toBeLessThan(100);
      await between(turn);
    }
    return ids;
  }

  describe("gives each row once, in the order of one page", () => {
    test.each(ORDERS)("%s", async (order) => {
      const whole = (await page({ fields: "id", order })).resource.map(({ id }) => id);
      expect(whole).toHaveLength(KEYS.length);
      for (const limit of [1, 7]) {
        if (limit === 7 || order === ORDERS[0]) expect(await walk({ order, limit })).toEqual(whole);
      }
    });
  });

  describe("gives each row that stays once, while others come and go", () => {
    test.each(ORDERS.filter((_order, index) => index % 3 === 0))("%s", async (order) => {
      const { database } = fixture();
      const leaving = KEYS.filter((id) => id % 5 === 0);
      const found = await walk({ order, limit: 5 }, async (turn) => {
        const gone = leaving[turn];
        if (gone !== undefined) await database.query(`DELETE FROM journeys WHERE id = ${gone}`);
        await database.query(row(1000 + turn, target));
      });
      await refill(fixture(), target);
      const staying = found.filter((id) => KEYS.includes(id) && !leaving.includes(id));
      expect(staying.toSorted((a, b) => a - b)).toEqual(KEYS.filter((id) => !leaving.includes(id)));
      expect(new Set(found).size).toBe(found.length);
    });
  });

  for (const [number, [type, ...values]] of target.traits.oddTypes.entries()) {
    test(`pages by ${type || "a column without a type"}`, async () => {
      const { database, ask } = fixture();
      const table = `odd_${number}`;
      await database.query(`CREATE TABLE ${table} (id INTEGER NOT NULL PRIMARY KEY, v ${type})`);
      const cells = [...values, "NULL", ...values, "NULL"];
      const rows = cells.map((cell, index) => `(${index}, ${cell})`);
      await database.query(`INSERT INTO ${table} (id, v) VALUES ${rows.join(", ")}`);
      for (const order of ["v", "v desc, id desc", "v nulls first", "v nulls last"]) {
        const whole = await get(fixture(), `_table/${table}`, { order, refresh: true });
        const found: unknown[] = [];
        for (let cursor: string | undefined = ""; cursor !== undefined; ) {
          const { status, body } = await ask("GET", `_table/${table}?${queryOf({ cursor, order, limit: 1 })}`);
          expect({ status, body }).toMatchObject({ status: 200 });
          found.push(...body.resource);
          cursor = body.meta?.next_cursor;
          expect(found.length).toBeLessThanOrEqual(cells.length);
        }
        expect(found).toEqual(whole.body.resource);
        expect(found).toHaveLength(cells.length);
      }
    });
  }

  test("goes on behind a row that is gone by now", async () => {
    const first = await page({ cursor: "", limit: 3, fields: "id" });
    expect(first.resource).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await fixture().database.query("DELETE FROM journeys WHERE id = 3");
    const second = await page({ cursor: first.meta?.next_cursor ?? "", limit: 2, fields: "id" });
    await refill(fixture(), target);
    expect(second.resource).toEqual([{ id: 4 }, { id: 5 }]);
  });

  test("gives the fields that are asked for, and no others", async () => {
    const first = await page({ cursor: "", limit: 2, fields: "name", order: "amount desc" });
    expect(Object.keys(first.resource[0] ?? {})).toEqual(["name"]);
    const second = await page({
      cursor: first.meta?.next_cursor ?? "",
      limit: 2,
      fields: "name,id",
      order: "amount desc",
    });
    expect(Object.keys(second.resource[0] ?? {})).toEqual(["name", "id"]);
  });

  test("gives every field when none is named, as other reads do", async () => {
    const { resource } = await page({ cursor: "", limit: 1 });
    expect(resource).toEqual([(await get(fixture(), "_table/journeys/1")).body]);
  });

  test("tells no next cursor on the last page, and no next offset on any", async () => {
    const first = await page({ cursor: "", limit: 2, filter: "id < 4", fields: "id" });
    expect(Object.keys(first.meta ?? {})).toEqual(["next_cursor"]);
    const params = { filter: "id < 4", fields: "id", limit: 2 };
    expect(await page({ ...params, cursor: first.meta?.next_cursor ?? "" })).toEqual({ resource: [{ id: 3 }] });
  });

  test("begins with an empty cursor on an empty table too", async () => {
    expect(await page({ cursor: "", filter: "id < 0" })).toEqual({ resource: [] });
  });

  test("lets the limit and the fields change from page to page", async () => {
    const first = await page({ cursor: "", limit: 1, fields: "id" });
    const second = await page({ cursor: first.meta?.next_cursor ?? "", limit: 3, fields: "id" });
    const third = await page({ cursor: second.meta?.next_cursor ?? "", limit: 2, fields: "id" });
    expect([first, second, third].map(({ resource }) => resource.map(({ id }) => id))).toEqual([
      [1],
      [2, 3, 4],
      [5, 6],
    ]);
  });

  test("counts all rows of the query beside each page", async () => {
    const first = await page({ cursor: "", limit: 1, filter: "id <= 4", include_count: true });
    expect(first.meta?.count).toBe(4);
    const params = { limit: 1, filter: "id <= 4", include_count: true };
    expect((await page({ ...params, cursor: first.meta?.next_cursor ?? "" })).meta?.count).toBe(4);
  });

  test("leaves a count alone as it is", async () => {
    expect((await fixture().ask("GET", "_table/journeys?cursor=&count_only=true&filter=id<4")).text).toBe("3");
  });

  test("costs one statement a page", async () => {
    const { meta } = await page({ cursor: "", limit: 2 });
    const cursor = encodeURIComponent(meta?.next_cursor ?? "");
    const statements = await fixture().statements(() =>
      fixture().ask("GET", `_table/journeys?limit=2&cursor=${cursor}`),
    );
    expect(statements).toHaveLength(1);
    expect(statements[0]).not.toMatch(/OFFSET/);
  });

  test("costs no statement when the cursor is refused", async () => {
    const ask = () => fixture().ask("GET", "_table/journeys?limit=2&cursor=nonsense");
    await ask();
    expect(await fixture().statements(ask)).toEqual([]);
  });

  test("says nothing of its values", async () => {
    const { meta } = await page({ cursor: "", limit: 1, order: "name", filter: "name = 'b'" });
    expect(meta?.next_cursor).toMatch(/^[\w.:-]+$/);
    expect(meta?.next_cursor).not.toBe(
      (await page({ cursor: "", limit: 1, order: "name", filter: "name = 'b'" })).meta?.next_cursor,
    );
  });

  test("pages by a composite key, a text key and a uuid key", async () => {
    for (const [table, count] of [
      ["order_items", 4],
      ["countries", 3],
      ["things", 2],
    ] as const) {
      const rows: unknown[] = [];
      for (let cursor: string | undefined = ""; cursor !== undefined; ) {
        const { body } = await get(fixture(), `_table/${table}`, { cursor, limit: 1 });
        rows.push(...body.resource);
        cursor = body.meta?.next_cursor;
      }
      expect(rows).toHaveLength(count);
      expect(rows).toEqual((await get(fixture(), `_table/${table}`)).body.resource);
    }
  });

  test("brings related rows along", async () => {
    const params = { related: "orders_by_customer_id", fields: "first_name", order: "age desc nulls last", limit: 2 };
    const whole = (await get(fixture(), "_table/customers", { ...params, limit: 5 })).body.resource;
    const first = (await get(fixture(), "_table/customers", { ...params, cursor: "" })).body;
    expect(first.resource).toEqual(whole.slice(0, 2));
    const { body } = await get(fixture(), "_table/customers", { ...params, cursor: first.meta.next_cursor });
    expect(body.resource).toEqual(whole.slice(2, 4));
    expect(Object.keys(body.resource[0])).toEqual(["first_name", "orders_by_customer_id"]);
  });

  test("pages by hostile names", async () => {
    const path = `_table/${encodeURIComponent("order details (new)")}`;
    const first = (await get(fixture(), path, { cursor: "", limit: 1, order: "`a.b` desc", fields: "id" })).body;
    expect(first.resource).toEqual([{ id: 2 }]);
    const params = { cursor: first.meta.next_cursor, limit: 1, order: "`a.b` desc", fields: "id" };
    expect((await get(fixture(), path, params)).body).toEqual({ resource: [{ id: 1 }] });
  });

  describe("refuses with a sentence", () => {
    test.each(WRONG)("%o", async (params, message) => {
      expect(await get(fixture(), "_table/journeys", params)).toEqual({ status: 400, body: failure(400, message) });
    });

    test.each([
      ["another filter", { filter: "id > 1" }],
      ["no filter", { filter: "" }],
      ["another value of a parameter", { params: '{":n":1}' }],
      ["another order", { order: "amount desc" }],
      ["another place of NULL", { order: "amount nulls first" }],
      ["no order", { order: "" }],
    ] as const)("a cursor that was given for %s", async (_title, change) => {
      const base = { filter: "id > :n", params: '{":n":0}', order: "amount nulls last", limit: 1 };
      const { meta } = await page({ ...base, cursor: "" });
      const cursor = meta?.next_cursor ?? "";
      expect((await page({ ...base, cursor })).resource).toHaveLength(1);
      const answer = await get(fixture(), "_table/journeys", { ...base, ...change, cursor });
      expect(answer).toEqual({ status: 400, body: failure(400, ANOTHER) });
    });

    test("a cursor that was given for another table", async () => {
      const { meta } = await page({ cursor: "", limit: 1 });
      const answer = await get(fixture(), "_table/customers", { cursor: meta?.next_cursor ?? "" });
      expect(answer).toEqual({ status: 400, body: failure(400, ANOTHER) });
    });

    test("a cursor that was given for another service", async () => {
      await makeService(fixture().house, "twin", target.type, fixture().database.config as never);
      const { meta } = await page({ cursor: "", limit: 1 });
      const cursor = encodeURIComponent(meta?.next_cursor ?? "");
      const { status, body } = await fixture().house.ask("GET", `twin/_table/journeys?cursor=${cursor}`);
      expect({ status, body }).toEqual({ status: 400, body: failure(400, ANOTHER) });
    });

    test("a cursor of which one character was changed", async () => {
      const { meta } = await page({ cursor: "", limit: 1 });
      const good = meta?.next_cursor ?? "";
      for (const at of [3, Math.floor(good.length / 2), good.length - 3]) {
        const cursor = good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1);
        expect(await get(fixture(), "_table/journeys", { cursor })).toEqual({
          status: 400,
          body: failure(400, INVALID),
        });
      }
    });

    test("a table without a key", async () => {
      const message = "Table 'logs' has no primary key: it can not be paged by cursor.";
      expect(await get(fixture(), "_table/logs", { cursor: "" })).toEqual({ status: 400, body: failure(400, message) });
    });

    test("JSON in the order", async () => {
      const { status, body } = await get(fixture(), "_table/journeys", { cursor: "", order: "extra" });
      expect(status).toBe(400);
      expect(body.error.message).toMatch(/^Field 'extra' can not be in the order of a cursor: it is of type jsonb?\.$/);
    });

    test("a field of another table in the order", async () => {
      const message = "Field 'name' can not be in the order of a cursor: it is one of another table.";
      const answer = await get(fixture(), "_table/customers", { cursor: "", order: "countries_by_country.name" });
      expect(answer).toEqual({ status: 400, body: failure(400, message) });
    });

    test("values that are too long to be carried back and forth", async () => {
      await fixture().database.query(row(500, target, { long: "x".repeat(5000) }));
      const answer = await get(fixture(), "_table/journeys", {
        cursor: "",
        order: "long_text desc",
        limit: 1,
        filter: "long_text is not null",
      });
      await refill(fixture(), target);
      const message = "The values of 'long_text', 'id' are too long for a cursor: order by other fields.";
      expect([answer.status === 200 ? answer.body.meta : answer]).toEqual([
        { status: 400, body: failure(400, message) },
      ]);
    });

    test.each([
      ["GET", "_table/journeys/1?cursor="],
      ["POST", "_table/journeys?cursor="],
      ["PATCH", "_table/journeys?ids=1&cursor=x"],
      ["DELETE", "_table/journeys?filter=id=1&cursor=x"],
    ])("%s %s", async (verb, path) => {
      const answer = await fixture().ask(verb, path, verb === "GET" ? {} : { body: { name: "x" } });
      const message = "The parameter 'cursor' can only be used in a read of a list.";
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 400, body: failure(400, message) });
      expect((await fixture().ask("GET", "_table/journeys?count_only=true")).text).toBe(String(KEYS.length));
    });
  });
}
