import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";
import {
  answerOf,
  batchFailure,
  made,
  refusal,
  refused,
  SEEDED,
  tasksOf,
  tasksWith,
  undoneFailure,
  withTasks,
} from "./tasks.ts";

type Rows = Readonly<Record<string, string | null>>;

/** Several records of which some fail: the default stops, `continue` goes on, `rollback` undoes. */
export const batchCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const ask = (verb: string, path: string, body?: Json) =>
    answerOf(fixture().ask(verb, `_table/${path}`, body === undefined ? {} : { body }));
  const none = (id: number) => refusal(404, `Record with identifier '${id}' not found.`);
  const taken = refusal(409, "A record with the same value of 'code' already exists.");
  const badPoints = refusal(400, "Field 'points' must be a valid integer.");
  const required = refusal(400, "Required field 'title' can not be NULL.");
  const noFields = refusal(400, "No valid fields were found in record.");
  const noKey = refusal(400, "Identifying field 'id' can not be empty for the request.");

  const failureOf = (
    flags: string,
    done: "created" | "updated" | "deleted",
    at: readonly number[],
    results: readonly unknown[],
  ) => (flags === "rollback=true" ? undoneFailure(target, done, at, results) : batchFailure(done, at, results));

  const eve = { title: "eve", code: "e" };
  const again = { title: "fay", code: "a" };
  const gus = { title: "gus" };

  describe("POST", () => {
    test.each<[string, string, Json, readonly number[], readonly unknown[], Rows]>([
      ["a value that is taken", "", [eve, again, gus], [1], [made, taken], { eve: "eve e null" }],
      [
        "a value that is taken",
        "continue=true",
        [eve, again, gus],
        [1],
        [made, taken, made],
        { eve: "eve e null", gus: "gus null null" },
      ],
      ["a value that is taken", "rollback=true", [eve, again, gus], [1], [made, taken], {}],
      ["a value that is wrong", "", [eve, { ...gus, points: "x" }, gus], [1], [made, badPoints], { eve: "eve e null" }],
      [
        "a value that is wrong",
        "continue=true",
        [{ ...gus, points: "x" }, eve],
        [0],
        [badPoints, made],
        { eve: "eve e null" },
      ],
      ["a value that is wrong", "rollback=true", [eve, { ...gus, points: "x" }], [1], [made, badPoints], {}],
      ["a field that is missing", "", [{ code: "q" }, eve], [0], [required], {}],
      [
        "a field that is missing",
        "continue=true",
        [{ code: "q" }, eve, {}],
        [0, 2],
        [required, made, noFields],
        { eve: "eve e null" },
      ],
      ["a field that is missing", "rollback=true", [eve, { code: "q" }], [1], [made, required], {}],
      ["two records alike", "continue=true", [eve, eve], [1], [made, taken], { eve: "eve e null" }],
      ["one record only", "", [again], [0], [taken], {}],
    ])("%s, with '%s'", async (_title, flags, records, failed, results, rows) => {
      expect(await ask("POST", `tasks?${flags}`, { resource: records })).toEqual({
        status: 400,
        body: failureOf(flags, "created", failed, results),
      });
      expect(await tasksOf(fixture())).toEqual(tasksWith(rows));
    });

    test("the flags may stand in the body, and the context holds the fields asked for", async () => {
      const body = { resource: [eve, again, gus], continue: true, fields: "title,points" };
      expect(await ask("POST", "tasks", body)).toEqual({
        status: 400,
        body: batchFailure("created", [1], [{ title: "eve", points: null }, taken, { title: "gus", points: null }]),
      });
    });

    test("all records that are well are kept by rollback", async () => {
      const { status } = await ask("POST", "tasks?rollback=true", [eve, gus]);
      expect(status).toBe(200);
      expect(await tasksOf(fixture())).toEqual(tasksWith({ eve: "eve e null", gus: "gus null null" }));
    });
  });

  describe("PATCH by records", () => {
    const one = { id: 1, points: 7 };
    const clash = { id: 2, code: "a" };
    const three = { id: 3, points: 9 };
    test.each<[string, string, Json, readonly number[], readonly unknown[], Rows]>([
      ["a value that is taken", "", [one, clash, three], [1], [{ id: 1 }, taken], { ann: "ann a 7" }],
      [
        "a value that is taken",
        "continue=true",
        [one, clash, three],
        [1],
        [{ id: 1 }, taken, { id: 3 }],
        { ann: "ann a 7", cid: "cid c 9" },
      ],
      ["a value that is taken", "rollback=true", [one, clash, three], [1], [{ id: 1 }, taken], {}],
      [
        "a row that is missing",
        "",
        [one, { id: 77, points: 1 }, three],
        [1],
        [{ id: 1 }, none(77)],
        { ann: "ann a 7" },
      ],
      [
        "a row that is missing",
        "continue=true",
        [{ id: 77, points: 1 }, three],
        [0],
        [none(77), { id: 3 }],
        { cid: "cid c 9" },
      ],
      ["a row that is missing", "rollback=true", [one, { id: 77, points: 1 }], [1], [{ id: 1 }, none(77)], {}],
      ["a record without a key", "", [one, { points: 1 }], [1], [{ id: 1 }, noKey], { ann: "ann a 7" }],
      [
        "a record of its key alone",
        "continue=true",
        [{ id: 1 }, three],
        [0],
        [noFields, { id: 3 }],
        { cid: "cid c 9" },
      ],
    ])("%s, with '%s'", async (_title, flags, records, failed, results, rows) => {
      expect(await ask("PATCH", `tasks?${flags}`, { resource: records })).toEqual({
        status: 400,
        body: failureOf(flags, "updated", failed, results),
      });
      expect(await tasksOf(fixture())).toEqual(tasksWith(rows));
    });
  });

  describe("PATCH by ids", () => {
    test.each<[string, string, Json, readonly number[], readonly unknown[], Rows]>([
      ["ids=1,77,3", "", { points: 7 }, [1], [{ id: 1 }, none(77)], { ann: "ann a 7" }],
      [
        "ids=1,77,3",
        "continue=true",
        { points: 7 },
        [1],
        [{ id: 1 }, none(77), { id: 3 }],
        { ann: "ann a 7", cid: "cid c 7" },
      ],
      ["ids=1,77,3", "rollback=true", { points: 7 }, [1], [{ id: 1 }, none(77)], {}],
      ["ids=77", "", { points: 7 }, [0], [none(77)], {}],
      ["ids=4,2", "", { code: "q" }, [1], [{ id: 4 }, taken], { dan: "dan q null" }],
      ["ids=4,2", "rollback=true", { code: "q" }, [1], [{ id: 4 }, taken], {}],
      ["ids=1,2", "", { points: "x" }, [0], [badPoints], {}],
    ])("%s, with '%s'", async (ids, flags, record, failed, results, rows) => {
      expect(await ask("PATCH", `tasks?${ids}&${flags}`, record)).toEqual({
        status: 400,
        body: failureOf(flags, "updated", failed, results),
      });
      expect(await tasksOf(fixture())).toEqual(tasksWith(rows));
    });
  });

  describe("DELETE", () => {
    test.each<[string, string, Json | undefined, readonly number[], readonly unknown[], readonly string[]]>([
      ["ids=1,77,3", "", undefined, [1], [{ id: 1 }, none(77)], ["ann"]],
      ["ids=1,77,3", "continue=true", undefined, [1], [{ id: 1 }, none(77), { id: 3 }], ["ann", "cid"]],
      ["ids=1,77,3", "rollback=true", undefined, [1], [{ id: 1 }, none(77)], []],
      ["fields=title", "continue=true", [{ id: 1 }, { id: 77 }], [1], [{ title: "ann" }, none(77)], ["ann"]],
      ["fields=title", "rollback=true", [{ id: 1 }, { id: 77 }], [1], [{ title: "ann" }, none(77)], []],
    ])("%s, with '%s'", async (query, flags, body, failed, results, gone) => {
      expect(await ask("DELETE", `tasks?${query}&${flags}`, body)).toEqual({
        status: 400,
        body: failureOf(flags, "deleted", failed, results),
      });
      expect(await tasksOf(fixture())).toEqual(tasksWith(Object.fromEntries(gone.map((title) => [title, null]))));
    });

    test("a row that is still needed fails by itself", async () => {
      const { query } = fixture().database;
      await query("INSERT INTO countries (code, name) VALUES ('AA', 'Aland'), ('ZZ', 'Zetland')");
      await query("UPDATE tasks SET country = 'ZZ' WHERE id = 1");
      const { status, body } = await fixture().ask("DELETE", "_table/countries?ids=AA,ZZ&continue=true");
      expect({ status, error: body.error.context.error, first: body.error.context.resource[0] }).toEqual({
        ...{ status: 400, error: [1], first: { code: "AA" } },
      });
      expect(body.error.context.resource[1]).toMatchObject({ code: 409, status_code: 409 });
      await query("UPDATE tasks SET country = NULL WHERE id = 1");
      await query("DELETE FROM countries WHERE code IN ('AA', 'ZZ')");
    });
  });

  test.each(["POST", "PATCH", "DELETE"])("%s refuses both flags at once", async (verb) => {
    expect(await ask(verb, "tasks?continue=true&rollback=true", [{ id: 1, title: "x" }])).toEqual(
      refused(400, "The parameters 'continue' and 'rollback' exclude each other."),
    );
    expect(await tasksOf(fixture())).toEqual(SEEDED);
  });
};
