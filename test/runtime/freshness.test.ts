import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startHouse, type TestHouse } from "../house.ts";
import { createDatabase, type Database } from "../servers/databases.ts";

const POSTGRES = inject("postgres");

describe.skipIf("unavailable" in POSTGRES)("a store that can not be looked at for changes", () => {
  let database: Database;
  let house: TestHouse;

  beforeAll(async () => {
    database = await createDatabase(POSTGRES);
    house = await startHouse({ DATABASE_URL: `${database.url}?sslmode=disable` });
  });
  afterAll(async () => {
    await house?.close();
    await database?.drop();
  });

  async function settings() {
    const headers = { Authorization: `Bearer ${house.token}` };
    return (await (await fetch(`${house.url}/status`, { headers })).json()).settings;
  }

  test("leaves Millrace ready with the settings that it has, and /status tells", async () => {
    const before = await settings();
    expect(before.is_current).toBe(true);
    await database.query("ALTER TABLE store_state RENAME TO away");
    await expect.poll(async () => (await settings()).is_current, { timeout: 10_000 }).toBe(false);
    expect((await fetch(`${house.url}/readyz`)).status).toBe(200);
    expect((await house.ask("GET", "")).status).toBe(200);
    const stale = await settings();
    expect((await settings()).checked_at).toBe(stale.checked_at);
    await database.query("ALTER TABLE away RENAME TO store_state");
    await expect.poll(async () => (await settings()).is_current, { timeout: 10_000 }).toBe(true);
    const { version, checked_at } = await settings();
    expect(version).toBe(before.version);
    expect(Date.parse(checked_at)).toBeGreaterThan(Date.parse(stale.checked_at));
  });
});
