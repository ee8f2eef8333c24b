import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Json, JsonObject } from "../../src/contract/json.ts";
import { changeConfig } from "../../src/services/system/service-config.ts";
import { makeService, startHouse, type TestHouse } from "../house.ts";
import { findRuntime } from "../runtimes/find.ts";
import { letWorkersOpenWebSockets } from "../runtimes/outbound.ts";
import { serveOnWorkers } from "../runtimes/workers.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import { type NeonProxy, startNeonProxy } from "../servers/neon-proxy.ts";

const SERVER = inject("postgres");
const isMissing = "unavailable" in SERVER || "unavailable" in findRuntime("workers");
const LIMITS = { pool: { wait_ms: 700 }, statement_timeout_ms: 900 };
/** More than all limits together, and far less than those of a service that says nothing. */
const BOUNDED_MS = 15_000;
const AWAY = "The database of service 'db' is not available.";

describe.skipIf(isMissing)("Neon on Workers", () => {
  let database: Database;
  let other: Database;
  let proxy: NeonProxy;
  let otherProxy: NeonProxy;
  let house: TestHouse;

  beforeAll(async () => {
    letWorkersOpenWebSockets();
    [database, other] = await Promise.all([createDatabase(SERVER), createDatabase(SERVER)]);
    await Promise.all([database.query(SCHEMA), other.query(SCHEMA)]);
    await other.query("INSERT INTO notes VALUES (1, 'from the other')");
    [proxy, otherProxy] = await Promise.all([startNeonProxy(database.port), startNeonProxy(other.port)]);
    house = await startHouse({}, (env) => serveOnWorkers(env, { HYPERDRIVE: database.url }));
    await makeService(house, "db", "neon", configOf());
    await house.ask("GET", "db/_table/notes");
  });
  afterAll(async () => {
    await house?.close();
    await Promise.all([proxy?.close(), otherProxy?.close()]);
    await Promise.all([database?.drop(), other?.drop()]);
  });

  const configOf = (more: JsonObject = {}) => ({
    host: "ep-cool-darkness-123456.eu-central-1.aws.neon.tech",
    username: database.user,
    password: database.password,
    database: database.database,
    proxy: proxy.url,
    ...more,
  });
  const ask = async (verb: string, path: string, body?: Json) => {
    const { status, text } = await house.ask(verb, path, body === undefined ? {} : { body });
    return { status, text };
  };
  /** How many HTTP requests and WebSockets the work cost. */
  const costOf = async (work: () => Promise<unknown>) => {
    const [requests, sockets] = [proxy.sent.length, proxy.tunnels.length];
    await work();
    return { requests: proxy.sent.length - requests, sockets: proxy.tunnels.length - sockets };
  };
  const namesOf = async () => (await database.query("SELECT text FROM notes ORDER BY id")).map(({ text }) => text);
  const tested = async (more: JsonObject) => {
    const body = { name: "tried", type: "neon", is_active: true, config: configOf(more) };
    const answer = await house.ask("POST", "system/service?test=true", { body });
    return answer.body?.error?.message ?? answer.text;
  };

  test("a read and a write of one statement are one HTTP request each", async () => {
    expect(await costOf(() => ask("GET", "db/_table/notes?limit=3"))).toEqual({ requests: 1, sockets: 0 });
    const write = () => ask("PATCH", "db/_table/notes?filter=id=0", { text: "none" });
    expect(await costOf(write)).toEqual({ requests: 1, sockets: 0 });
  });

  test("a transaction goes over one WebSocket to the server that the host names", async () => {
    const rows = [
      { id: 1, text: "one" },
      { id: 2, text: "two" },
    ];
    const create = async () => {
      expect(await ask("POST", "db/_table/notes?rollback=true", rows)).toMatchObject({ status: 200 });
    };
    expect(await costOf(create)).toEqual({ requests: 0, sockets: 1 });
    expect(proxy.tunnels.at(-1)).toBe(`${configOf().host}:5432`);
    expect(await namesOf()).toEqual(["one", "two"]);
  });

  test("what fails in a transaction takes all of it back", async () => {
    const rows = [
      { id: 3, text: "three" },
      { id: 4, text: "one" },
    ];
    const answer = await house.ask("POST", "db/_table/notes?rollback=true", { body: rows });
    expect(answer.body.error.context.resource[1]).toEqual({
      code: 409,
      message: "A record with the same value of 'text' already exists.",
      status_code: 409,
    });
    expect(await namesOf()).toEqual(["one", "two"]);
  });

  test.each([
    "",
    "?rollback=true",
  ])("values come back as they were sent, over HTTP and WebSockets: '%s'", async (how) => {
    const row = `{"id":1,"big":9223372036854775807,"exact":12345678901234567890.123456789,"yes":true,"bytes":"AP/+QUI=","at":"2024-02-29T23:59:59.123456","doc":{"n":1e400,"s":"\\u2603"}}`;
    const made = await house.ask("POST", `db/_table/kinds${how}${how ? "&" : "?"}fields=*`, { body: `[${row}]` });
    expect({ status: made.status, text: made.text }).toMatchObject({ status: 200 });
    const read = await house.ask("GET", "db/_table/kinds/1");
    expect(JSON.stringify(made.body.resource[0])).toBe(read.text);
    expect(read.text).toContain('"big":9223372036854775807');
    expect(read.text).toContain('"exact":12345678901234567890.123456789');
    expect(read.body).toMatchObject({ yes: true, bytes: "AP/+QUI=", at: "2024-02-29 23:59:59.123456" });
    expect(await ask("DELETE", "db/_table/kinds/1")).toMatchObject({ status: 200 });
  });

  test("what a constraint says at the end of the transaction is the answer", async () => {
    const { status, text } = await ask("POST", "db/_table/replies", { id: 1, note: 77 });
    expect({ status, text }).toMatchObject({ status: 409, text: expect.stringContaining("reference in 'note'") });
    const wrapped = {
      status: 500,
      body: JSON.stringify({ code: "23505", constraint: "notes_text_key", message: "no" }),
    };
    const late = () => ask("POST", "db/_table/notes", { id: 9, text: "nine" });
    expect(await proxy.refusing(wrapped, late)).toMatchObject({ status: 409 });
  });

  test("a slow statement is ended by the server at its time, a silent endpoint soon after", async () => {
    const late = { status: 504, text: expect.stringContaining("did not finish the statement in time") };
    await makeService(house, "hasty", "neon", configOf(LIMITS));
    const before = await database.query(RUNNING);
    expect(await ask("GET", "hasty/_table/slow")).toMatchObject(late);
    expect(await database.query(RUNNING)).toEqual(before);
    const began = performance.now();
    expect(await proxy.refusing({}, () => ask("GET", "hasty/_table/notes"))).toMatchObject(late);
    expect(performance.now() - began).toBeLessThan(BOUNDED_MS);
  });

  test("a write whose fate is not known is not sent again", async () => {
    for (const status of [500, 502, 503]) {
      const write = () => proxy.refusing({ status }, () => ask("POST", "db/_table/notes", { id: 5, text: "five" }));
      const cost = await costOf(async () => expect(await write()).toMatchObject({ status: 503 }));
      expect(cost).toEqual({ requests: 1, sockets: 0 });
    }
    expect(await namesOf()).toEqual(["one", "two"]);
  });

  test.each([413, 507])("what HTTP does not carry (%i) goes over a WebSocket", async (status) => {
    const read = () => proxy.refusing({ status }, () => ask("GET", "db/_table/notes?fields=text&filter=id=1"));
    const cost = await costOf(async () => expect(await read()).toEqual({ status: 200, text: ONE_NOTE }));
    expect(cost).toEqual({ requests: 1, sockets: 1 });
  });

  test("a redirect is not followed, so that the password stays", async () => {
    const before = otherProxy.sent.length;
    const moved = { status: 307, location: `${otherProxy.url}/sql` };
    expect(await proxy.refusing(moved, () => ask("GET", "db/_table/notes"))).toMatchObject({ status: 503 });
    expect(otherProxy.sent.length).toBe(before);
  });

  test("two services behind different proxies do not mix", async () => {
    await makeService(house, "other", "neon", configOf({ proxy: otherProxy.url, database: other.database }));
    const texts = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const service = index % 2 === 0 ? "db" : "other";
        const path = `${service}/_table/notes?fields=text&filter=id=1`;
        return (await ask("GET", path)).text;
      }),
    );
    expect(new Set(texts.filter((_, index) => index % 2 === 0))).toEqual(new Set([ONE_NOTE]));
    expect(new Set(texts.filter((_, index) => index % 2 === 1))).toEqual(
      new Set(['{"resource":[{"text":"from the other"}]}']),
    );
  });

  test("a SET of the config holds for its own service alone, though connections are shared", async () => {
    await makeService(house, "aside", "neon", configOf({ statements: ["SET search_path TO aside"] }));
    const read = (service: string) => ask("GET", `${service}/_table/notes?fields=text&filter=id=1`);
    const cost = await costOf(async () => {
      for (let turn = 0; turn < 3; turn++) {
        expect((await read("aside")).text).toBe('{"resource":[{"text":"aside"}]}');
        expect((await read("db")).text).toBe(ONE_NOTE);
      }
    });
    expect(cost.sockets).toBe(0);
    expect(await house.ask("POST", "db/_table/notes?refresh=true", { body: { id: 8, text: "eight" } })).toMatchObject({
      status: 200,
    });
    expect(await namesOf()).toEqual(["one", "two", "eight"]);
    await ask("DELETE", "db/_table/notes/8");
  });

  test("other statements of the config are run on sessions of its own", async () => {
    const statements = ["SELECT set_config('search_path', 'aside', false); SELECT 1"];
    await makeService(house, "sessions", "neon", configOf({ statements }));
    const cost = await costOf(async () => {
      const { text } = await ask("GET", "sessions/_table/notes?fields=text&filter=id=1");
      expect(text).toBe('{"resource":[{"text":"aside"}]}');
    });
    expect(cost).toEqual({ requests: 0, sockets: 1 });
  });

  test("a Hyperdrive is spoken to as a PostgreSQL", async () => {
    await makeService(house, "hyper", "neon", configOf({ hyperdrive: "HYPERDRIVE" }));
    const cost = await costOf(async () => {
      const { text } = await ask("GET", "hyper/_table/notes?fields=text&filter=id=1");
      expect(text).toBe(ONE_NOTE);
    });
    expect(cost).toEqual({ requests: 0, sockets: 0 });
  });

  test("a test of the connection says what is wrong", async () => {
    const failed = (sentence: string) => `The connection test failed. ${sentence}`;
    expect(await tested({ password: "wrong 100%" })).toBe(failed("The server refused the user name or password."));
    expect(await tested({ database: "nowhere" })).toBe(failed("The database does not exist."));
    const gone = { status: 400, body: '{"message":"The requested endpoint could not be found.","code":""}' };
    const unknown = await proxy.refusing(gone, () => tested({}));
    expect(unknown).toBe(failed("The host name could not be found."));
    expect(await tested({ host: "no host" })).toBe("The service has no valid host name.");
    expect(await tested({ proxy: "ftp://somewhere" })).toContain("'config.proxy' must be an address such as");
    expect(await tested({ ssl: { ca: "a certificate" } })).toContain(
      "Cloudflare Workers verify servers by their own list",
    );
  });

  test("while the endpoint is away the answer is 503 at once, and all is well when it is back", async () => {
    await proxy.close();
    const rows = [{ id: 6, text: "six" }];
    for (const [verb, path, body] of [
      ["GET", "db/_table/notes"],
      ["POST", "db/_table/notes?rollback=true", [...rows, { id: 7, text: "seven" }]],
    ] as const) {
      const answer = await house.ask(verb, path, body === undefined ? {} : { body });
      expect({ status: answer.status, message: answer.body.error.message }).toEqual({ status: 503, message: AWAY });
      expect(answer.headers.get("Retry-After")).not.toBeNull();
    }
    await proxy.open();
    expect(await ask("GET", "db/_table/notes?fields=text&filter=id=1")).toEqual({ status: 200, text: ONE_NOTE });
    expect(await ask("POST", "db/_table/notes?rollback=true", rows)).toMatchObject({ status: 200 });
  });
});

test("who may edit a service but not know its password can not send it to another proxy", () => {
  const change = {
    said: { proxy: "http://elsewhere:4444" },
    current: { host: "a", password: "secret" },
    secrets: [["password"]],
    isOtherType: false,
    principal: { kind: "user" } as never,
  };
  expect(() => changeConfig(change)).toThrow("Field 'config.password' must be sent again when 'config.proxy' changes.");
});

const ONE_NOTE = '{"resource":[{"text":"one"}]}';
const RUNNING =
  "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%slow%' AND state = 'active' AND pid <> pg_backend_pid()";
const SCHEMA = `
  CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(40) UNIQUE);
  CREATE TABLE replies (id INTEGER PRIMARY KEY, note INTEGER REFERENCES notes DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE kinds (id INTEGER PRIMARY KEY, big BIGINT, exact NUMERIC(40,9), yes BOOLEAN, bytes BYTEA, at TIMESTAMP, doc JSON);
  CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(30)::text AS text;
  CREATE SCHEMA aside;
  CREATE TABLE aside.notes (id INTEGER PRIMARY KEY, text VARCHAR(40));
  INSERT INTO aside.notes VALUES (1, 'aside');`;
