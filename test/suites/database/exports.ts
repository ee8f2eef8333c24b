import { beforeAll, describe, expect, test } from "vitest";
import { failure, get } from "./reads.ts";
import type { Cases } from "./suite.ts";

const ROWS = 2_500;

/** What an operation of a batch that failed answers. */
interface Failed {
  readonly status: number;
  readonly body: { readonly error: { readonly message: string } };
}

/** `limit=all`: every row, as it is read. */
export const exportCases: Cases = (fixture, { words }) => {
  beforeAll(async () => {
    const { database } = fixture();
    await database.query(`CREATE TABLE measures (
      id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40), grade INTEGER, big ${words.bigint}, price ${words.decimal(20, 4)},
      rate ${words.double}, good ${words.boolean}, at ${words.datetime}, note ${words.text}, data ${words.json}, raw ${words.binary})`);
    await database.query("CREATE TABLE loose_lines (n INTEGER, name VARCHAR(40))");
    for (let from = 1; from <= ROWS; from += 500) {
      const ids = Array.from({ length: 500 }, (_, at) => from + at);
      await database.query(`INSERT INTO measures (id, name, grade, big, price, rate, note, data)
        VALUES ${ids.map((id) => `(${id}, 'name ${id}', ${id % 7 === 0 ? "NULL" : id % 10}, 900719925474099${id % 10}, ${id}.2500, 0.5, 'a "note" ü ${id}', '{"n":${id}}')`)}`);
      await database.query(`INSERT INTO loose_lines (n, name) VALUES ${ids.map((id) => `(${id % 3}, 'line ${id}')`)}`);
    }
  });

  /** What pages of the same query hold, all together. */
  const paged = async (table: string, params: Readonly<Record<string, string>>) => {
    const texts: string[] = [];
    for (let offset = Number(params.offset ?? 0); ; offset += 1000) {
      const query = new URLSearchParams({ ...params, limit: "1000", offset: String(offset) });
      const { text } = await fixture().ask("GET", `_table/${table}?${query}`);
      texts.push(text.slice('{"resource":['.length, text.lastIndexOf("]")));
      if (!text.includes('"next"')) return texts.filter((each) => each !== "").join(",");
    }
  };
  const exported = async (table: string, params: Readonly<Record<string, string>>) => {
    const { status, text } = await fixture().ask(
      "GET",
      `_table/${table}?${new URLSearchParams({ ...params, limit: "all" })}`,
    );
    expect(status).toBe(200);
    return text;
  };

  test.each<[string, Readonly<Record<string, string>>]>([
    ["by the key", {}],
    ["by the key, backwards", { order: "id desc" }],
    ["by a field that holds NULL", { order: "grade" }],
    ["by a field that holds NULL, backwards", { order: "grade desc" }],
    ["with NULL first", { order: "grade asc nulls first" }],
    ["with NULL last", { order: "grade desc nulls last" }],
    ["by two fields", { order: "grade desc, name" }],
    ["by a big number", { order: "big" }],
    ["by a text", { order: "name" }],
    ["of some fields", { fields: "name,big" }],
    ["of some fields, by others", { fields: "name", order: "grade, id desc" }],
    ["of a filter", { filter: "grade = 3" }],
    ["of a filter and an order", { filter: "(grade > 3) AND (id < 2000)", order: "grade, id" }],
    ["of a filter that finds nothing", { filter: "id < 0" }],
    ["of a filter with a parameter", { filter: "name = :n", params: '{":n":"name 7"}' }],
    ["from an offset on", { offset: "1234" }],
    ["from an offset behind the last row", { offset: "9999" }],
    ["from an offset, in an order", { offset: "100", order: "grade desc" }],
  ])("holds exactly what the pages hold: %s", async (_, params) => {
    expect(await exported("measures", params)).toBe(`{"resource":[${await paged("measures", params)}]}`);
  });

  test("holds all rows of a table without a key", async () => {
    const { resource } = JSON.parse(await exported("loose_lines", { fields: "name" }));
    const names = new Set(resource.map((row: { readonly name: string }) => row.name));
    expect([resource.length, names.size]).toEqual([ROWS, ROWS]);
  });

  test("holds all rows of a view", async () => {
    const { resource } = JSON.parse(await exported("customer_names", { order: "id", fields: "id" }));
    expect(resource.map((row: { readonly id: number }) => row.id)).toEqual([1, 2, 3, 4, 5]);
  });

  test("holds every kind of value as a page does", async () => {
    expect(await exported("customers", { order: "id" })).toBe(
      `{"resource":[${await paged("customers", { order: "id" })}]}`,
    );
  });

  test("is not cut off by the largest page of the service", async () => {
    const { resource, meta } = JSON.parse(await exported("measures", { fields: "id" }));
    expect([resource.length, meta]).toEqual([ROWS, undefined]);
  });

  test("may be asked for in capitals and by the other name of limit", async () => {
    const { body } = await fixture().ask("GET", "_table/measures?top=ALL&fields=id");
    expect(body.resource).toHaveLength(ROWS);
  });

  test.each(["include_count", "include_schema"])("can not be combined with %s", async (name) => {
    expect(await get(fixture(), "_table/measures", { limit: "all", [name]: true })).toEqual({
      status: 400,
      body: failure(400, `The parameter '${name}' can not be used with limit=all.`),
    });
  });

  test("can not be combined with a cursor", async () => {
    const { status } = await get(fixture(), "_table/measures", { limit: "all", cursor: "" });
    expect(status).toBe(400);
  });

  test("counts as before when only the count is asked for", async () => {
    expect(await get(fixture(), "_table/measures", { limit: "all", count_only: true })).toEqual({
      status: 200,
      body: ROWS,
    });
  });

  test("gives the rows of ids as before", async () => {
    const { body } = await get(fixture(), "_table/measures", { limit: "all", ids: "3,1", fields: "id" });
    expect(body).toEqual({ resource: [{ id: 3 }, { id: 1 }] });
  });

  describe("what is wrong is told before the first row", () => {
    test.each([
      ["an unknown field", { fields: "nothing" }, 400],
      ["an unknown field in the order", { order: "nothing" }, 400],
      ["a filter that can not be read", { filter: "id = " }, 400],
    ])("%s", async (_, params, status) => {
      expect((await get(fixture(), "_table/measures", { limit: "all", ...params })).status).toBe(status);
    });

    test("a table that is not there", async () => {
      expect((await get(fixture(), "_table/nothing", { limit: "all" })).status).toBe(404);
    });
  });

  test("a table that is read by many at once is given to each of them whole", async () => {
    const texts = await Promise.all(Array.from({ length: 6 }, () => exported("measures", { fields: "id" })));
    expect(new Set(texts.map((text) => JSON.parse(text).resource.length))).toEqual(new Set([ROWS]));
  });

  test("that is an operation of a batch is refused, and holds no connection", async () => {
    const ops = Array.from({ length: 12 }, () => ({ method: "GET", path: "_table/measures?limit=all" }));
    const { status, body } = await fixture().ask("POST", "_batch", { body: { atomic: false, ops } });
    const message = "An operation of a batch can not answer with a stream (limit=all).";
    const errors = body.resource.map((each: Failed) => [each.status, each.body.error.message]);
    expect([status, errors]).toEqual([200, ops.map(() => [400, message])]);
    const texts = await Promise.all(Array.from({ length: 4 }, () => exported("measures", { fields: "id" })));
    expect(texts.map((text) => JSON.parse(text).resource.length)).toEqual([ROWS, ROWS, ROWS, ROWS]);
  });

  test("HEAD answers without a body and holds no connection", async () => {
    const { house, key } = fixture();
    for (let time = 0; time < 12; time++) {
      const response = await fetch(`${house.url}/api/v2/under_test/_table/measures?limit=all`, {
        method: "HEAD",
        headers: { "X-API-Key": key },
      });
      expect([response.status, await response.text()]).toEqual([200, ""]);
    }
    expect((await get(fixture(), "_table/measures", { limit: 1, fields: "id", order: "id" })).body.resource).toEqual([
      { id: 1 },
    ]);
  });
};
