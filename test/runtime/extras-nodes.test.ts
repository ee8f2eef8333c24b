import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { makeService, startHouse, type TestHouse } from "../house.ts";
import { createDatabase, type Database } from "../servers/databases.ts";

const POSTGRES = inject("postgres");

describe.skipIf("unavailable" in POSTGRES)("what Millrace keeps of a schema", () => {
  let store: Database;
  let served: Database;
  let houses: readonly [TestHouse, TestHouse];
  let serviceId = 0;

  beforeAll(async () => {
    store = await createDatabase(POSTGRES);
    served = await createDatabase(POSTGRES);
    await served.query("CREATE TABLE things (id INTEGER PRIMARY KEY, color VARCHAR(20), other VARCHAR(20))");
    const start = () => startHouse({ DATABASE_URL: `${store.url}?sslmode=disable` });
    houses = [await start(), await start()];
    serviceId = await makeService(houses[0], "shared", "pgsql", { dsn: served.url, ssl: { mode: "disable" } });
  });
  afterAll(async () => {
    for (const house of houses ?? []) await house.close();
    await served?.drop();
    await store?.drop();
  });

  const POLL = { timeout: 10_000 };

  test("is seen by the other nodes: a label, an alias and a validation", async () => {
    const [one, other] = houses;
    await expect.poll(async () => (await other.ask("GET", "shared/_schema/things")).status, POLL).toBe(200);
    const color = { name: "color", alias: "paint", picklist: ["red"], validation: { picklist: {} } };
    const said = { alias: "items", label: "Item", field: [color] };
    expect((await one.ask("PATCH", "shared/_schema/things", { body: said })).status).toBe(200);
    const label = async () => (await other.ask("GET", "shared/_schema/items")).body.label;
    await expect.poll(label, POLL).toBe("Item");
    expect((await other.ask("GET", "shared/_table/things")).status).toBe(404);
    const { status, body } = await other.ask("POST", "shared/_table/items", { body: { id: 1, paint: "blue" } });
    expect([status, body.error.message]).toEqual([400, "Field 'paint' must be one of 'red'."]);
  });

  test("makes the other nodes read a schema anew that was changed through one", async () => {
    const [one, other] = houses;
    expect((await other.ask("GET", "shared/_table/items?fields=other")).status).toBe(200);
    const answer = await one.ask("DELETE", "shared/_schema/items/_field/other");
    expect(answer.status).toBe(200);
    const fields = async () => (await other.ask("GET", "shared/_schema/items")).body.field.length;
    await expect.poll(fields, POLL).toBe(2);
  });

  test("goes with its service", async () => {
    const rows = async () => store.query("SELECT id FROM schema_extra");
    expect((await rows()).length).toBeGreaterThan(0);
    expect((await houses[0].ask("DELETE", `system/service/${serviceId}`)).status).toBe(200);
    expect((await rows()).length).toBe(0);
  });
});
