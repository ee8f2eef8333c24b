import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import type { Cases } from "./suite.ts";
import { tasksOf, withTasks } from "./tasks.ts";

const SERVICE = "kept";

/** A service whose answers are kept: `cache_enabled`. */
export const cacheCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  let serviceId = 0;
  let key = "";
  beforeAll(async () => {
    const { house, database } = fixture();
    const config = { ssl: { mode: "disable" }, ...database.config, cache_enabled: true, cache_ttl: 600 };
    const made = await house.ask("POST", "system/service", {
      body: { name: SERVICE, type: target.type, is_active: true, config },
    });
    serviceId = made.body.id;
    key = await makeKey(house, "keeper", [{ service_id: serviceId, component: "*", verb_mask: 31 }]);
  });
  afterAll(() => fixture().house.ask("DELETE", `system/service/${serviceId}`));

  const ask = (verb: string, path: string, body?: object, as = key) =>
    fixture().house.ask(verb, `${SERVICE}/${path}`, { key: as, ...(body && { body: body as never }) });
  const get = async (path: string) => (await ask("GET", path)).body;
  const cost = (work: () => Promise<unknown>) => fixture().house.statements(SERVICE, work);
  const clear = () => fixture().house.ask("DELETE", `system/cache/${SERVICE}`);
  const past = (sql: string) => fixture().database.query(sql);

  describe("a read that was made before", () => {
    test.each([
      "_table/tasks",
      "_table/tasks/1",
      "_table/tasks?ids=1,2",
      "_table/tasks?filter=points>10&order=title desc&fields=title",
      "_table/tasks?count_only=true",
      "_table/tasks?include_count=true&limit=1",
      "_table/orders?filter=customers_by_customer_id.last_name='Lovelace'",
    ])("costs no statement and answers the same: %s", async (path) => {
      await clear();
      const first = await ask("GET", path);
      let again = first;
      expect(
        await cost(async () => {
          again = await ask("GET", path);
        }),
      ).toEqual([]);
      expect([again.status, again.text]).toEqual([200, first.text]);
    });

    test("answers as before although the row was changed past Millrace, until it is asked for anew", async () => {
      await clear();
      await get("_table/tasks/1?fields=points");
      await past("UPDATE tasks SET points = 99 WHERE id = 1");
      expect(await get("_table/tasks/1?fields=points")).toEqual({ points: 10 });
      expect(await get("_table/tasks/1?fields=points&refresh=true")).toEqual({ points: 99 });
      expect(await get("_table/tasks/1?fields=points")).toEqual({ points: 99 });
    });

    test.skipIf(!target.traits.tellsUndone)("is forgotten when a condition shows that it is old", async () => {
      await clear();
      const tag = (await ask("GET", "_table/tasks/1")).headers.get("ETag") ?? "";
      await past("UPDATE tasks SET points = 97 WHERE id = 1");
      const patch = { key, headers: { "If-Match": tag }, body: { points: 1 } };
      expect((await fixture().house.ask("PATCH", `${SERVICE}/_table/tasks/1`, patch)).status).toBe(412);
      expect((await ask("GET", "_table/tasks/1")).headers.get("ETag")).not.toBe(tag);
    });

    test("is forgotten when the cache is emptied", async () => {
      await get("_table/tasks/1?fields=points");
      await past("UPDATE tasks SET points = 98 WHERE id = 1");
      await clear();
      expect(await get("_table/tasks/1?fields=points")).toEqual({ points: 98 });
    });
  });

  describe("a write through Millrace shows at once", () => {
    test.each<[string, string, string, object | undefined, object]>([
      ["POST", "POST", "_table/tasks", { title: "eve", points: 5 }, { resource: [{ title: "eve" }] }],
      [
        "POST of a list",
        "POST",
        "_table/tasks",
        [{ title: "eve", points: 5 }, { title: "fay" }],
        { resource: [{ title: "eve" }] },
      ],
      ["PATCH by id", "PATCH", "_table/tasks/1", { points: 5 }, { resource: [{ title: "ann" }] }],
      ["PATCH by filter", "PATCH", "_table/tasks?filter=title='bob'", { points: 5 }, { resource: [{ title: "bob" }] }],
      [
        "PATCH by ids",
        "PATCH",
        "_table/tasks?ids=2,3",
        { points: 5 },
        { resource: [{ title: "bob" }, { title: "cid" }] },
      ],
    ])("%s", async (_title, verb, path, body, expected) => {
      await clear();
      const look = () => get("_table/tasks?filter=points=5&fields=title&order=title");
      expect(await look()).toEqual({ resource: [] });
      expect((await ask(verb, path, body)).status).toBe(200);
      expect(await look()).toEqual(expected);
    });

    test.each([
      "_table/tasks/4",
      "_table/tasks?ids=4",
      "_table/tasks?filter=title='dan'",
    ])("DELETE %s", async (path) => {
      await clear();
      expect(await get("_table/tasks?count_only=true")).toBe(4);
      expect((await ask("DELETE", path)).status).toBe(200);
      expect(await get("_table/tasks?count_only=true")).toBe(3);
    });

    test("what cascades from it shows too", async () => {
      await past("INSERT INTO customers (id, first_name, last_name) VALUES (77, 'Tem', 'Porary')");
      await past("INSERT INTO orders (id, customer_id, placed, total) VALUES (77, 77, '2024-01-01', 1)");
      await clear();
      expect((await ask("GET", "_table/orders/77")).status).toBe(200);
      expect((await ask("DELETE", "_table/customers/77")).status).toBe(200);
      expect((await ask("GET", "_table/orders/77")).status).toBe(404);
    });

    test("and shows through a view", async () => {
      await clear();
      await get("_table/customer_names?filter=id=4");
      await ask("PATCH", "_table/customers/4", { first_name: "Curt" });
      expect(await get("_table/customer_names?filter=id=4&fields=first_name")).toEqual({
        resource: [{ first_name: "Curt" }],
      });
      await ask("PATCH", "_table/customers/4", { first_name: "Kurt" });
    });

    test.skipIf(!target.traits.writesViews)("and a write through a view shows in its table", async () => {
      await clear();
      await get("_table/customers/4?fields=first_name");
      expect((await ask("PATCH", "_table/customer_names?filter=id=4", { first_name: "Curt" })).status).toBe(200);
      expect(await get("_table/customers/4?fields=first_name")).toEqual({ first_name: "Curt" });
      await ask("PATCH", "_table/customers/4", { first_name: "Kurt" });
    });

    test("a write to another table leaves it", async () => {
      await clear();
      await get("_table/tasks");
      await ask("PATCH", "_table/products/1", { name: "Card" });
      expect(await cost(() => get("_table/tasks"))).toEqual([]);
    });

    test.skipIf(!target.traits.tellsUndone)("a batch shows too", async () => {
      await clear();
      await get("_table/tasks/1?fields=points");
      await ask("POST", "_batch", { ops: [{ method: "PATCH", path: "_table/tasks/1", body: { points: 6 } }] });
      expect(await get("_table/tasks/1?fields=points")).toEqual({ points: 6 });
    });
  });

  describe("callers who may see different rows", () => {
    test("share no answer to a filter with {user.id}", async () => {
      const { house } = fixture();
      const email = "second@example.com";
      const password = "another password for tests";
      const admin = await house.ask("POST", "system/admin?fields=id", { body: { email, password, is_active: true } });
      const login = await house.ask("POST", "system/admin/session", { body: { email, password }, token: undefined });
      await past(`INSERT INTO tasks (id, title) VALUES (${60000 + admin.body.id}, 'second')`);
      await clear();
      const mine = (token: string) =>
        house.ask("GET", `${SERVICE}/_table/tasks?filter=id={user.id}&fields=id`, { token });
      const looks = [await mine(house.token), await mine(login.body.session_token), await mine(house.token)];
      expect(looks.map(({ body }) => body.resource.length)).toEqual([1, admin.body.id <= 4 ? 1 : 0, 1]);
      expect(looks[1]?.text).not.toBe(looks[0]?.text);
      await house.ask("DELETE", `system/admin/${admin.body.id}`);
    });

    test("who may not read is told so, whatever is kept for others", async () => {
      await get("_table/tasks");
      const other = await makeKey(fixture().house, `blind${Math.random()}`, [
        { service_id: serviceId, component: "_table/products", verb_mask: 1 },
      ]);
      expect((await ask("GET", "_table/tasks", undefined, other)).status).toBe(403);
    });
  });

  test("a service that does not say keeps nothing", async () => {
    const read = () => fixture().ask("GET", "_table/tasks/1");
    await read();
    expect(await fixture().statements(read)).toHaveLength(1);
    expect(await tasksOf(fixture())).toHaveLength(4);
  });
};
