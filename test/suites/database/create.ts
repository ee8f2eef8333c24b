import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";
import {
  answerOf,
  batchFailure,
  made,
  ok,
  refusal,
  refused,
  rowsOf,
  slotsOf,
  tasksOf,
  tasksWith,
  withTasks,
} from "./tasks.ts";

/** POST on tables. */
export const createCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const post = (path: string, body: Json) => answerOf(fixture().ask("POST", `_table/${path}`, { body }));
  const eve = { title: "eve", code: "e" };

  describe("the shapes of a body", () => {
    test.each<[string, Json, unknown, readonly string[]]>([
      ["a wrapped list", { resource: [eve] }, { resource: [made] }, ["eve e null"]],
      ["a bare list", [eve], { resource: [made] }, ["eve e null"]],
      ["a bare object", eve, made, ["eve e null"]],
      ["a wrapped object", { resource: eve }, { resource: [made] }, ["eve e null"]],
      [
        "several records",
        { resource: [eve, { title: "fay", points: 5 }] },
        { resource: [made, made] },
        ["eve e null", "fay null 5"],
      ],
      [
        "records of different fields",
        [{ title: "eve" }, eve],
        { resource: [made, made] },
        ["eve null null", "eve e null"],
      ],
    ])("%s creates its records", async (_title, body, expected, rows) => {
      expect(await post("tasks", body)).toEqual(ok(expected));
      expect(await tasksOf(fixture())).toEqual([...tasksWith({}), ...rows].toSorted(byTitle));
    });

    test.each<[string, Json, string]>([
      ["an empty list", [], "No record(s) detected in request."],
      ["an empty wrapped list", { resource: [] }, "No record(s) detected in request."],
      ["a list of texts", ["eve"], "Record 0 of the request must be an object."],
      ["a list within a list", { resource: [[eve]] }, "Record 0 of the request must be an object."],
      ["a list with null", [eve, null], "Record 1 of the request must be an object."],
      ["a text", '"eve"', "Record 0 of the request must be an object."],
      ["a number", 5, "Record 0 of the request must be an object."],
      ["true", true, "Record 0 of the request must be an object."],
      ["null", null, "No record(s) detected in request."],
      ["nothing", "", "No record(s) detected in request."],
      ["an empty object", {}, "No valid fields were found in record."],
      ["only unknown fields", { colour: "red" }, "No valid fields were found in record."],
      ["only computed fields", { twice: 5 }, "No valid fields were found in record."],
    ])("%s is refused", async (_title, body, message) => {
      expect(await post("tasks", body)).toEqual(refused(400, message));
      expect(await tasksOf(fixture())).toEqual(tasksWith({}));
    });

    test("a column called resource is not the envelope", async () => {
      await fixture().database.query(`CREATE TABLE links (id ${target.words.autoKey}, resource VARCHAR(20))`);
      expect(await post("links?fields=resource", { resource: "a page" })).toEqual(ok({ resource: "a page" }));
      expect(await post("links?fields=resource", [{ resource: "b" }])).toEqual(ok({ resource: [{ resource: "b" }] }));
      expect(await rowsOf(fixture(), "SELECT resource FROM links ORDER BY id")).toEqual(["a page", "b"]);
    });

    test("a record is not created on a path that names one", async () => {
      const message = "A record is created on its table, without an identifier in the path.";
      expect(await post("tasks/7", eve)).toEqual(refused(400, message));
    });
  });

  describe("what it answers", () => {
    const whole = {
      id: expect.any(Number),
      title: "eve",
      code: "e",
      points: 4,
      country: null,
      amount: 1,
      price: null,
      due: null,
      twice: 8,
    };
    test.each<[string, Json]>([
      ["fields=*", whole],
      ["fields=title,twice", { title: "eve", twice: 8 }],
      ["fields=amount&fields=code", { code: "e" }],
      ["select=amount", { amount: 1 }],
      ["fields=id", made as unknown as Json],
      ["fields=", made as unknown as Json],
    ])("with %s", async (query, expected) => {
      const record = { ...eve, points: 4 };
      expect(await post(`tasks?${query}`, record)).toEqual(ok(expected));
      expect(await post(`tasks?${query}`, [{ ...record, code: "f" }])).toEqual(
        ok({ resource: [{ ...(expected as object), ...("code" in (expected as object) && { code: "f" }) }] }),
      );
    });

    test("an unknown field of the answer is refused before anything is written", async () => {
      expect(await post("tasks?fields=colour", eve)).toEqual(refused(400, "Invalid field requested: 'colour'."));
      expect(await tasksOf(fixture())).toEqual(tasksWith({}));
    });

    test("several rows are answered in the order of their records, also where the keys are not", async () => {
      const records = [
        { id: 90003, title: "z" },
        { id: 90001, title: "y" },
        { id: 90002, title: "x" },
      ];
      expect(await post("tasks?fields=title,id", records)).toEqual(
        ok({ resource: records.map(({ id, title }) => ({ title, id })) }),
      );
    });

    test("a composite key is answered whole, in its order", async () => {
      expect(await post("slots", [{ b: "new", a: 9 }])).toEqual(ok({ resource: [{ a: 9, b: "new" }] }));
      expect(await slotsOf(fixture())).toContain("9 new null");
    });

    test("a uuid key that is given is answered", async () => {
      const id = "00000000-0000-4000-8000-0000000000aa";
      expect(await post("things", { id, name: "made" })).toEqual(ok({ id }));
      await fixture().database.query(`DELETE FROM things WHERE id = '${id}'`);
    });

    test("a table without a key answers the whole rows", async () => {
      const rows = [
        { at: "2024-01-02 03:04:05.678901", line: "one" },
        { at: null, line: "two" },
      ];
      expect(await post("logs", rows)).toEqual(ok({ resource: rows }));
      expect(await post("logs", { line: "three" })).toEqual(ok({ at: null, line: "three" }));
      expect(await post("logs?fields=line", { line: "four" })).toEqual(ok({ line: "four" }));
      expect(await rowsOf(fixture(), "SELECT line FROM logs ORDER BY line")).toEqual(["four", "one", "three", "two"]);
      await fixture().database.query("DELETE FROM logs");
    });
  });

  describe("keys and fields that the database makes", () => {
    test.each<[string, Json]>([
      ["without one", { title: "eve" }],
      ["with null", { id: null, title: "eve" }],
    ])("an automatic key is made %s", async (_title, record) => {
      const { body } = await fixture().ask("POST", "_table/tasks", { body: record });
      expect(body.id).toBeGreaterThan(4);
      expect(await rowsOf(fixture(), `SELECT title FROM tasks WHERE id = ${body.id}`)).toEqual(["eve"]);
    });

    test("0 as an automatic key means what the database takes it for", async () => {
      const { status, body } = await fixture().ask("POST", "_table/tasks?fields=id,title", {
        body: [
          { id: 0, title: "eve" },
          { id: 60001, title: "fay" },
        ],
      });
      expect({ status, resource: body.resource }).toEqual({
        status: 200,
        resource: [
          { id: target.traits.zeroMakesKey ? expect.any(Number) : 0, title: "eve" },
          { id: 60001, title: "fay" },
        ],
      });
      expect(await rowsOf(fixture(), `SELECT title FROM tasks WHERE id = ${body.resource[0].id}`)).toEqual(["eve"]);
      expect(body.resource[0].id === 0).toBe(!target.traits.zeroMakesKey);
    });

    test("an automatic key that is given is kept", async () => {
      expect(await post("tasks", { id: 70001, title: "eve" })).toEqual(ok({ id: 70001 }));
      expect(await rowsOf(fixture(), "SELECT title FROM tasks WHERE id = 70001")).toEqual(["eve"]);
    });

    test("a default fills a field that is not given", async () => {
      expect(await post("tasks?fields=amount", { title: "eve" })).toEqual(ok({ amount: 1 }));
    });

    test.each<[string, Json]>([
      ["unknown", { title: "eve", colour: "red" }],
      ["computed", { title: "eve", twice: 5 }],
    ])("%s fields are ignored, and refused with strict", async (_title, record) => {
      const name = Object.keys(record as object)[1];
      expect(await post("tasks", record)).toEqual(ok(made));
      expect(await tasksOf(fixture())).toEqual(tasksWith({ eve: "eve null null" }));
      expect(await post("tasks?strict=true", record)).toEqual(
        refused(400, `Field '${name}' is unknown or computed by the database.`),
      );
    });

    test.each<[string, Json, string]>([
      ["is missing", { code: "e" }, "title"],
      ["is null", { title: null, code: "e" }, "title"],
      ["has a default and is null", { title: "eve", amount: null }, "amount"],
    ])("a required field that %s is refused", async (_title, record, name) => {
      const message = `Required field '${name}' can not be NULL.`;
      expect(await post("tasks", record)).toEqual(refused(400, message));
      expect(await post("tasks", [record])).toEqual({
        status: 400,
        body: batchFailure("created", [0], [refusal(400, message)]),
      });
      expect(await tasksOf(fixture())).toEqual(tasksWith({}));
    });

    test("a part of a composite key is required", async () => {
      expect(await post("slots", { a: 9 })).toEqual(refused(400, "Required field 'b' can not be NULL."));
    });
  });

  test("a hundred records are created with one request", async () => {
    const records = Array.from({ length: 100 }, (_, index) => ({ title: `t${index}`, points: index }));
    const { status, body } = await fixture().ask("POST", "_table/tasks?fields=points", { body: { resource: records } });
    expect({ status, points: body.resource }).toEqual({
      status: 200,
      points: records.map(({ points }) => ({ points })),
    });
    expect(await rowsOf(fixture(), "SELECT COUNT(*), SUM(points) FROM tasks WHERE id > 4")).toEqual(["100 4950"]);
  });
};

const byTitle = (one: string, other: string) => (one.slice(0, 3) < other.slice(0, 3) ? -1 : 1);
