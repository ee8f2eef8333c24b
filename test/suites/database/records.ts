import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey } from "../../house.ts";
import type { Cases } from "./suite.ts";
import {
  answerOf,
  made,
  ok,
  refusal,
  refused,
  rowsOf,
  SEEDED,
  tasksOf,
  tasksWith,
  undoneFailure,
  withTasks,
} from "./tasks.ts";

/** How a write is said: options in the body, another verb in a header, and names of every kind. */
export const recordCases: Cases = (fixture, target) => {
  withTasks(fixture, target);

  describe("options beside resource", () => {
    const resource = [{ title: "eve", points: 3 }];
    test.each<[string, string, string, Json, unknown]>([
      [
        "fields as a text",
        "POST",
        "tasks",
        { resource, fields: "title,points" },
        { resource: [{ title: "eve", points: 3 }] },
      ],
      ["fields as a list", "POST", "tasks", { resource, fields: ["points"] }, { resource: [{ points: 3 }] }],
      ["an alias", "POST", "tasks", { resource, select: "points" }, { resource: [{ points: 3 }] }],
      [
        "the query wins",
        "POST",
        "tasks?fields=title",
        { resource, fields: "points" },
        { resource: [{ title: "eve" }] },
      ],
      [
        "id_field",
        "PATCH",
        "tasks",
        { resource: { points: 3 }, ids: ["a"], id_field: "code" },
        { resource: [{ id: 1 }] },
      ],
      [
        "upsert",
        "POST",
        "tasks",
        { resource: [{ id: 1, title: "ann", points: 3 }], upsert: true },
        { resource: [{ id: 1 }] },
      ],
      ["ids of one number", "PATCH", "tasks", { resource: { points: 3 }, ids: 2 }, { resource: [{ id: 2 }] }],
    ])("%s", async (_title, verb, path, body, expected) => {
      expect(await answerOf(fixture().ask(verb, `_table/${path}`, { body }))).toEqual(ok(expected));
    });

    test("a record without an envelope holds no options", async () => {
      expect(await answerOf(fixture().ask("POST", "_table/tasks", { body: { title: "eve", fields: "*" } }))).toEqual(
        ok(made),
      );
    });

    test("strict holds for unknown parameters too", async () => {
      const ask = (query: string) =>
        answerOf(fixture().ask("PATCH", `_table/tasks/1?${query}`, { body: { points: 3 } }));
      expect(await ask("colour=red")).toEqual(ok({ id: 1 }));
      expect(await ask("colour=red&strict=true")).toEqual(refused(400, "Unknown parameter 'colour'."));
    });

    test.each(["related=*", "group=title", "file=x.csv"])("%s is not ignored on a write", async (query) => {
      const { status } = await fixture().ask("POST", `_table/tasks?${query}`, { body: { title: "eve" } });
      expect(await tasksOf(fixture())).toEqual(status === 200 ? tasksWith({ eve: "eve null null" }) : SEEDED);
      expect([200, 400, 501]).toContain(status);
    });
  });

  describe("another verb than the one of HTTP", () => {
    test.each<[string, Readonly<Record<string, string>>, string]>([
      ["X-HTTP-Method", { "X-HTTP-Method": "PATCH" }, ""],
      ["X-Method-Override", { "X-Method-Override": "patch" }, ""],
      ["X-HTTP-Method-Override", { "X-HTTP-Method-Override": "PUT" }, ""],
      ["method=", {}, "?method=PATCH"],
      ["_method=", {}, "?_method=put"],
    ])("%s changes a row by POST", async (_title, headers, query) => {
      const asked = fixture().ask("POST", `_table/tasks/1${query}`, { headers, body: { points: 3 } });
      expect(await answerOf(asked)).toEqual(ok({ id: 1 }));
      expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: "ann a 3" }));
    });

    test("DELETE by POST removes the rows of the body", async () => {
      const headers = { "X-HTTP-Method": "DELETE" };
      const asked = fixture().ask("POST", "_table/tasks", { headers, body: { resource: [{ id: 1 }] } });
      expect(await answerOf(asked)).toEqual(ok({ resource: [{ id: 1 }] }));
      expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: null }));
    });

    test("only the verb that is meant is authorised", async () => {
      const { house, serviceId } = fixture();
      const key = await makeKey(house, "poster", [{ service_id: serviceId, component: "_table/*", verb_mask: 2 }]);
      const body = { points: 3 };
      const asked = await fixture().ask("POST", "_table/tasks/1", { key, body, headers: { "X-HTTP-Method": "PATCH" } });
      expect(asked.status).toBe(403);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });
  });

  describe("names of every kind", () => {
    const NAMES: readonly [string, string, Json, Json, Json][] = [
      [
        "spaces, quotes and dots",
        "order details (new)",
        { "unit price": 1, "it's": "q", "a.b": 3 },
        { "it's": "r" },
        { "unit price": { rawJSON: "1.00" }, "it's": "r", "a.b": 3 },
      ],
      [
        "double quotes and a keyword",
        'Mixed"Case',
        { 'Na"me': "n", from: "f" },
        { from: "g" },
        { 'Na"me': "n", from: "g" },
      ],
      ["keywords alone", "select", { order: 1, group: "g" }, { order: 2 }, { order: 2, group: "g" }],
    ];

    test.each(NAMES)("%s are written, changed and removed", async (_title, name, record, change, row) => {
      const table = encodeURIComponent(name);
      const posted = await fixture().ask("POST", `_table/${table}`, { body: { resource: [record] } });
      expect({ status: posted.status, body: posted.body }).toEqual(ok({ resource: [made] }));
      const path = `_table/${table}/${posted.body.resource[0].id}`;
      const fields = Object.keys(row as object)
        .map((field) => `\`${field.replaceAll("`", "``")}\``)
        .join(",");
      const query = `?fields=${encodeURIComponent(fields)}`;
      expect(await answerOf(fixture().ask("PATCH", path + query, { body: change }))).toEqual(ok(row));
      expect(await answerOf(fixture().ask("DELETE", path + query))).toEqual(ok(row));
    });

    test("a table and its fields are written in any case where the database knows none", async () => {
      const asked = await fixture().ask("PATCH", "_table/tasks/1", { body: { POINTS: 3 } });
      const isSame = target.traits.updateReturns && target.traits.tablesKeepCase ? "ann a 10" : "ann a 3";
      expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: isSame }));
      expect(asked.status).toBe(isSame === "ann a 10" ? 400 : 200);
    });

    test("names of what every object has are unknown fields", async () => {
      const body = '{"title":"eve","__proto__":{"points":5},"constructor":1,"toString":"x"}';
      expect(await answerOf(fixture().ask("POST", "_table/tasks", { body }))).toEqual(ok(made));
      expect(await tasksOf(fixture())).toEqual(tasksWith({ eve: "eve null null" }));
    });

    test("a field that is added to the table is written at once", async () => {
      await fixture().database.query("ALTER TABLE slots ADD COLUMN extra VARCHAR(10)");
      const { status } = await fixture().ask("PATCH", "_table/slots/1,x", { body: { extra: "e" } });
      expect(status).toBe(200);
      expect(await rowsOf(fixture(), "SELECT extra FROM slots WHERE a = 1 AND b = 'x'")).toEqual(["e"]);
    });

    test("a failing record in a table of such a name is told as any other", async () => {
      const table = encodeURIComponent("order details (new)");
      const body: Json = [{ "it's": "fine" }, { "a.b": "x" }];
      const message = "Field 'a.b' must be a valid integer.";
      expect(await answerOf(fixture().ask("POST", `_table/${table}?rollback=true`, { body }))).toEqual({
        status: 400,
        body: undoneFailure(target, "created", [1], [made, refusal(400, message)]),
      });
    });
  });
};
