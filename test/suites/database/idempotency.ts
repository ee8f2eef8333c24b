import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey } from "../../house.ts";
import type { Cases } from "./suite.ts";
import { answerOf, refused, rowsOf, SEEDED, tasksOf, withTasks } from "./tasks.ts";

/** Writes with an Idempotency-Key. */
export const idempotencyCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const write = (key: string, body: Json, path = "_table/tasks", verb = "POST") =>
    fixture().ask(verb, path, { body, headers: { "Idempotency-Key": key } });
  const fresh = () => `key-${Math.random()}`;
  const count = async () => Number((await rowsOf(fixture(), "SELECT COUNT(*) AS n FROM tasks"))[0]);

  test("a hundred at once with one key make exactly one row", async () => {
    const key = fresh();
    const answers = await Promise.all(Array.from({ length: 100 }, () => write(key, { title: "once" })));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(statuses).toContain(200);
    expect(await count()).toBe(SEEDED.length + 1);
  });

  test("a repeat gives the first answer again, and says so", async () => {
    const key = fresh();
    const first = await write(key, { title: "once" });
    const again = await write(key, { title: "once" });
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect([first, again].map(({ headers }) => headers.get("Idempotency-Replayed"))).toEqual([null, "true"]);
    expect(await count()).toBe(SEEDED.length + 1);
  });

  test("a repeat costs the database nothing", async () => {
    const key = fresh();
    await write(key, { title: "once" });
    expect(await fixture().statements(() => write(key, { title: "once" }))).toEqual([]);
  });

  test("a failure is repeated as well", async () => {
    const key = fresh();
    const first = await answerOf(write(key, { id: 1, title: "again" }));
    await fixture().database.query("DELETE FROM tasks WHERE id = 1");
    expect(first.status).toBe(409);
    expect(await answerOf(write(key, { id: 1, title: "again" }))).toEqual(first);
  });

  test("a list of which a part was written is not written again", async () => {
    const key = fresh();
    const records: Json = [{ title: "one" }, { id: 1, title: "again" }];
    const first = await answerOf(write(key, records));
    expect(first.status).toBe(400);
    expect(await answerOf(write(key, records))).toEqual(first);
    expect(await count()).toBe(SEEDED.length + 1);
  });

  describe("of another request", () => {
    test.each<[string, Json, string, string]>([
      ["body", { title: "other" }, "_table/tasks", "POST"],
      ["table", { title: "once" }, "_table/slots", "POST"],
      ["parameter", { title: "once" }, "_table/tasks?fields=*", "POST"],
      ["verb", { title: "once" }, "_table/tasks", "PATCH"],
    ])("is refused: another %s", async (_title, body, path, verb) => {
      const key = fresh();
      await write(key, { title: "once" });
      expect(await answerOf(write(key, body, path, verb))).toEqual(
        refused(422, "This Idempotency-Key was used for another request."),
      );
      expect(await count()).toBe(SEEDED.length + 1);
    });

    test("of another caller is no repeat", async () => {
      const grant = { service_id: fixture().serviceId, component: "*", verb_mask: 31 };
      const other = await makeKey(fixture().house, `other${Math.random()}`, [grant]);
      const headers = { "Idempotency-Key": fresh() };
      await fixture().ask("POST", "_table/tasks", { body: { title: "mine" }, headers });
      const answer = await fixture().ask("POST", "_table/tasks", { body: { title: "mine" }, headers, key: other });
      expect([answer.status, answer.headers.get("Idempotency-Replayed")]).toEqual([200, null]);
      expect(await count()).toBe(SEEDED.length + 2);
    });
  });

  test("a client that goes away and asks again makes one row all the same", async () => {
    for (let round = 0; round < 12; round++) {
      const before = await count();
      const headers = { "Idempotency-Key": fresh(), "X-API-Key": fixture().key, "Content-Type": "application/json" };
      const url = `${fixture().house.url}/api/v2/under_test/_table/tasks`;
      const send = (signal?: AbortSignal) =>
        fetch(url, { method: "POST", headers, body: '{"title":"once"}', ...(signal && { signal }) });
      await send(AbortSignal.timeout(1 + (round % 6))).catch(() => undefined);
      let status = 409;
      for (let tries = 0; tries < 50 && status === 409; tries++) status = (await send()).status;
      expect([status, await count()]).toEqual([200, before + 1]);
    }
  });

  test("is not answered to a caller whose rights have changed since", async () => {
    const { house, serviceId } = fixture();
    const key = await makeKey(house, `shrinking${Math.random()}`, [
      { service_id: serviceId, component: "*", verb_mask: 31 },
    ]);
    const headers = { "Idempotency-Key": fresh() };
    const ops = [{ method: "GET", path: "_table/customers/1?fields=email" }];
    const send = () => fixture().ask("POST", "_batch", { key, headers, body: { atomic: false, ops } });
    expect((await send()).status).toBe(200);
    const role = (await house.ask("GET", "system/role?order=id desc&limit=1&related=role_service_access_by_role_id"))
      .body.resource[0];
    const [access] = role.role_service_access_by_role_id;
    const change = { role_service_access_by_role_id: [{ id: access.id, component: "_table/products" }] };
    expect((await house.ask("PATCH", `system/role/${role.id}`, { body: change })).status).toBe(200);
    const again = await send();
    expect([again.status, again.text.includes("ada@")]).toEqual([409, false]);
  });

  test("PATCH and DELETE take one too", async () => {
    const [patch, remove] = [fresh(), fresh()];
    const change = () => write(patch, { points: 11 }, "_table/tasks/1", "PATCH");
    const first = await change();
    await fixture().database.query("UPDATE tasks SET points = 5 WHERE id = 1");
    expect((await change()).text).toBe(first.text);
    expect(await tasksOf(fixture())).toContain("ann a 5");
    const drop = () => fixture().ask("DELETE", "_table/tasks/4", { headers: { "Idempotency-Key": remove } });
    expect([(await drop()).status, (await drop()).status]).toEqual([200, 200]);
  });

  test.each(["", " ", "x".repeat(256)])("of a wrong length is refused (%#)", async (key) => {
    const answer = await fixture().ask("POST", "_table/tasks", {
      body: { title: "x" },
      headers: { "Idempotency-Key": key },
    });
    expect(answer.body?.error?.message ?? "").toBe("The header 'Idempotency-Key' must hold 1 to 255 characters.");
    expect(await count()).toBe(SEEDED.length);
  });
};
