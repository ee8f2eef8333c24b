import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey, makeService, type TestHouse } from "../../house.ts";
import type { Cases } from "./suite.ts";
import {
  answerOf,
  batchFailure,
  made,
  ok,
  refusal,
  refused,
  rowsOf,
  SEEDED,
  slotsOf,
  tasksOf,
  tasksWith,
  withTasks,
} from "./tasks.ts";

/** POST with `upsert=true`, and PUT and PATCH of a service that allows them to create. */
export const upsertCases: Cases = (fixture, target) => {
  withTasks(fixture, target);

  describe("POST with upsert=true", () => {
    const post = (path: string, body: Json) => answerOf(fixture().ask("POST", `_table/${path}`, { body }));

    test.each<[string, Json, unknown, Readonly<Record<string, string>>]>([
      ["changes a row that is there", { id: 2, title: "bob", points: 7 }, { id: 2 }, { bob: "bob b 7" }],
      ["creates a row that is not", { id: 60001, title: "eve" }, { id: 60001 }, { eve: "eve null null" }],
      [
        "does both in a list",
        [
          { id: 60001, title: "eve", points: 1 },
          { id: 2, title: "bob", points: 7 },
        ],
        { resource: [{ id: 60001 }, { id: 2 }] },
        { bob: "bob b 7", eve: "eve null 1" },
      ],
      [
        "takes the last of two records of one key",
        [
          { id: 2, title: "bob", points: 7 },
          { id: 2, title: "bob", points: 8 },
        ],
        { resource: [{ id: 2 }, { id: 2 }] },
        { bob: "bob b 8" },
      ],
      ["keeps the fields that are not sent", { id: 2, title: "bob" }, { id: 2 }, {}],
    ])("%s", async (_title, body, expected, changes) => {
      expect(await post("tasks?upsert=true", body)).toEqual(ok(expected));
      expect(await tasksOf(fixture())).toEqual(tasksWith(changes));
    });

    test("answers the fields asked for, of new and of changed rows", async () => {
      const records = [
        { id: 2, title: "bob", points: 7 },
        { id: 60001, title: "eve", points: 1 },
      ];
      expect(await post("tasks?upsert=true&fields=code,twice", records)).toEqual(
        ok({
          resource: [
            { code: "b", twice: 14 },
            { code: null, twice: 2 },
          ],
        }),
      );
    });

    test("works by a composite key, also when nothing else is sent", async () => {
      expect(await post("slots?upsert=true", { a: 1, b: "x", note: "new" })).toEqual(ok({ a: 1, b: "x" }));
      expect(await post("slots?upsert=true", { a: 1, b: "x" })).toEqual(ok({ a: 1, b: "x" }));
      expect(
        await post("slots?upsert=true&fields=note", [
          { a: 1, b: "x" },
          { a: 5, b: "x" },
        ]),
      ).toEqual(ok({ resource: [{ note: "new" }, { note: null }] }));
      expect(await slotsOf(fixture())).toEqual(["1 x new", "1 y two", "2 x,z three", "5 x null"]);
    });

    test.each<[string, string, Json, number, string]>([
      ["without a key", "tasks", { title: "eve" }, 400, "An upsert needs the key field 'id' in each record."],
      ["without a part of the key", "slots", { a: 1 }, 400, "An upsert needs the key field 'b' in each record."],
      ["on a table without a key", "logs", { line: "x" }, 400, "Table 'logs' has no primary key to upsert by."],
      ["without a required field", "tasks", { id: 2, points: 7 }, 400, "Required field 'title' can not be NULL."],
      [
        "of a unique value that another row has",
        "tasks",
        { id: 60001, title: "eve", code: "b" },
        409,
        "A record with the same value of 'code' already exists.",
      ],
    ])("is refused %s", async (_title, table, body, status, message) => {
      const answer = await post(`${table}?upsert=true`, body);
      if (status === 409) expect(answer).toMatchObject({ status, body: { error: { code: 409, status_code: 409 } } });
      else expect(answer).toEqual(refused(status, message));
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("fails as a batch", async () => {
      const message = "An upsert needs the key field 'id' in each record.";
      expect(await post("tasks?upsert=true", [{ id: 2, title: "bob", points: 7 }, { title: "eve" }])).toEqual({
        status: 400,
        body: batchFailure("created", [1], [{ id: 2 }, refusal(400, message)]),
      });
    });

    test("takes the right to change a record besides that to create one", async () => {
      const { house, serviceId } = fixture();
      const grant = { service_id: serviceId, component: "_table/tasks" };
      const poster = await makeKey(house, "poster", [{ ...grant, verb_mask: 2 }]);
      const changer = await makeKey(house, "changer", [{ ...grant, verb_mask: 2 + 4 }]);
      const body = { id: 2, title: "bob", points: 7 };
      const upsert = (key: string) => fixture().ask("POST", "_table/tasks?upsert=true", { key, body });
      expect((await upsert(poster)).status).toBe(403);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
      expect((await upsert(changer)).status).toBe(200);
    });
  });

  describe("a service with allow_upsert", () => {
    let house: TestHouse;
    let serviceId: number;
    let key: string;
    const grants = (verb_mask: number) => [{ service_id: serviceId, component: "_table/*", verb_mask }];
    beforeAll(async () => {
      house = fixture().house;
      const config = { ...fixture().database.config, allow_upsert: true };
      serviceId = await makeService(house, "upserting", target.type, config);
      key = await makeKey(house, "upserting", grants(31));
    });
    const put = (path: string, body: Json, verb = "PUT") =>
      answerOf(house.ask(verb, `upserting/_table/${path}`, { key, body }));

    test.each<[string, string, Json, unknown, Readonly<Record<string, string>>]>([
      ["a row by its id", "tasks/60001", { title: "eve" }, { id: 60001 }, { eve: "eve null null" }],
      [
        "a row by its id that the record repeats",
        "tasks/60001",
        { id: 60001, title: "eve" },
        { id: 60001 },
        { eve: "eve null null" },
      ],
      ["a row by ids", "tasks?ids=60001", { title: "eve" }, { resource: [{ id: 60001 }] }, { eve: "eve null null" }],
      ["a row by a bare record", "tasks", { id: 60001, title: "eve" }, { id: 60001 }, { eve: "eve null null" }],
      [
        "one row of two",
        "tasks",
        [
          { id: 2, points: 7 },
          { id: 60001, title: "eve" },
        ],
        { resource: [{ id: 2 }, { id: 60001 }] },
        { bob: "bob b 7", eve: "eve null null" },
      ],
      ["a row by id_field", "tasks/e?id_field=code", { title: "eve" }, made, { eve: "eve e null" }],
      ["nothing that is there", "tasks/2", { points: 7 }, { id: 2 }, { bob: "bob b 7" }],
      ["nothing by a filter", "tasks?filter=id=60001", { title: "eve" }, { resource: [] }, {}],
    ])("PUT and PATCH create %s", async (_title, path, body, expected, changes) => {
      expect(await put(path, body)).toEqual(ok(expected));
      expect(await tasksOf(fixture())).toEqual(tasksWith(changes));
      expect((await put(path, body, "PATCH")).status).toBe(200);
    });

    test("creates rows whose keys no database makes", async () => {
      expect(await put("slots/7,q", { note: "new" })).toEqual(ok({ a: 7, b: "q" }));
      expect(await put("slots/7,r?fields=note", { note: "new" })).toEqual(ok({ note: "new" }));
      const id = "00000000-0000-4000-8000-0000000000ab";
      expect(await put(`things/${id}`, { name: "new" })).toEqual(ok({ id }));
      expect(await rowsOf(fixture(), `SELECT name FROM things WHERE id = '${id}'`)).toEqual(["new"]);
      expect(await slotsOf(fixture())).toEqual(expect.arrayContaining(["7 q new", "7 r new"]));
      await fixture().database.query(`DELETE FROM things WHERE id = '${id}'`);
    });

    test("sets a field that is only set once where the row is new, and not where it stands", async () => {
      const keepField = (validation: Json) =>
        house.ask("PATCH", "upserting/_schema/tasks/_field/code", { body: { validation } });
      expect((await keepField({ create_only: {} })).status).toBe(200);
      expect(await put("tasks/60001", { title: "eve", code: "once" })).toEqual(ok({ id: 60001 }));
      const message = "Field 'code' can only be set when a record is created.";
      expect(await put("tasks/60001", { title: "eve", code: "twice" })).toEqual(refused(400, message));
      expect(await tasksOf(fixture())).toEqual(tasksWith({ eve: "eve once null" }));
      await keepField(null);
    });

    test("refuses a row that lacks a required field", async () => {
      expect(await put("tasks/60001", { points: 1 })).toEqual(refused(400, "Required field 'title' can not be NULL."));
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("creates only for who may POST, and changes for who may PUT", async () => {
      const putter = await makeKey(house, "putter", grants(4));
      const ask = (id: number) =>
        house.ask("PUT", `upserting/_table/tasks/${id}`, { key: putter, body: { title: "new" } });
      expect((await ask(60001)).status).toBe(403);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
      expect((await ask(1)).status).toBe(200);
    });
  });

  test("PUT creates nothing where the service does not allow it", async () => {
    expect(await answerOf(fixture().ask("PUT", "_table/tasks/60001", { body: { title: "eve" } }))).toEqual(
      refused(404, "Record with identifier '60001' not found."),
    );
  });
};
