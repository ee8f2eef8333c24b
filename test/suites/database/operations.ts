import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey } from "../../house.ts";
import { failure } from "./reads.ts";
import type { Cases } from "./suite.ts";
import { answerOf, ok, refusal, refused, rowsOf, SEEDED, tasksOf, tasksWith, withTasks } from "./tasks.ts";

const MESSAGE = "Batch Error: Not all requested operations could be done. All changes rolled back.";

/** What a batch that failed tells, as far as cases look into it. */
interface Failed {
  readonly error: {
    readonly context: {
      readonly error: readonly number[];
      // biome-ignore lint/suspicious/noExplicitAny: a result has any shape.
      readonly resource: readonly any[];
    };
  };
}

/** POST `_batch`: several operations in one request. */
export const operationCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const send = (body: Json, key?: string) =>
    answerOf(fixture().ask("POST", "_batch", { body, ...(key !== undefined && { key }) }));
  const batch = (ops: readonly Json[], atomic = true) => send({ atomic, ops });
  const operation = (method: string, path: string, body?: Json) => ({
    method,
    path,
    ...(body !== undefined && { body }),
  });
  const results = (...list: readonly unknown[]) => ok({ resource: list });
  const failed = (status: number, message: string) => ({
    status,
    body: { error: { ...(refusal(status, message) as object), context: null } },
  });

  describe.skipIf(!target.traits.tellsUndone)("all or nothing", () => {
    test("answers the status and body of each operation, in order", async () => {
      const answer = await batch([
        operation("PATCH", "_table/tasks/1", { points: 11 }),
        operation("GET", "_table/tasks/1?fields=title,points"),
        operation("DELETE", "_table/tasks/4"),
        operation("get", "/_table/tasks?fields=id&filter=points>10&order=id"),
      ]);
      expect(answer).toEqual(
        results(
          { status: 200, body: { id: 1 } },
          { status: 200, body: { title: "ann", points: 11 } },
          { status: 200, body: { id: 4 } },
          { status: 200, body: { resource: [{ id: 1 }, { id: 2 }, { id: 3 }] } },
        ),
      );
      expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: "ann a 11", dan: null }));
    });

    test("is what a batch is that does not say", async () => {
      const ops = [operation("DELETE", "_table/tasks/4"), operation("DELETE", "_table/tasks/40404")];
      expect((await send({ ops })).status).toBe(400);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("leaves nothing when an operation in the middle fails, and says which", async () => {
      const answer = await batch([
        operation("POST", "_table/tasks", { id: 60001, title: "eve" }),
        operation("PATCH", "_table/tasks/1", { points: 5 }),
        operation("POST", "_table/tasks", { id: 2, title: "fay" }),
        operation("DELETE", "_table/tasks/3"),
      ]);
      const context = {
        error: [2],
        resource: [
          { status: 200, body: { id: 60001 } },
          { status: 200, body: { id: 1 } },
          failed(409, "A record with the same value of 'id' already exists."),
        ],
      };
      expect(answer).toEqual({ status: 400, body: failure(400, MESSAGE, context) });
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("runs in one transaction", async () => {
      const ops = [operation("PATCH", "_table/tasks/1", { points: 1 }), operation("DELETE", "_table/tasks/2")];
      const statements = await fixture().statements(() => batch(ops));
      expect(statements.filter((sql) => /^(?:UPDATE|DELETE)/.test(sql))).toHaveLength(2);
    });

    test("a list inside of it that goes on after a record that fails leaves nothing either", async () => {
      const records = [
        { id: 60001, title: "eve" },
        { id: 1, title: "again" },
        { id: 60002, title: "fay" },
      ];
      const answer = await batch([
        operation("GET", "_table/tasks/1?fields=title"),
        operation("POST", "_table/tasks?continue=true", records),
      ]);
      const { error, resource } = (answer.body as Failed).error.context;
      expect([answer.status, error]).toEqual([400, [1]]);
      expect(resource[1]?.body.error.context.resource).toEqual([
        { id: 60001 },
        refusal(409, "A record with the same value of 'id' already exists."),
        { id: 60002 },
      ]);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("tells no more than it can hold", async () => {
      const docs = [
        operation("POST", "_table/customers?fields=profile", {
          id: 71000,
          first_name: "L",
          last_name: "O",
          profile: ["lol"],
        }),
      ];
      for (let n = 1; n < 9; n++) {
        const profile = Array.from({ length: 10 }, () => ({ $ref: `${n - 1}.profile` }));
        docs.push(
          operation("POST", "_table/customers?fields=profile", {
            id: 71000 + n,
            first_name: "L",
            last_name: "O",
            profile,
          }),
        );
      }
      const answer = await batch(docs);
      const { error, resource } = (answer.body as Failed).error.context;
      expect([answer.status, resource[error[0] ?? 0]?.status]).toEqual([400, 413]);
      expect(await rowsOf(fixture(), "SELECT id FROM customers WHERE id >= 71000")).toEqual([]);
    });

    test("a field that the table lacks is ignored, as everywhere", async () => {
      const answer = await batch([operation("PATCH", "_table/tasks/1", { points: 3, nosuch: 1 })]);
      expect(answer).toEqual(results({ status: 200, body: { id: 1 } }));
    });

    test("takes nothing but tables, which can be undone", async () => {
      expect(await batch([operation("GET", "_schema/tasks")])).toEqual(
        refused(400, "Field 'ops.0.path' must begin with '_table' in an atomic batch."),
      );
    });
  });

  describe.skipIf(!target.traits.tellsUndone)("$ref", () => {
    const made = { id: 60001, title: "eve", points: 7 };

    test.each<[string, Json, string]>([
      ["the first record of an operation", { title: "fay", points: { $ref: "0.points" } }, "fay null 7"],
      ["another of its records", { title: "fay", points: { $ref: "1.1.points" } }, "fay null 20"],
      ["a value that is null", { title: "fay", points: 1, code: { $ref: "0.code" } }, "fay null 1"],
    ])("names %s", async (_title, body, row) => {
      const answer = await batch([
        operation("POST", "_table/tasks?fields=*", made),
        operation("GET", "_table/tasks?ids=1,2"),
        operation("POST", "_table/tasks", body),
      ]);
      expect(answer.status).toBe(200);
      expect(await tasksOf(fixture())).toContain(row);
    });

    test("stands anywhere in a body", async () => {
      const answer = await batch([
        operation("POST", "_table/tasks", made),
        operation("PATCH", "_table/tasks", { resource: [{ id: { $ref: "0.id" }, points: 8 }] }),
      ]);
      expect(answer.status).toBe(200);
      expect(await tasksOf(fixture())).toContain("eve null 8");
    });

    test("names the key that the database made", async () => {
      const [answer] = [
        await batch([
          operation("POST", "_table/tasks", { title: "eve" }),
          operation("PATCH", "_table/tasks", [{ id: { $ref: "0.id" }, points: 9 }]),
        ]),
      ];
      expect(answer?.status).toBe(200);
      expect(await tasksOf(fixture())).toContain("eve null 9");
    });

    test.each<[string, Json, string]>([
      [
        "itself",
        { points: { $ref: "1.id" } },
        "Field 'ops.1.body.points': '$ref' must name an operation that comes before this one.",
      ],
      [
        "one that comes later",
        [{ a: [{ $ref: "2.id" }] }],
        "Field 'ops.1.body.0.a.0': '$ref' must name an operation that comes before this one.",
      ],
    ])("can not name %s: nothing is written", async (_title, body, message) => {
      const ops = [
        operation("DELETE", "_table/tasks/1"),
        operation("PATCH", "_table/tasks/2", body),
        operation("DELETE", "_table/tasks/3"),
      ];
      expect(await batch(ops)).toEqual(refused(400, message));
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("of a field that is not there fails the batch", async () => {
      const ops = [
        operation("DELETE", "_table/tasks/1"),
        operation("PATCH", "_table/tasks/2", { points: { $ref: "0.nosuch" } }),
      ];
      const { status, body } = (await batch(ops)) as { status: number; body: { error: { context: unknown } } };
      expect(status).toBe(400);
      expect(body.error.context).toEqual({
        error: [1],
        resource: [
          { status: 200, body: { id: 1 } },
          failed(400, "Field 'ops.1.body.points': the result named by '0.nosuch' does not exist."),
        ],
      });
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("of another form is plain data", async () => {
      const profile = { $ref: "#/definitions/person" };
      const answer = await batch([
        operation("PATCH", "_table/customers/4", { profile }),
        operation("GET", "_table/customers/4?fields=profile"),
        operation("PATCH", "_table/customers/4", { profile: null }),
      ]);
      expect(answer).toEqual(
        results({ status: 200, body: { id: 4 } }, { status: 200, body: { profile } }, { status: 200, body: { id: 4 } }),
      );
    });
  });

  describe("each for itself", () => {
    test("goes on after an operation that fails, and keeps what was done", async () => {
      const answer = await batch(
        [
          operation("PATCH", "_table/tasks/1", { points: 11 }),
          operation("GET", "_table/tasks/40404"),
          operation("DELETE", "_table/tasks/4"),
        ],
        false,
      );
      expect(answer).toEqual(
        results({ status: 200, body: { id: 1 } }, failed(404, "Record with identifier '40404' not found."), {
          status: 200,
          body: { id: 4 },
        }),
      );
      expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: "ann a 11", dan: null }));
    });

    test("may name earlier results, and fails by itself where these lack the field", async () => {
      const answer = await batch(
        [
          operation("GET", "_table/tasks/2?fields=points"),
          operation("PATCH", "_table/tasks/1", { points: { $ref: "0.points" } }),
          operation("PATCH", "_table/tasks/3", { points: { $ref: "0.nosuch" } }),
        ],
        false,
      );
      expect(answer).toEqual(
        results(
          { status: 200, body: { points: 20 } },
          { status: 200, body: { id: 1 } },
          failed(400, "Field 'ops.2.body.points': the result named by '0.nosuch' does not exist."),
        ),
      );
    });

    test("may read the schema", async () => {
      const { body } = (await batch([operation("GET", "_schema/tasks")], false)) as {
        body: { resource: { body: { name: string } }[] };
      };
      expect(body.resource[0]?.body.name).toBe("tasks");
    });
  });

  test.skipIf(target.traits.tellsUndone)(
    "that is to hold whole or not at all is refused where no transaction stays open",
    async () => {
      expect((await batch([operation("DELETE", "_table/tasks/1")])).status).toBe(501);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    },
  );

  test("a stream is no answer of an operation, and holds nothing once it is refused", async () => {
    const ops = Array.from({ length: 12 }, () => operation("GET", "_table/customers?limit=all"));
    const answer = await batch(ops, false);
    const statuses = (answer.body as { resource: { status: number }[] }).resource.map(({ status }) => status);
    expect([answer.status, new Set(statuses)]).toEqual([200, new Set([400])]);
    expect((await fixture().ask("GET", "_table/customers?limit=1")).status).toBe(200);
  });

  describe("bad input", () => {
    test.each<[string, Json, string]>([
      ["no operations", { ops: [] }, "A batch needs a list 'ops' of operations."],
      ["a list", [], "A batch needs a list 'ops' of operations."],
      ["an operation that is no object", { ops: [1] }, "Field 'ops.0' must be an object."],
      ["no path", { ops: [{ method: "GET" }] }, "Field 'ops.0.path' must be a text."],
      [
        "no method",
        { ops: [{ path: "_table/tasks" }] },
        "Field 'ops.0.method' must be one of GET, POST, PUT, PATCH, DELETE.",
      ],
      [
        "another method",
        { ops: [{ method: "TRACE", path: "_table/tasks" }] },
        "Field 'ops.0.method' must be one of GET, POST, PUT, PATCH, DELETE.",
      ],
      [
        "dots",
        { ops: [{ method: "GET", path: "_table/../_schema" }] },
        "Field 'ops.0.path' holds an empty segment or dots.",
      ],
      [
        "encoded dots",
        { ops: [{ method: "GET", path: "_table/%2e%2e" }] },
        "Field 'ops.0.path' holds an empty segment or dots.",
      ],
      ["a batch", { ops: [{ method: "POST", path: "_batch" }] }, "Field 'ops.0.path' can not name another batch."],
      ["bad encoding", { ops: [{ method: "GET", path: "_table/%zz" }] }, "Field 'ops.0.path' is not encoded rightly."],
      [
        "another atomic",
        { atomic: "yes", ops: [{ method: "GET", path: "_table/tasks" }] },
        "Field 'atomic' must be true or false.",
      ],
    ])("%s is refused", async (_title, body, message) => {
      expect(await send(body)).toEqual(refused(400, message));
    });

    test("another verb than POST is refused", async () => {
      expect((await fixture().ask("PUT", "_batch", { body: {} })).status).toBe(405);
    });
  });

  describe("rights", () => {
    const denied = (verb: string) =>
      `The role of this caller does not allow ${verb} on this resource of service 'under_test'.`;
    const readerKey = () =>
      makeKey(fixture().house, `reader${Math.random()}`, [
        { service_id: fixture().serviceId, component: "_table/tasks/*", verb_mask: 1 | 8 },
      ]);

    test("each operation needs its own, and the batch none", async () => {
      const key = await readerKey();
      const fine = [
        operation("GET", "_table/tasks/1?fields=title"),
        operation("PATCH", "_table/tasks/1", { points: 2 }),
      ];
      expect((await send({ ops: fine, atomic: false }, key)).status).toBe(200);
      const { body } = (await send(
        { ops: [...fine, operation("DELETE", "_table/tasks/1"), operation("GET", "_table/customers")], atomic: false },
        key,
      )) as { body: { resource: { status: number }[] } };
      expect(body.resource.map(({ status }) => status)).toEqual([200, 200, 403, 403]);
    });

    test.skipIf(!target.traits.tellsUndone)(
      "one operation too many refuses an atomic batch before it begins",
      async () => {
        const ops = [operation("PATCH", "_table/tasks/1", { points: 2 }), operation("DELETE", "_table/tasks/1")];
        const cost = await fixture().statements(async () => {
          expect(await send({ ops }, await readerKey())).toEqual(refused(403, denied("DELETE")));
        });
        expect(cost).toEqual([]);
        expect(await tasksOf(fixture())).toEqual(SEEDED);
      },
    );

    test("a guest needs credentials", async () => {
      const answer = await fixture().house.ask("POST", "under_test/_batch", { body: { ops: [] }, token: undefined });
      expect(answer.status).toBe(401);
    });
  });

  test("what was written past it stands", async () => {
    expect(await rowsOf(fixture(), "SELECT title FROM tasks ORDER BY title")).toEqual(["ann", "bob", "cid", "dan"]);
  });
};
