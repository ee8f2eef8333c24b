import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type Database } from "../servers/databases.ts";
import { startPrivatePostgres } from "../servers/postgres.ts";
import type { OwnServer } from "../servers/server.ts";
import { type BareWorkerd, startBareWorkerd } from "./bare-workerd.ts";
import { type Isolate, isolateOf, SECRETS } from "./isolates.ts";
import { until } from "./until.ts";

const started = await startPrivatePostgres();
const missing = "unavailable" in started ? started.unavailable : undefined;
const withoutTls = (url: string) => `${url}?sslmode=disable`;

describe.skipIf(missing !== undefined)("a Worker whose client goes away", () => {
  const server = started as OwnServer;
  let first: BareWorkerd;
  let second: BareWorkerd;
  let data: Database;
  let house: Isolate;
  let token: string;

  beforeAll(async () => {
    const settings = await createDatabase(server);
    data = await createDatabase(server);
    await data.query("CREATE TABLE notes (id integer PRIMARY KEY, text text); INSERT INTO notes VALUES (1, 'one')");
    const vars = { ...SECRETS, DATABASE_URL: withoutTls(settings.url) };
    first = await startBareWorkerd(vars);
    second = await startBareWorkerd(vars);
    house = isolateOf((path, init) => fetch(`${first.url}${path}`, init));
    token = await house.login();
    const config = { dsn: withoutTls(data.url), statement_timeout_ms: 20_000 };
    const record = { name: "db", type: "pgsql", is_active: true, config };
    expect((await house.ask("POST", "system/service", token, record)).status).toBe(201);
  });
  afterAll(async () => {
    await Promise.all([first, second].map((each) => each?.close()));
    await server.close();
  });

  /** Holds a lock of the data while `work` runs. */
  const whileLocked = async (lock: string, work: () => Promise<void>) => {
    const client = new Client({ connectionString: data.url });
    await client.connect();
    try {
      await client.query(`BEGIN; ${lock}`);
      await work();
    } finally {
      await client.end();
    }
  };
  const isWaiting = async () => {
    const [row] = await data.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    return row?.count !== "0";
  };

  /** Sends a request, and gives what takes its client away. */
  const abandonable = ({ url }: BareWorkerd, method: string, path: string, body?: object) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const sent = request(`${url}${path}`, { method, headers });
    sent.on("error", () => {});
    sent.end(body && JSON.stringify(body));
    // workerd takes the mere end of what a client sends for one that still listens.
    return () => sent.socket?.resetAndDestroy();
  };

  test("reads to its end the catalog that others wait for as well", async () => {
    let other: Promise<Response> | undefined;
    await whileLocked("LOCK TABLE pg_attrdef IN ACCESS EXCLUSIVE MODE", async () => {
      const goAway = abandonable(first, "GET", "/api/v2/db/_table/notes");
      await until(isWaiting);
      other = house.ask("GET", "db/_table/notes", token);
      await sleep(200);
      goAway();
      await sleep(500);
    });
    const answer = await other;
    expect([answer?.status, await answer?.json()]).toEqual([200, { resource: [{ id: 1, text: "one" }] }]);
  });

  test("undoes the transaction of the client, and leaves none open", async () => {
    await data.query("INSERT INTO notes VALUES (2, 'two')");
    await whileLocked("SELECT * FROM notes WHERE id = 1 FOR UPDATE", async () => {
      const resource = [2, 1].map((id) => ({ id, text: "new" }));
      const goAway = abandonable(first, "PATCH", "/api/v2/db/_table/notes?rollback=true", { resource });
      await until(isWaiting);
      goAway();
      await sleep(500);
    });
    await until(async () => {
      const [row] = await data.query("SELECT count(*) FROM pg_stat_activity WHERE xact_start < now()");
      return row?.count === "0";
    });
    expect(await data.query("SELECT text FROM notes ORDER BY id")).toEqual([{ text: "one" }, { text: "two" }]);
    expect((await house.ask("GET", "db/_table/notes", token)).status).toBe(200);
  });

  test("is opened for others all the same", async () => {
    server.freeze();
    const goAway = abandonable(second, "GET", "/readyz");
    await sleep(300);
    const other = fetch(`${second.url}/readyz`);
    await sleep(300);
    goAway();
    await sleep(300);
    server.thaw();
    expect((await other).status).toBe(200);
  });
});
