import { describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

/** Changes of the schema behind Millrace's back, seen on the first request that they matter to. */
export function refreshCases(fixture: () => Fixture, target: Target): void {
  const query = (sql: string) => fixture().database.query(sql);
  const GONE = { status: 404, body: failure(404, "Table 'fresh' does not exist in the database.") };

  /** A table `fresh` that Millrace has read a moment ago. */
  async function withFresh(work: () => Promise<void>): Promise<void> {
    try {
      await query(`CREATE TABLE fresh (id ${target.words.autoKey}, a VARCHAR(20), b INTEGER)`);
      await query("INSERT INTO fresh (id, a, b) VALUES (1, 'one', 10), (2, 'two', 20)");
      expect((await get(fixture(), "_table/fresh/1", { refresh: true })).body).toEqual({ id: 1, a: "one", b: 10 });
      await work();
    } finally {
      await query("DROP TABLE IF EXISTS fresh");
      await get(fixture(), "_table/fresh");
    }
  }

  describe("a table that was just created is", () => {
    test.each<readonly [path: string, status: number]>([
      ["_table/fresh", 200],
      ["_table/fresh/1", 404],
      ["_table/fresh?filter=a=1", 200],
      ["_schema/fresh", 200],
      ["_schema/fresh/_field/a", 200],
      ["_schema?ids=fresh", 200],
      ["_table?ids=fresh", 200],
    ])("found by %s", async (path, status) => {
      expect((await get(fixture(), "_table/fresh")).status).toBe(404);
      await query(`CREATE TABLE fresh (id ${target.words.autoKey}, a VARCHAR(20))`);
      try {
        expect((await fixture().ask("GET", path)).status).toBe(status);
      } finally {
        await query("DROP TABLE fresh");
      }
    });
  });

  describe("a column that was just added is", () => {
    test.each<readonly [path: string, body: unknown]>([
      ["_table/fresh/1?fields=id,c", { id: 1, c: 5 }],
      ["_table/fresh?fields=c&ids=2", { resource: [{ c: 5 }] }],
      ["_table/fresh?filter=c=5&fields=id&order=id", { resource: [{ id: 1 }, { id: 2 }] }],
      ["_table/fresh?order=c,id&fields=id", { resource: [{ id: 1 }, { id: 2 }] }],
      ["_table/fresh/5?id_field=c&fields=a&order=id", { a: "one" }],
      ["_table/fresh?count_only=true&filter=c>4", 2],
      ["_table/fresh/1?refresh=true", { id: 1, a: "one", b: 10, c: 5 }],
      ["_table/fresh?refresh=true&ids=1", { resource: [{ id: 1, a: "one", b: 10, c: 5 }] }],
    ])("found by %s", async (path, body) => {
      await withFresh(async () => {
        await query("ALTER TABLE fresh ADD COLUMN c INTEGER DEFAULT 5");
        const answer = await fixture().ask("GET", path);
        expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body });
      });
    });

    test("described on the first request that asks for it", async () => {
      await withFresh(async () => {
        await query("ALTER TABLE fresh ADD COLUMN c INTEGER DEFAULT 5");
        const { status, body } = await get(fixture(), "_schema/fresh/_field/c");
        expect([status, body.name, body.default]).toEqual([200, "c", "5"]);
        expect((await get(fixture(), "_schema/fresh")).body.field).toHaveLength(4);
      });
    });
  });

  describe("a column that was just dropped is missed by", () => {
    const UNKNOWN = failure(400, "Invalid field requested: 'b'.");
    test.each<readonly [path: string, status: number, body: unknown]>([
      ["_table/fresh/1", 200, { id: 1, a: "one" }],
      [
        "_table/fresh?order=id",
        200,
        {
          resource: [
            { id: 1, a: "one" },
            { id: 2, a: "two" },
          ],
        },
      ],
      ["_table/fresh?ids=2", 200, { resource: [{ id: 2, a: "two" }] }],
      ["_table/fresh?fields=a&ids=2", 200, { resource: [{ a: "two" }] }],
      ["_table/fresh?fields=b", 400, UNKNOWN],
      ["_table/fresh?fields=id&filter=b=10", 400, UNKNOWN],
      ["_table/fresh?fields=id&order=b", 400, UNKNOWN],
      ["_table/fresh?count_only=true&filter=b=10", 400, UNKNOWN],
      ["_table/fresh/10?id_field=b", 400, UNKNOWN],
    ])("%s", async (path, status, body) => {
      await withFresh(async () => {
        await query("ALTER TABLE fresh DROP COLUMN b");
        const answer = await fixture().ask("GET", path);
        expect({ status: answer.status, body: answer.body }).toEqual({ status, body });
      });
    });
  });

  describe("a column that was just renamed is", () => {
    test("read by its new name", async () => {
      await withFresh(async () => {
        await query("ALTER TABLE fresh RENAME COLUMN b TO d");
        expect(await get(fixture(), "_table/fresh/1")).toEqual({ status: 200, body: { id: 1, a: "one", d: 10 } });
      });
    });
  });

  describe("a table that was just dropped is gone for", () => {
    test.each([
      "_table/fresh",
      "_table/fresh/1",
      "_table/fresh?ids=1",
      "_table/fresh?filter=id=1",
      "_table/fresh?count_only=true",
    ])("%s", async (path) => {
      await withFresh(async () => {
        await query("DROP TABLE fresh");
        const answer = await fixture().ask("GET", path);
        expect({ status: answer.status, body: answer.body }).toEqual(GONE);
      });
    });

    test.each([
      "_schema/fresh?refresh=true",
      "_schema/fresh/_field?refresh=true",
      "_schema?ids=fresh&refresh=true",
      "_table?ids=fresh&refresh=true",
    ])("%s", async (path) => {
      await withFresh(async () => {
        await query("DROP TABLE fresh");
        const answer = await fixture().ask("GET", path);
        expect({ status: answer.status, body: answer.body }).toEqual(GONE);
      });
    });
  });

  test("a table that was dropped and made anew with other columns is read as it is now", async () => {
    await withFresh(async () => {
      await query("DROP TABLE fresh");
      await query("CREATE TABLE fresh (code VARCHAR(5) PRIMARY KEY, n INTEGER)");
      await query("INSERT INTO fresh (code, n) VALUES ('x', 1)");
      expect(await get(fixture(), "_table/fresh")).toEqual({ status: 200, body: { resource: [{ code: "x", n: 1 }] } });
      expect(await get(fixture(), "_table/fresh/x")).toEqual({ status: 200, body: { code: "x", n: 1 } });
    });
  });

  test("a relationship that was just added is found by a filter", async () => {
    await withFresh(async () => {
      await query(
        "CREATE TABLE fresher (id INTEGER PRIMARY KEY, fresh_id INTEGER, FOREIGN KEY (fresh_id) REFERENCES fresh (id))",
      );
      try {
        await query("INSERT INTO fresher (id, fresh_id) VALUES (7, 2)");
        const { body } = await get(fixture(), "_table/fresh", { filter: "fresher_by_fresh_id.id = 7", fields: "id" });
        expect(body).toEqual({ resource: [{ id: 2 }] });
      } finally {
        await query("DROP TABLE fresher");
      }
    });
  });

  test("the listing with refresh=true shows tables as they are", async () => {
    const names = async (params: object) =>
      (await get(fixture(), "_table", { as_list: true, ...params })).body.resource;
    await query("CREATE TABLE fresh (id INTEGER PRIMARY KEY)");
    expect(await names({ refresh: true })).toContain("fresh");
    await query("DROP TABLE fresh");
    expect(await names({ refresh: true })).not.toContain("fresh");
    expect(await names({})).not.toContain("fresh");
  });
}
