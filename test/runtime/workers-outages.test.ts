import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type Database } from "../servers/databases.ts";
import { startPrivatePostgres } from "../servers/postgres.ts";
import type { OwnServer } from "../servers/server.ts";
import { type Isolate, type Isolates, SECRETS, startIsolates } from "./isolates.ts";
import { until } from "./until.ts";

const STALE_MS = 5_500;
const started = await startPrivatePostgres();
const missing = "unavailable" in started ? started.unavailable : undefined;
const withoutTls = (url: string) => `${url}?sslmode=disable`;

describe.skipIf(missing !== undefined)("a Worker", () => {
  const server = started as OwnServer;
  let running: Isolates;
  let settings: Database;
  let data: Database;
  let house: Isolate;
  let late: Isolate;
  let token: string;

  beforeAll(async () => {
    settings = await createDatabase(server);
    data = await createDatabase(server);
    await data.query("CREATE TABLE notes (id integer PRIMARY KEY, text text); INSERT INTO notes VALUES (1, 'one')");
    const same = { vars: { ...SECRETS, DATABASE_URL: withoutTls(settings.url) } };
    running = await startIsolates([same, same]);
    [house, late] = running.isolates as [Isolate, Isolate];
    token = await house.login();
    const config = { dsn: withoutTls(data.url), statement_timeout_ms: 20_000 };
    const record = { name: "db", type: "pgsql", is_active: true, config };
    expect((await house.ask("POST", "system/service", token, record)).status).toBe(201);
  });
  afterAll(async () => {
    await running?.close();
    await server.close();
  });

  test("goes on with the settings it has while their database hangs", async () => {
    await house.fetch("/readyz");
    server.freeze();
    await sleep(STALE_MS);
    const answers = await Promise.all([1, 2, 3].map(() => house.fetch("/api/v2/system/environment")));
    server.thaw();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("goes on with the settings it has while their database is away, and takes over what changed meanwhile", async () => {
    await server.stop();
    await sleep(STALE_MS);
    expect((await house.fetch("/api/v2/system/environment")).status).toBe(200);
    const sentence = "The settings could not be looked at for changes; the last known ones stay in force.";
    await until(async () => running.log().includes(sentence));
    await server.start();
    await settings.query(
      "UPDATE service SET is_active = false WHERE name = 'db'; UPDATE store_state SET version = 'x'",
    );
    await until(async () => (await house.ask("GET", "db/_table", token)).status !== 200);
  });

  test("answers 503 until the database of its settings is there, and then serves by itself", async () => {
    await server.stop();
    const answer = await late.fetch("/api/v2/system/environment");
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "2"]);
    expect(await answer.text()).toContain("The database of Millrace's own settings can not be used. The log says why.");
    expect((await late.fetch("/livez")).status).toBe(200);
    await server.start();
    await until(async () => (await late.fetch("/api/v2/system/environment")).status === 200);
  });
});
