import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";
import {
  answerOf,
  batchFailure,
  ok,
  refusal,
  refused,
  rowsOf,
  SEEDED,
  tasksOf,
  tasksWith,
  withTasks,
} from "./tasks.ts";

const nobody = (id: number | string) => `Record with identifier '${id}' not found.`;

/** PUT and PATCH on tables, which on SQL are the same. */
export const updateCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const change = (path: string, body: Json, verb = "PATCH") =>
    answerOf(fixture().ask(verb, `_table/${path}`, { body }));

  describe.each(["PUT", "PATCH"])("%s", (verb) => {
    test.each<[string, string, Json, unknown, Readonly<Record<string, string>>]>([
      ["a row by its id", "tasks/2", { points: 21 }, { id: 2 }, { bob: "bob b 21" }],
      [
        "a row by its id, with a wrapped record",
        "tasks/2",
        { resource: [{ points: 21 }] },
        { id: 2 },
        { bob: "bob b 21" },
      ],
      [
        "a row by its id, with a wrapped object",
        "tasks/2",
        { resource: { points: 21 } },
        { id: 2 },
        { bob: "bob b 21" },
      ],
      ["a field to null", "tasks/2", { code: null }, { id: 2 }, { bob: "bob null 20" }],
      ["a field to what it is", "tasks/2", { points: 20 }, { id: 2 }, {}],
      ["a row by a record that repeats its key", "tasks/2", { id: 2, points: 21 }, { id: 2 }, { bob: "bob b 21" }],
      [
        "rows by ids",
        "tasks?ids=3,1",
        { points: 7 },
        { resource: [{ id: 3 }, { id: 1 }] },
        { ann: "ann a 7", cid: "cid c 7" },
      ],
      [
        "rows by ids that are said twice",
        "tasks?ids=1,1",
        [{ points: 7 }],
        { resource: [{ id: 1 }] },
        { ann: "ann a 7" },
      ],
      ["one row by ids", "tasks?ids=1", { resource: [{ points: 7 }] }, { resource: [{ id: 1 }] }, { ann: "ann a 7" }],
      [
        "rows by ids in the body",
        "tasks",
        { ids: [1, 2], resource: [{ points: 7 }] },
        { resource: [{ id: 1 }, { id: 2 }] },
        { ann: "ann a 7", bob: "bob b 7" },
      ],
      ["rows by a filter", "tasks?filter=points=20", { points: 7 }, { resource: [{ id: 2 }] }, { bob: "bob b 7" }],
      ["no row by a filter", "tasks?filter=points=99", { points: 7 }, { resource: [] }, {}],
      [
        "rows by a filter in the body",
        "tasks",
        { filter: "title = 'bob'", resource: { points: 7 } },
        { resource: [{ id: 2 }] },
        { bob: "bob b 7" },
      ],
      [
        "rows by records with their keys",
        "tasks",
        [
          { id: 2, points: 7 },
          { id: 1, code: "z" },
        ],
        { resource: [{ id: 2 }, { id: 1 }] },
        { ann: "ann z 10", bob: "bob b 7" },
      ],
      ["a row by a bare record with its key", "tasks", { id: 2, points: 7 }, { id: 2 }, { bob: "bob b 7" }],
      [
        "rows by ids rather than by a filter",
        "tasks?ids=1&filter=id=2",
        { points: 7 },
        { resource: [{ id: 1 }] },
        { ann: "ann a 7" },
      ],
      ["a row by id_field", "tasks/b?id_field=code", { points: 7 }, { id: 2 }, { bob: "bob b 7" }],
      [
        "rows by ids of id_field",
        "tasks?id_field=code&ids=c,a",
        { points: 7 },
        { resource: [{ id: 3 }, { id: 1 }] },
        { ann: "ann a 7", cid: "cid c 7" },
      ],
      [
        "rows by records with their id_field",
        "tasks?id_field=code",
        [{ code: "b", points: 7 }],
        { resource: [{ id: 2 }] },
        { bob: "bob b 7" },
      ],
    ])("changes %s", async (_title, path, body, expected, changes) => {
      expect(await change(path, body, verb)).toEqual(ok(expected));
      expect(await tasksOf(fixture())).toEqual(tasksWith(changes));
    });

    test("sets only the fields that were sent", async () => {
      expect(await change("tasks/1?fields=*", { price: 2.5 }, verb)).toEqual(
        ok({
          ...{ id: 1, title: "ann", code: "a", points: 10, country: "DE", amount: 1 },
          ...{ price: { rawJSON: "2.50" }, due: null, twice: 20 },
        }),
      );
    });

    test("answers by a filter the rows it changed, though they no longer match", async () => {
      expect(await change("tasks?filter=points%20%3E%3D%2020&fields=id,points", { points: 1 }, verb)).toEqual(
        ok({
          resource: expect.arrayContaining([
            { id: 2, points: 1 },
            { id: 3, points: 1 },
          ]),
        }),
      );
      expect(await tasksOf(fixture())).toEqual(tasksWith({ bob: "bob b 1", cid: "cid c 1" }));
    });
  });

  test.each<[string, string, Json, number, string]>([
    ["a row that is not there", "tasks/77", { points: 1 }, 404, nobody(77)],
    ["a row of an id_field that is not there", "tasks/zz?id_field=code", { points: 1 }, 404, nobody("zz")],
    ["a bare record of a key that is not there", "tasks", { id: 77, points: 1 }, 404, nobody(77)],
    ["an id of another type", "tasks/one", { points: 1 }, 400, "Field 'id' must be a valid integer."],
    ["by no body", "tasks/1", "", 400, "No record(s) detected in request."],
    ["by an empty record", "tasks/1", {}, 400, "No valid fields were found in record."],
    ["by unknown fields alone", "tasks/1", { colour: "red" }, 400, "No valid fields were found in record."],
    ["by computed fields alone", "tasks/1", { twice: 7 }, 400, "No valid fields were found in record."],
    ["by two records", "tasks/1", [{ points: 1 }, { points: 2 }], 400, "The request must hold exactly one record."],
    [
      "ids by two records",
      "tasks?ids=1,2",
      [{ points: 1 }, { points: 2 }],
      400,
      "The request must hold exactly one record.",
    ],
    ["by a text", "tasks/1", '"x"', 400, "Record 0 of the request must be an object."],
    [
      "a bare record without a key",
      "tasks",
      { points: 1 },
      400,
      "Identifying field 'id' can not be empty for the request.",
    ],
    [
      "a bare record whose key is null",
      "tasks",
      { id: null, points: 1 },
      400,
      "Field 'id' of an identifier can not be NULL.",
    ],
    ["a bare record of its key alone", "tasks", { id: 1 }, 400, "No valid fields were found in record."],
    ["a required field to null", "tasks/1", { title: null }, 400, "Required field 'title' can not be NULL."],
    ["its key to null", "tasks/1", { id: null }, 400, "Required field 'id' can not be NULL."],
    ["an unknown id_field", "tasks/1?id_field=colour", { points: 1 }, 400, "Invalid field requested: 'colour'."],
    ["for an unknown field", "tasks/1?fields=colour", { points: 1 }, 400, "Invalid field requested: 'colour'."],
    [
      "with strict, an unknown field",
      "tasks/1?strict=true",
      { points: 1, colour: "red" },
      400,
      "Field 'colour' is unknown or computed by the database.",
    ],
    ["by a wrong filter", "tasks?filter=colour=1", { points: 1 }, 400, "Invalid field requested: 'colour'."],
  ])("refuses to change %s", async (_title, path, body, status, message) => {
    expect(await change(path, body)).toEqual(refused(status, message));
    expect(await tasksOf(fixture())).toEqual(SEEDED);
  });

  test("ignores unknown and computed fields beside others", async () => {
    expect(await change("tasks/1", { points: 7, colour: "red", twice: 5 })).toEqual(ok({ id: 1 }));
    expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: "ann a 7" }));
  });

  test("answers every row of an id_field that is not unique", async () => {
    await fixture().database.query("UPDATE tasks SET country = 'DE' WHERE id = 3");
    const rows = [{ id: 1 }, { id: 3 }];
    expect(await change("tasks?id_field=country&ids=DE", { amount: 2 })).toEqual(ok({ resource: rows }));
    expect(await change("tasks?id_field=country&ids=FR,DE", { amount: 3 })).toEqual(
      ok({ resource: [{ id: 2 }, ...rows] }),
    );
    expect(await rowsOf(fixture(), "SELECT amount FROM tasks ORDER BY id")).toEqual(["3", "3", "3", "1"]);
  });

  test("tells rows apart that the change makes alike", async () => {
    expect(await change("tasks?id_field=country&ids=DE,FR&fields=id,country", { country: "US" })).toEqual(
      ok({
        resource: [
          { id: 1, country: "US" },
          { id: 2, country: "US" },
        ],
      }),
    );
  });

  test("a view is changed where the database can, else refused", async () => {
    const asked = change("customer_names?filter=id=5", { first_name: "Emma" });
    const changed = ok({ resource: [{ id: 5, first_name: "Emma", last_name: "Noether" }] });
    const isWritten = target.traits.writesViews;
    expect(await asked).toEqual(isWritten ? changed : refused(403, "The database or table can only be read."));
    expect(await rowsOf(fixture(), "SELECT first_name FROM customers WHERE id = 5")).toEqual([
      isWritten ? "Emma" : "Emmy",
    ]);
    await fixture().database.query("UPDATE customers SET first_name = 'Emmy' WHERE id = 5");
  });

  test("a missing row among ids fails the batch", async () => {
    expect(await change("tasks?ids=1,77", { points: 7 })).toEqual({
      status: 400,
      body: batchFailure("updated", [1], [{ id: 1 }, refusal(404, nobody(77))]),
    });
    expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: "ann a 7" }));
  });

  test("many rows are changed in opposite orders at once without a deadlock", async () => {
    const asks = Array.from({ length: 12 }, (_, n) =>
      change(`tasks?ids=${n % 2 === 0 ? "1,2,3,4" : "4,3,2,1"}`, { points: n }),
    );
    expect((await Promise.all(asks)).map(({ status }) => status)).toEqual(asks.map(() => 200));
    const points = await rowsOf(fixture(), "SELECT points FROM tasks");
    expect(new Set(points).size).toBe(1);
  });
};
