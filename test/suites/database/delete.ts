import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";
import { answerOf, ok, refused, rowsOf, SEEDED, slotsOf, tasksOf, tasksWith, withTasks } from "./tasks.ts";

/** DELETE on tables. */
export const deleteCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const remove = (path: string, body?: Json) =>
    answerOf(fixture().ask("DELETE", `_table/${path}`, body === undefined ? {} : { body }));

  test.each<[string, string, Json | undefined, unknown, readonly string[]]>([
    ["a row by its id", "tasks/2", undefined, { id: 2 }, ["bob"]],
    ["a row by its id, with fields", "tasks/2?fields=title,twice", undefined, { title: "bob", twice: 40 }, ["bob"]],
    ["rows by ids", "tasks?ids=3,1", undefined, { resource: [{ id: 3 }, { id: 1 }] }, ["ann", "cid"]],
    ["one row by ids", "tasks?ids=3", undefined, { resource: [{ id: 3 }] }, ["cid"]],
    ["rows by ids that are said twice", "tasks?ids=3,3", undefined, { resource: [{ id: 3 }] }, ["cid"]],
    [
      "rows by ids, with fields",
      "tasks?ids=3,1&fields=code",
      undefined,
      { resource: [{ code: "c" }, { code: "a" }] },
      ["ann", "cid"],
    ],
    ["rows by ids in the body", "tasks", { ids: [1, 2] }, { resource: [{ id: 1 }, { id: 2 }] }, ["ann", "bob"]],
    [
      "rows by ids as a text in the body",
      "tasks",
      { ids: "1,2" },
      { resource: [{ id: 1 }, { id: 2 }] },
      ["ann", "bob"],
    ],
    [
      "rows by records",
      "tasks",
      { resource: [{ id: 2 }, { id: 1 }] },
      { resource: [{ id: 2 }, { id: 1 }] },
      ["ann", "bob"],
    ],
    ["rows by a bare list of records", "tasks", [{ id: 2, title: "x" }], { resource: [{ id: 2 }] }, ["bob"]],
    ["a row by a bare record", "tasks", { id: 2 }, { id: 2 }, ["bob"]],
    ["rows by a filter", "tasks?filter=points%3E15", undefined, { resource: [{ id: 2 }, { id: 3 }] }, ["bob", "cid"]],
    ["rows by a filter in the body", "tasks", { filter: "points > 25" }, { resource: [{ id: 3 }] }, ["cid"]],
    [
      "rows by a filter with params",
      "tasks",
      { filter: "title = :t", params: { ":t": "cid" } },
      { resource: [{ id: 3 }] },
      ["cid"],
    ],
    ["no row by a filter", "tasks?filter=points%3E99", undefined, { resource: [] }, []],
    ["rows by ids rather than by a filter", "tasks?ids=1&filter=id=2", undefined, { resource: [{ id: 1 }] }, ["ann"]],
    ["a row by id_field", "tasks/b?id_field=code", undefined, { id: 2 }, ["bob"]],
    [
      "rows by ids of id_field",
      "tasks?id_field=code&ids=c,a",
      undefined,
      { resource: [{ id: 3 }, { id: 1 }] },
      ["ann", "cid"],
    ],
    ["rows by records with their id_field", "tasks?id_field=code", [{ code: "c" }], { resource: [{ id: 3 }] }, ["cid"]],
    ["all rows with force", "tasks?force=true", undefined, { success: true }, ["ann", "bob", "cid", "dan"]],
    ["all rows with force in the body", "tasks", { force: true }, { success: true }, ["ann", "bob", "cid", "dan"]],
    ["only those of ids in spite of force", "tasks?force=true&ids=1", undefined, { resource: [{ id: 1 }] }, ["ann"]],
    [
      "only those of a filter in spite of force",
      "tasks?force=true&filter=id=1",
      undefined,
      { resource: [{ id: 1 }] },
      ["ann"],
    ],
    ["only those of records in spite of force", "tasks?force=true", [{ id: 1 }], { resource: [{ id: 1 }] }, ["ann"]],
  ])("removes %s", async (_title, path, body, expected, gone) => {
    expect(await remove(path, body)).toEqual(ok(expected));
    expect(await tasksOf(fixture())).toEqual(tasksWith(Object.fromEntries(gone.map((title) => [title, null]))));
  });

  const all = "To delete all records of a table say 'force=true'; else name them by 'ids' or 'filter'.";
  test.each<[string, string, Json | undefined, number, string]>([
    ["nothing is named", "tasks", undefined, 400, all],
    ["an empty object is sent", "tasks", {}, 400, all],
    ["ids is empty", "tasks?ids=", undefined, 400, "The parameter 'ids' names no record."],
    ["filter is empty", "tasks?filter=", undefined, 400, all],
    ["force is false", "tasks?force=false", undefined, 400, all],
    ["only other options are sent", "tasks", { fields: "*" }, 400, all],
    ["the list is empty", "tasks", { resource: [] }, 400, "No record(s) detected in request."],
    ["the list is empty in spite of force", "tasks?force=true", [], 400, "No record(s) detected in request."],
    [
      "a record has no key",
      "tasks",
      [{ title: "ann" }],
      400,
      "Identifying field 'id' can not be empty for the request.",
    ],
    [
      "a bare record has no key, in spite of force",
      "tasks?force=true",
      { title: "ann" },
      400,
      "Identifying field 'id' can not be empty for the request.",
    ],
    ["the id is not there", "tasks/77", undefined, 404, "Record with identifier '77' not found."],
    ["the bare record is not there", "tasks", { id: 77 }, 404, "Record with identifier '77' not found."],
    ["the id is of another type", "tasks/one", undefined, 400, "Field 'id' must be a valid integer."],
    ["a field of the answer is unknown", "tasks/1?fields=colour", undefined, 400, "Invalid field requested: 'colour'."],
    ["the filter is wrong", "tasks?filter=colour=1", undefined, 400, "Invalid field requested: 'colour'."],
  ])("removes nothing when %s", async (_title, path, body, status, message) => {
    expect(await remove(path, body)).toEqual(refused(status, message));
    expect(await tasksOf(fixture())).toEqual(SEEDED);
  });

  test("answers whole rows as they were", async () => {
    expect(await remove("tasks?filter=id=1&fields=*")).toEqual(
      ok({
        resource: [
          {
            ...{ id: 1, title: "ann", code: "a", points: 10, country: "DE", amount: 1 },
            ...{ price: null, due: null, twice: 20 },
          },
        ],
      }),
    );
  });

  describe("a composite key", () => {
    test.each<[string, string, Json | undefined, unknown]>([
      ["in the path", "slots/1,y", undefined, { a: 1, b: "y" }],
      ["in ids", "slots?ids=(1,y)", undefined, { resource: [{ a: 1, b: "y" }] }],
      ["in ids of the body", "slots", { ids: [[1, "y"]] }, { resource: [{ a: 1, b: "y" }] }],
      ["in a record", "slots", [{ b: "y", a: 1 }], { resource: [{ a: 1, b: "y" }] }],
    ])("is read %s", async (_title, path, body, expected) => {
      expect(await remove(path, body)).toEqual(ok(expected));
      expect(await slotsOf(fixture())).toEqual(["1 x one", "2 x,z three"]);
    });
  });

  test("an id in the path that several rows have changes none of them", async () => {
    await fixture().database.query("UPDATE tasks SET points = 10 WHERE id IN (2, 3)");
    const expected = refused(400, "Several records have this value of 'points': name them by 'ids' or 'filter'.");
    expect(await remove("tasks/10?id_field=points")).toEqual(expected);
    const path = "_table/tasks/10?id_field=points";
    expect(await answerOf(fixture().ask("PATCH", path, { body: { title: "x" } }))).toEqual(expected);
    expect(await tasksOf(fixture())).toEqual(tasksWith({ bob: "bob b 10", cid: "cid c 10" }));
  });

  test("a table without a key gives up rows by a filter, an id_field or force", async () => {
    await fixture().database.query(
      "INSERT INTO logs (at, line) VALUES (NULL, 'a'), (NULL, 'b'), (NULL, 'c'), (NULL, 'd')",
    );
    expect(await remove("logs?filter=line='a'")).toEqual(ok({ resource: [{ at: null, line: "a" }] }));
    expect(await remove("logs/b?id_field=line&fields=line")).toEqual(ok({ line: "b" }));
    expect(await remove("logs", [{ line: "c" }])).toEqual(
      refused(400, "Table 'logs' has no primary key: name a field by 'id_field'."),
    );
    expect(await rowsOf(fixture(), "SELECT line FROM logs ORDER BY line")).toEqual(["c", "d"]);
    expect(await remove("logs?force=true")).toEqual(ok({ success: true }));
    expect(await rowsOf(fixture(), "SELECT line FROM logs")).toEqual([]);
  });

  test("rows that refer to a row go with it where the database says so", async () => {
    const { query } = fixture().database;
    await query("INSERT INTO customers (id, first_name, last_name) VALUES (500, 'a', 'b')");
    await query("INSERT INTO orders (id, customer_id, placed, total) VALUES (500, 500, '2024-01-01', 1)");
    expect(await remove("customers/500")).toEqual(ok({ id: 500 }));
    expect(await rowsOf(fixture(), "SELECT id FROM orders WHERE id = 500")).toEqual([]);
  });
};
