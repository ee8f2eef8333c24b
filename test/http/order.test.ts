import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../house.ts";
import { SERVER } from "../runtimes/server-traits.ts";
import { type HouseWithTables, openHouseWith } from "./database.ts";

const SESSION = "system/admin/session";
const PASSWORD = "a password for tests only";

let at: HouseWithTables;
beforeAll(async () => {
  at = await openHouseWith(["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"]);
});
afterAll(() => at.close());

const notes = async () => (await at.database.query("SELECT COUNT(*) AS n FROM notes"))[0]?.n;
const logIn = (email: string, password: string) =>
  at.house.ask("POST", SESSION, { token: undefined, body: { email, password } });

describe("a body", () => {
  test.runIf(SERVER.handsOverEarly)("of a stranger is not read", async () => {
    const { hostname, port } = new URL(at.house.url);
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
    socket.write("POST /api/v2/db/_table/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n[");
    expect(await answer).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test.runIf(SERVER.handsOverEarly)("of one whose key does not count is not read either", async () => {
    const { hostname, port } = new URL(at.house.url);
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
    socket.write("POST /api/v2/db HTTP/1.1\r\nHost: x\r\nX-API-Key: no\r\nContent-Length: 1000000\r\n\r\n[");
    expect(await answer).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test("of a login is small", async () => {
    const body = { email: "a@example.com", password: "x", more: "x".repeat(16 * 1024) };
    expect((await at.house.ask("POST", SESSION, { token: undefined, body })).status).toBe(413);
  });

  test("that arrives when its key is gone writes nothing", async () => {
    const key = await makeKey(at.house, "leaver", [{ service_id: at.serviceId, component: "*", verb_mask: 31 }]);
    const app = (await at.house.ask("GET", "system/app?filter=name=leaver")).body.resource[0];
    const headers = { "X-API-Key": key, "Content-Type": "application/json" };
    const pending = request(`${at.house.url}/api/v2/db/_table/notes`, { method: "POST", headers });
    const status = new Promise((resolve) => pending.once("response", (response) => resolve(response.statusCode)));
    pending.write('{"text":');
    await wait(100);
    expect((await at.house.ask("DELETE", `system/app/${app.id}`)).status).toBe(200);
    pending.end('"late"}');
    expect([await status, await notes()]).toEqual([401, 0]);
  });

  test("that its client gives up is no failure of the server", async () => {
    const headers = { "X-API-Key": at.key, "Content-Type": "application/json", "X-Request-Id": "given-up" };
    const pending = request(`${at.house.url}/api/v2/db/_table/notes`, { method: "POST", headers });
    pending.on("error", () => undefined);
    pending.write('{"text":');
    await wait(100);
    const lines = async () => (await at.house.log()).filter((line) => line.request_id === "given-up");
    expect(await lines()).toEqual([]);
    pending.destroy();
    await expect.poll(lines).not.toEqual([]);
    expect((await lines()).filter(({ level }) => level !== "debug")).toEqual([]);
  });
});

describe("a path that is open to strangers", () => {
  test.each(["SESSION", "Session"])("is spelled exactly: system/admin/%s is not", async (name) => {
    expect((await at.house.ask("GET", `system/admin/${name}?id_field=first_name`, { token: undefined })).status).toBe(
      401,
    );
  });
});

describe("a session", () => {
  test("is exchanged for one other, however many ask at once", async () => {
    const { session_token: token } = (await logIn("admin@example.com", PASSWORD)).body;
    const all = await Promise.all(Array.from({ length: 20 }, () => at.house.ask("PUT", SESSION, { token })));
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)]);
  });

  test("ends with the password it began with, and the new one works at once", async () => {
    const email = "changer@example.com";
    const [old, fresh] = ["the first password of it", "the second password of it"];
    const { id } = (await at.house.ask("POST", "system/admin", { body: { email, password: old } })).body;
    const { session_token: token } = (await logIn(email, old)).body;
    expect((await at.house.ask("GET", SESSION, { token })).status).toBe(200);
    expect((await at.house.ask("PATCH", `system/admin/${id}`, { body: { password: fresh } })).status).toBe(200);
    expect((await at.house.ask("GET", SESSION, { token })).status).toBe(401);
    expect((await at.house.ask("PUT", SESSION, { token })).status).toBe(401);
    const next = (await logIn(email, fresh)).body;
    expect((await at.house.ask("GET", SESSION, { token: next.session_token })).status).toBe(200);
    expect(next.last_login_date).toMatch(/^\d{4}-/);
  });

  test("that was asked for with the old password while it changed is of no use", async () => {
    const email = "racer@example.com";
    const [old, fresh] = ["the first password of it", "the second password of it"];
    const { id } = (await at.house.ask("POST", "system/admin", { body: { email, password: old } })).body;
    const change = at.house.ask("PATCH", `system/admin/${id}`, { body: { password: fresh } });
    const logins = await Promise.all(Array.from({ length: 9 }, () => logIn(email, old)));
    expect((await change).status).toBe(200);
    for (const { body } of logins.filter(({ status }) => status === 200)) {
      expect((await at.house.ask("GET", SESSION, { token: body.session_token })).status).toBe(401);
    }
  });

  test("is refused for a while after ten failed logins, whoever asks", async () => {
    for (const email of ["nobody@example.com", "victim@example.com"]) {
      if (email.startsWith("v")) await at.house.ask("POST", "system/admin", { body: { email, password: PASSWORD } });
      const statuses = [];
      for (let done = 0; done < 10; done++) statuses.push((await logIn(email, "wrong")).status);
      expect(statuses).toEqual(Array(10).fill(401));
      const refused = await logIn(email, PASSWORD);
      expect([refused.status, Number(refused.headers.get("Retry-After")) > 850]).toEqual([429, true]);
    }
    expect((await logIn("admin@example.com", PASSWORD)).status).toBe(200);
  });
});
