import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { MIGRATIONS } from "../../src/store/tables.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import { type Isolate, type Isolates, SECRETS, startIsolates } from "./isolates.ts";
import { until } from "./until.ts";

const { MILLRACE_SECRET, MILLRACE_ADMIN_PASSWORD } = SECRETS;
const NO_BINDING = (name: string) =>
  `The environment variable DATABASE_URL names the binding '${name}', which this Worker does not have as such.`;

const WRONG: readonly [Readonly<Record<string, string>>, string][] = [
  [{}, "The environment variable MILLRACE_SECRET must be set on Workers."],
  [{ MILLRACE_SECRET: "short" }, "The environment variable MILLRACE_SECRET must have at least 32 characters."],
  [{ MILLRACE_SECRET, DATABASE_URL: "oracle://host/db" }, "can not hold the settings: 'oracle:'."],
  [{ MILLRACE_SECRET, DATABASE_URL: "hyperdrive:NONE" }, NO_BINDING("NONE")],
  [{ MILLRACE_SECRET, DATABASE_URL: "hyperdrive:DB" }, NO_BINDING("DB")],
  [{ MILLRACE_SECRET, DATABASE_URL: "d1:NONE" }, NO_BINDING("NONE")],
  [
    { MILLRACE_SECRET, MILLRACE_ADMIN_PASSWORD, DATABASE_URL: "sqlite:millrace.db" },
    "The database that DATABASE_URL names can not be used. SQLite files can not be served on Workers",
  ],
];

describe("a Worker that is not configured", () => {
  let running: Isolates;
  beforeAll(async () => {
    running = await startIsolates([{ vars: { LOG_LEVEL: "debug" } }, ...WRONG.map(([vars]) => ({ vars }))]);
  });
  afterAll(() => running?.close());

  test("is alive all the same, and logs nothing for it", async () => {
    const answer = await running.isolates[0]?.fetch("/livez");
    expect([answer?.status, await answer?.json()]).toEqual([200, { status: "ok" }]);
    expect(running.log()).toBe("");
  });

  test.each(
    WRONG.map(([vars, sentence], index) => [sentence, vars, index + 1] as const),
  )("answers 503, and only its log says: %s", async (sentence, _, index) => {
    const answer = await running.isolates[index]?.fetch("/api/v2/system/environment");
    expect([answer?.status, answer?.headers.get("Retry-After")]).toEqual([503, "2"]);
    const text = await answer?.text();
    expect(text).toContain("Millrace is not configured so that it can start. The log says what is wrong.");
    expect(text).not.toMatch(/MILLRACE_|DATABASE_URL/);
    await until(async () => running.log().includes(sentence));
  });

  test("logs a failure once while it answers many", async () => {
    const isolate = running.isolates[1];
    const count = () => running.log().split(WRONG[0]?.[1] ?? "").length - 1;
    const before = count();
    await Promise.all(Array.from({ length: 20 }, () => isolate?.fetch("/readyz")));
    expect(count() - before).toBeLessThanOrEqual(1);
  });
});

const postgres = inject("postgres");
const missing = "unavailable" in postgres ? postgres.unavailable : undefined;
/** The certificate of the test's server is its own, and Workers take none but public ones. */
const withoutTls = (url: string) => `${url}?sslmode=disable`;

describe.skipIf(missing !== undefined)("a Worker whose settings are in PostgreSQL", () => {
  let running: Isolates;
  let shared: Database;
  let bare: Database;
  let bound: Database;
  let many: readonly Isolate[];
  let careless: Isolate;
  let hyper: Isolate;

  beforeAll(async () => {
    [shared, bare, bound] = await Promise.all([
      createDatabase(postgres),
      createDatabase(postgres),
      createDatabase(postgres),
    ]);
    const same = { vars: { ...SECRETS, DATABASE_URL: withoutTls(shared.url) } };
    running = await startIsolates([
      { vars: { MILLRACE_SECRET, DATABASE_URL: withoutTls(bare.url) } },
      {
        vars: { ...SECRETS, DATABASE_URL: "hyperdrive:OWN" },
        hyperdrive: { OWN: withoutTls(bound.url), OTHER: withoutTls(shared.url) },
      },
      ...[same, same, same, same],
    ]);
    [careless, hyper, ...many] = running.isolates as [Isolate, Isolate, ...Isolate[]];
  });
  afterAll(async () => {
    await running?.close();
    await Promise.all([shared, bare, bound].map((each) => each?.drop()));
  });

  test("is opened once when many isolates get their first requests at the same moment", async () => {
    await expectServed(many, running);
    const counts = ['"user"', "service", "migration"].map((table) => `(SELECT count(*) FROM ${table})`);
    expect(await shared.query(`SELECT ${counts.join(" + ")} AS rows`)).toEqual([
      { rows: String(2 + MIGRATIONS.length) },
    ]);
    for (const each of many) expect(await each.login()).not.toBe("");
  });

  test("shows its own writes at once, and those of other isolates soon", async () => {
    const [one, other] = many as [Isolate, Isolate];
    const token = await one.login();
    const config = { dsn: withoutTls(bare.url) };
    const service = { name: "db", type: "pgsql", is_active: true, config };
    expect((await one.ask("POST", "system/service", token, service)).status).toBe(201);
    expect((await one.ask("GET", "db/_table", token)).status).toBe(200);
    await until(async () => (await other.ask("GET", "db/_table", token)).status === 200);
  });

  test("makes up no password for the administrator, and asks for one", async () => {
    expect((await careless.fetch("/api/v2/system/environment")).status).toBe(503);
    const sentence = "MILLRACE_ADMIN_PASSWORD must be set as long as there is no administrator.";
    await until(async () => running.log().includes(sentence));
    expect(await bare.query('SELECT count(*) AS count FROM "user"')).toEqual([{ count: "0" }]);
  });

  test.each([
    ["OTHER", 200],
    ["OWN", 400],
    ["own", 400],
    ["__proto__", 400],
    ["MILLRACE_SECRET", 400],
  ])("over Hyperdrive lets services open what is not its own: %s", async (name, status) => {
    const token = await hyper.login();
    const service = `s${status}${name.toLowerCase().replaceAll("_", "")}${name === "own" ? "lower" : ""}`;
    const record = { name: service, type: "pgsql", is_active: true, config: { hyperdrive: name } };
    expect((await hyper.ask("POST", "system/service", token, record)).status).toBe(201);
    expect((await hyper.ask("GET", `${service}/_table`, token)).status).toBe(status);
  });
});

describe("a Worker whose settings are in D1", () => {
  const key = "5a".repeat(32);
  let running: Isolates;
  let many: readonly [Isolate, ...Isolate[]];

  beforeAll(async () => {
    const same = { vars: { ...SECRETS, MILLRACE_SAMPLE: "on", MILLRACE_SAMPLE_KEY: key } };
    running = await startIsolates([same, same, same, same]);
    many = running.isolates as [Isolate, ...Isolate[]];
  });
  afterAll(() => running?.close());

  test("is opened once, with the sample, when many isolates get their first requests at the same moment", async () => {
    await expectServed(many, running);
    const [one] = many;
    const token = await one.login();
    const count = async (table: string) => {
      const answer = await one.ask("GET", `system/${table}?fields=id`, token);
      return ((await answer.json()) as { resource: unknown[] }).resource.length;
    };
    expect([await count("admin"), await count("service"), await count("app")]).toEqual([1, 2, 1]);
    for (const each of many) {
      const answer = await each.fetch("/api/v2/db/_table/employees?limit=2", { headers: { "X-API-Key": key } });
      expect([answer.status, ((await answer.json()) as { resource: unknown[] }).resource.length]).toEqual([200, 2]);
    }
  });

  test.each(["DB", "db", "__proto__", "MILLRACE_SECRET"])("lets no service open %s", async (binding) => {
    const [one] = many;
    const token = await one.login();
    const name = `s${[...binding].map((each) => each.charCodeAt(0)).join("")}`.slice(0, 40);
    const record = { name, type: "d1", is_active: true, config: { binding } };
    expect((await one.ask("POST", "system/service", token, record)).status).toBe(201);
    const answer = await one.ask("GET", `${name}/_table`, token);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(`'${binding}'`)]);
  });
});

/** Sends each isolate its first requests, all at the same moment; all have to be answered well. */
async function expectServed(isolates: readonly Isolate[], running: Isolates): Promise<void> {
  const firsts = isolates.flatMap((each) => [each.fetch("/readyz"), each.fetch("/api/v2/system/environment")]);
  const statuses = (await Promise.all(firsts)).map(({ status }) => status);
  expect(statuses, running.log()).toEqual(firsts.map(() => 200));
}
