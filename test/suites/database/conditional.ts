import { describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import type { Cases } from "./suite.ts";
import { answerOf, ok, refused, SEEDED, tasksOf, tasksWith, withTasks } from "./tasks.ts";

/** ETag, If-None-Match and If-Match of single records. */
export const conditionalCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const ask = (verb: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: object) =>
    fixture().ask(verb, `_table/${path}`, { headers, ...(body && { body: body as never }) });
  const tagOf = async (path = "tasks/1") => (await ask("GET", path)).headers.get("ETag") ?? "";

  describe("ETag", () => {
    test("stands on a record, and is the same for the same record", async () => {
      expect(await tagOf()).toMatch(/^"[0-9a-f]{16}"$/);
      expect(await tagOf()).toBe(await tagOf());
    });

    test("differs for another record, other fields and another state", async () => {
      const before = await tagOf();
      expect(await tagOf("tasks/2")).not.toBe(before);
      expect(await tagOf("tasks/1?fields=title")).not.toBe(before);
      await ask("PATCH", "tasks/1", {}, { points: 11 });
      expect(await tagOf()).not.toBe(before);
    });

    test("is another in another format, and holds for a write all the same", async () => {
      const tag = await tagOf("tasks/1?accept=csv");
      expect(tag).toMatch(/^"[0-9a-f]{16}-csv"$/);
      if (target.traits.tellsUndone)
        expect((await ask("PATCH", "tasks/1", { "If-Match": tag }, { points: 11 })).status).toBe(200);
    });

    test("does not stand on a list", async () => {
      expect((await ask("GET", "tasks")).headers.get("ETag")).toBeNull();
    });
  });

  describe("If-None-Match", () => {
    test.each([
      ["its tag", (tag: string) => tag],
      ["its tag among others", (tag: string) => `"0000000000000000", ${tag}`],
      ["its tag as a weak one", (tag: string) => `W/${tag}`],
      ["any", () => "*"],
    ])("answers 304 without a body to %s", async (_title, header) => {
      const tag = await tagOf();
      const answer = await ask("GET", "tasks/1", { "If-None-Match": header(tag) });
      expect([answer.status, answer.text, answer.headers.get("ETag")]).toEqual([304, "", tag]);
    });

    test("answers the record to another tag", async () => {
      const answer = await ask("GET", "tasks/1?fields=id", { "If-None-Match": '"1234567812345678"' });
      expect([answer.status, answer.body]).toEqual([200, { id: 1 }]);
    });

    test("does not hide that a record is gone", async () => {
      expect((await ask("GET", "tasks/404", { "If-None-Match": "*" })).status).toBe(404);
    });
  });

  describe.skipIf(!target.traits.tellsUndone)("If-Match", () => {
    test.each(["PUT", "PATCH"])("lets %s through while the record is as it was", async (verb) => {
      const answer = await ask(verb, "tasks/1", { "If-Match": await tagOf() }, { points: 11 });
      expect([answer.status, answer.body]).toEqual([200, { id: 1 }]);
      expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: "ann a 11" }));
    });

    test("lets DELETE through while the record is as it was", async () => {
      expect((await ask("DELETE", "tasks/4", { "If-Match": await tagOf("tasks/4") })).status).toBe(200);
      expect(await tasksOf(fixture())).toEqual(tasksWith({ dan: null }));
    });

    test.each(["PUT", "PATCH", "DELETE"])("stops %s when the record has changed", async (verb) => {
      const tag = await tagOf();
      await fixture().database.query("UPDATE tasks SET points = 12 WHERE id = 1");
      const body = verb === "DELETE" ? undefined : { points: 99 };
      expect(await answerOf(ask(verb, "tasks/1", { "If-Match": tag }, body))).toEqual(
        refused(412, "The record is not as the header 'If-Match' wants it."),
      );
      expect(await tasksOf(fixture())).toEqual(tasksWith({ ann: "ann a 12" }));
    });

    test("of any matches a record that is there, and no other", async () => {
      expect((await ask("PATCH", "tasks/1", { "If-Match": "*" }, { points: 11 })).status).toBe(200);
      expect((await ask("PATCH", "tasks/404", { "If-Match": "*" }, { points: 11 })).status).toBe(412);
    });

    test("takes no weak tag, which promises too little", async () => {
      const tag = await tagOf();
      expect((await ask("PATCH", "tasks/1", { "If-Match": `W/${tag}` }, { points: 11 })).status).toBe(412);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("compares what a GET of the same address answers", async () => {
      const tag = await tagOf("tasks/1?fields=title");
      await fixture().database.query("UPDATE tasks SET points = 12 WHERE id = 1");
      expect((await ask("PATCH", "tasks/1?fields=title", { "If-Match": tag }, { points: 13 })).status).toBe(200);
    });

    test("that holds no tag is refused", async () => {
      expect(await answerOf(ask("PATCH", "tasks/1", { "If-Match": "abc" }, { points: 13 }))).toEqual(
        refused(400, `The header 'If-Match' holds no entity tag such as "1a2b".`),
      );
    });

    test.each(["POST", "PATCH", "DELETE"])("says nothing of several records: %s is refused", async (verb) => {
      const body = verb === "POST" ? { title: "x" } : { points: 1 };
      const answer = await ask(verb, verb === "POST" ? "tasks" : "tasks?ids=1", { "If-Match": '"zzz"' }, body);
      expect(await answerOf(Promise.resolve(answer))).toEqual(
        refused(400, "The header 'If-Match' can only be used with one record, by its id in the path."),
      );
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("of two writes at once with one tag one is done", async () => {
      const tag = await tagOf();
      const writes = [21, 22, 23, 24].map((points) => ask("PATCH", "tasks/1", { "If-Match": tag }, { points }));
      const statuses = (await Promise.all(writes)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([200, 412, 412, 412]);
    });

    test("needs the right to read the record", async () => {
      const grant = { service_id: fixture().serviceId, component: "_table/tasks/*", verb_mask: 8 };
      const key = await makeKey(fixture().house, `patcher${Math.random()}`, [grant]);
      const options = { key, headers: { "If-Match": await tagOf() }, body: { points: 1 } };
      expect((await fixture().ask("PATCH", "_table/tasks/1", options)).status).toBe(403);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("If-None-Match of any, or of its tag, weak or not, stops a write to a record that is there", async () => {
      for (const header of ["*", await tagOf(), `W/${await tagOf()}`])
        expect((await ask("PATCH", "tasks/1", { "If-None-Match": header }, { points: 1 })).status).toBe(412);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });
  });

  test.skipIf(target.traits.tellsUndone)(
    "a condition on a write is refused where no transaction stays open",
    async () => {
      expect((await ask("PATCH", "tasks/1", { "If-Match": "*" }, { points: 1 })).status).toBe(501);
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    },
  );

  test("without a condition a write is one statement still", async () => {
    await tagOf();
    const cost = await fixture().statements(async () => {
      expect(await answerOf(ask("PATCH", "tasks/1", {}, { points: 11 }))).toEqual(ok({ id: 1 }));
    });
    expect(cost).toHaveLength(1);
  });
};
