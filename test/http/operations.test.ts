import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeService, RUNTIME } from "../house.ts";
import { type HouseWithTables, openHouseWith } from "./database.ts";

let at: HouseWithTables;

beforeAll(async () => {
  at = await openHouseWith(["CREATE TABLE notes (id INTEGER PRIMARY KEY)"]);
});
afterAll(() => at?.close());

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${at.house.url}${path}`, { headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const statusFor = (token: string) => get("/status", { Authorization: `Bearer ${token}` });

describe("who watches without credentials", () => {
  test.each(["/livez", "/readyz"])("is told by %s that all is well", async (path) => {
    const { status, body } = await get(path);
    expect([status, body]).toEqual([200, { status: "ok" }]);
  });

  test("is told by /status no version and no names", async () => {
    const { status, body } = await get("/status");
    expect([status, body]).toEqual([200, { name: "Millrace", status: "ok" }]);
  });

  test("finds no metrics on the public port", async () => {
    const { status, body } = await get("/metrics");
    expect([status, body.error.code]).toEqual([404, 404]);
  });

  test.each(["/livez/", "/status/x", "/readyz%2f"])("finds nothing under %s", async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test.each(["/livez", "/readyz", "/status", "/metrics"])("can not write to %s", async (path) => {
    expect((await fetch(`${at.house.url}${path}`, { method: "POST" })).status).toBe(404);
  });
});

describe("/status for an administrator", () => {
  test("tells what runs, how fresh the settings are, and each service", async () => {
    await at.house.ask("GET", "db/_table/notes");
    const { status, headers, body } = await statusFor(at.house.token);
    expect([status, headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    expect(body).toEqual({
      name: "Millrace",
      status: "ok",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      runtime: RUNTIME,
      uptime_s: expect.any(Number),
      settings: {
        version: expect.any(String),
        read_at: expect.stringMatching(/^\d{4}-.*Z$/),
        checked_at: expect.stringMatching(/^\d{4}-.*Z$/),
        is_current: true,
      },
      services: expect.arrayContaining([
        { name: "db", type: at.type, is_active: true, is_open: true, running_calls: 0, last_failure: null },
      ]),
    });
  });

  test("names the kind of a failure, not what was said, and stays quick", async () => {
    await makeService(at.house, "away", "pgsql", {
      host: "127.0.0.1",
      port: 1,
      username: "kanarie",
      password: "kanarie",
      database: "kanarie",
    });
    expect((await at.house.ask("GET", "away/_table")).status).toBe(503);
    expect((await get("/readyz")).status).toBe(200);
    const { body } = await statusFor(at.house.token);
    const away = body.services.find((each: { name: string }) => each.name === "away");
    expect(away.last_failure).toEqual({ kind: "unavailable", at: expect.stringMatching(/Z$/) });
    expect(JSON.stringify(body)).not.toContain("kanarie");
  });

  test("is for administrators alone", async () => {
    const { status, body } = await get("/status", { "X-API-Key": at.key });
    expect([status, body]).toEqual([200, { name: "Millrace", status: "ok" }]);
  });

  test.each([
    ["X-API-Key", "wrong"],
    ["Authorization", "Bearer wrong"],
    ["Authorization", "Basic eDp5"],
  ])("refuses credentials that do not count: %s: %s", async (name, value) => {
    expect((await get("/status", { [name]: value })).status).toBe(401);
  });
});
