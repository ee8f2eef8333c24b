import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";
import { answerOf, ok, refused, rowsOf, SEEDED, slotsOf, tasksOf, withTasks } from "./tasks.ts";

/** Changes of rows by keys of several parts, of keys themselves, and of tables that have none. */
export const updateKeyCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const change = (path: string, body: Json) => answerOf(fixture().ask("PATCH", `_table/${path}`, { body }));

  describe("keys that change", () => {
    test.each([
      ["tasks/1", { id: 80001 }],
      ["tasks/1?fields=id,title", { id: 80001, title: "ann" }],
    ])("by %s are answered as they are now", async (path, expected) => {
      expect(await change(path, { id: 80001 })).toEqual(ok(expected));
      expect(await rowsOf(fixture(), "SELECT title FROM tasks WHERE id = 80001")).toEqual(["ann"]);
    });

    test("by a filter are answered as they are now", async () => {
      expect(await change("tasks?filter=title='bob'&fields=id,code", { id: 80002 })).toEqual(
        ok({ resource: [{ id: 80002, code: "b" }] }),
      );
    });

    test("a part of a composite key", async () => {
      expect(await change("slots/1,x", { b: "w" })).toEqual(ok({ a: 1, b: "w" }));
      expect(await slotsOf(fixture())).toEqual(["1 w one", "1 y two", "2 x,z three"]);
    });

    test("to one that is taken are refused", async () => {
      const message = "A record with the same value of 'id' already exists.";
      expect(await change("tasks/1", { id: 2 })).toEqual(refused(409, message));
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });
  });

  describe("a composite key", () => {
    test.each<[string, string, Json, unknown, string]>([
      ["in the path", "slots/1,y", { note: "new" }, { a: 1, b: "y" }, "1 y new"],
      ["in the path, in parentheses", "slots/(1,y)", { note: "new" }, { a: 1, b: "y" }, "1 y new"],
      [
        "in the path, a comma quoted",
        `slots/${encodeURIComponent('2,"x,z"')}`,
        { note: "new" },
        { a: 2, b: "x,z" },
        "2 x,z new",
      ],
      [
        "in ids of the body",
        "slots",
        { ids: [[1, "y"]], resource: { note: "new" } },
        { resource: [{ a: 1, b: "y" }] },
        "1 y new",
      ],
      [
        "in ids as objects",
        "slots",
        { ids: [{ b: "y", a: 1 }], resource: { note: "new" } },
        { resource: [{ a: 1, b: "y" }] },
        "1 y new",
      ],
      ["in a record", "slots", [{ b: "y", note: "new", a: 1 }], { resource: [{ a: 1, b: "y" }] }, "1 y new"],
    ])("is read %s", async (_title, path, body, expected, row) => {
      expect(await change(path, body)).toEqual(ok(expected));
      expect(await slotsOf(fixture())).toContain(row);
    });

    test.each<[string, string, Json, number, string]>([
      [
        "a part is missing in the path",
        "slots/1",
        { note: "n" },
        400,
        "An identifier of this table has 2 parts: (a,b).",
      ],
      [
        "a part is missing in the record",
        "slots",
        { a: 1, note: "n" },
        400,
        "Identifying field 'b' can not be empty for the request.",
      ],
      ["it is not there", "slots/1,q", { note: "n" }, 404, "Record with identifier '1,q' not found."],
    ])("is refused when %s", async (_title, path, body, status, message) => {
      expect(await change(path, body)).toEqual(refused(status, message));
    });
  });

  describe("a table without a key", () => {
    const noKey = "Table 'logs' has no primary key: name a field by 'id_field'.";
    const seed = () =>
      fixture().database.query("INSERT INTO logs (at, line) VALUES ('2024-01-02 03:04:05.5', 'one'), (NULL, 'two')");
    const lines = async () => {
      const rows = await rowsOf(fixture(), "SELECT line FROM logs ORDER BY line");
      await fixture().database.query("DELETE FROM logs");
      return rows;
    };

    test.each<[string, string, Json, unknown, readonly string[]]>([
      [
        "by a filter",
        "logs?filter=line='two'",
        { line: "new" },
        { resource: [{ at: null, line: "new" }] },
        ["new", "one"],
      ],
      [
        "by a filter, with fields",
        "logs?filter=line='one'&fields=line",
        { line: "new" },
        { resource: [{ line: "new" }] },
        ["new", "two"],
      ],
      ["by id_field", "logs/two?id_field=line", { line: "new" }, { at: null, line: "new" }, ["new", "one"]],
      ["by no row", "logs?filter=line='x'", { line: "new" }, { resource: [] }, ["one", "two"]],
    ])("changes %s", async (_title, path, body, expected, rows) => {
      await seed();
      const answer = await change(path, body);
      expect(await lines()).toEqual(rows);
      expect(answer).toEqual(ok(expected));
    });

    test("refuses ids, which it has not", async () => {
      expect(await change("logs/1", { line: "n" })).toEqual(refused(400, noKey));
      expect(await change("logs?ids=1,2", { line: "n" })).toEqual(refused(400, noKey));
      expect(await change("logs", { line: "n" })).toEqual(refused(400, noKey));
    });
  });
};
