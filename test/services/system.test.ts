import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/runtime/node.ts";
import { makeKey, makeService, startHouse, type TestHouse } from "../house.ts";

let house: TestHouse;
let folder: string;
let database: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-system-"));
  const server = await startServer({ PORT: "0", DATABASE_URL: `sqlite:${folder}/store.db` }, () => undefined);
  await server.close();
  database = join(folder, "copy.db");
  copyFileSync(join(folder, "sample.db"), database);
  house = await startHouse();
});

afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

describe("roles", () => {
  test("are made, changed and read with their nested access in one request", async () => {
    const serviceId = await makeService(house, "nested", "sqlite", { database });
    const made = await house.ask("POST", "system/role?fields=*&related=role_service_access_by_role_id", {
      body: {
        resource: [
          {
            name: "clerk",
            is_active: true,
            role_service_access_by_role_id: [
              { service_id: serviceId, component: "_table/employees", verb_mask: 1, requestor_mask: 1 },
              { service_id: serviceId, component: "_table/titles", verb_mask: 3, requestor_mask: 3 },
            ],
          },
        ],
      },
    });
    expect(made.status).toBe(201);
    const [role] = made.body.resource;
    expect(role).toMatchObject({
      name: "clerk",
      is_active: true,
      role_service_access_by_role_id: [{ verb_mask: 1 }, { verb_mask: 3 }],
    });
    const [first, second] = role.role_service_access_by_role_id;
    const changed = await house.ask("PATCH", `system/role/${role.id}?related=*`, {
      body: {
        role_service_access_by_role_id: [
          { id: first.id, verb_mask: 31 },
          { id: second.id, role_id: null },
          { service_id: null, component: "*", verb_mask: 1 },
        ],
      },
    });
    expect(changed.status).toBe(200);
    expect(changed.body.role_service_access_by_role_id).toMatchObject([
      { id: first.id, component: "_table/employees", verb_mask: 31 },
      { service_id: null, component: "*", verb_mask: 1, requestor_mask: 1 },
    ]);
  });

  test("whose rules are not enforced yet are refused, not stored", async () => {
    const rows = { component: "*", verb_mask: 1, filters: [{ name: "id", operator: "=", value: "1" }] };
    const fields = { component: "*", verb_mask: 1, fields_read: ["id"] };
    for (const entry of [rows, fields, { component: "*", mask: { email: "null" } }]) {
      const made = await house.ask("POST", "system/role", {
        body: { name: "r", role_service_access_by_role_id: [entry] },
      });
      expect(made.status).toBe(400);
    }
  });

  test("take the query language of any table", async () => {
    const found = await house.ask("GET", "system/role?filter=name%20starts%20with%20cl&fields=name&include_count=true");
    expect(found.body).toEqual({ resource: [{ name: "clerk" }], meta: { count: 1 } });
  });

  test("with a name that is taken answer 409, and a batch says which", async () => {
    expect((await house.ask("POST", "system/role", { body: { name: "clerk" } })).status).toBe(409);
    const batch = await house.ask("POST", "system/role?continue=true", {
      body: { resource: [{ name: "new" }, { name: "clerk" }] },
    });
    expect(batch.status).toBe(400);
    expect(batch.body.error.context).toMatchObject({ error: [1], resource: [{}, { status_code: 409 }] });
    const undone = await house.ask("POST", "system/role?rollback=true", {
      body: { resource: [{ name: "other" }, { name: "clerk" }] },
    });
    expect(undone.status).toBe(400);
    expect((await house.ask("GET", "system/role?filter=name=other")).body.resource).toEqual([]);
  });
});

describe("services", () => {
  test("read back with their secrets masked, and a mask that comes back changes nothing", async () => {
    const config = { host: "db.example.com", port: "3306", password: "hunter2hunter2", username: "u", database: "d" };
    const id = await makeService(house, "Masked", "mysql", config);
    const shown = await house.ask("GET", `system/service/${id}`);
    expect(shown.body).toMatchObject({ name: "masked", config: { host: "db.example.com", password: "**********" } });
    expect(shown.text).not.toContain("hunter2");
    const changed = await house.ask("PATCH", `system/service/${id}?fields=config`, {
      body: { config: { password: "**********", port: 3307 } },
    });
    expect(changed.body.config).toMatchObject({ host: "db.example.com", port: 3307, password: "**********" });
  });

  test("are tested on request, and one sentence says what failed", async () => {
    const made = await house.ask("POST", "system/service?test=true", {
      body: { name: "gone", type: "sqlite", config: { database: "/nowhere/x.db" } },
    });
    expect(made.status).toBe(400);
    expect(made.body.error.message).toBe("The connection test failed. The database does not exist.");
    expect((await house.ask("GET", "system/service?filter=name=gone")).body.resource).toEqual([]);
    const good = await house.ask("POST", "system/service?test=true", {
      body: { name: "good", type: "sqlite", config: { database } },
    });
    expect(good.status).toBe(201);
  });

  test("with a bad config are refused with the name of the field, and never with its value", async () => {
    const made = await house.ask("POST", "system/service", {
      body: { name: "bad", type: "mysql", config: { port: "many", password: ["s3cret"] } },
    });
    expect(made.status).toBe(400);
    expect(made.body.error.message).toContain("'config.p");
    expect(made.text).not.toMatch(/s3cret|many/);
  });

  test("that Millrace needs can be neither changed nor deleted", async () => {
    expect((await house.ask("DELETE", "system/service/1")).status).toBe(403);
    expect((await house.ask("PATCH", "system/service/1", { body: { name: "x" } })).status).toBe(403);
  });

  test("that are switched off answer 403 to those who may use them", async () => {
    const id = await makeService(house, "sleeper", "sqlite", { database });
    expect((await house.ask("GET", "sleeper/_table")).status).toBe(200);
    await house.ask("PATCH", `system/service/${id}`, { body: { is_active: false } });
    expect((await house.ask("GET", "sleeper/_table")).status).toBe(403);
  });

  test("describe their config by the schema that checks it", async () => {
    const { body } = await house.ask("GET", "system/service_type/sqlite");
    expect(body.config_schema).toContainEqual(
      expect.objectContaining({ name: "database", type: "string", required: true }),
    );
    const mysql = await house.ask("GET", "system/service_type/mysql");
    expect(mysql.body.config_schema).toContainEqual(expect.objectContaining({ name: "password", type: "password" }));
  });
});

describe("apps", () => {
  test("show their key in full only where it is made", async () => {
    const made = await house.ask("POST", "system/app", { body: { resource: [{ name: "shop" }] } });
    const [{ id, api_key: key }] = made.body.resource;
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const read = await house.ask("GET", `system/app/${id}`);
    expect(read.body.api_key).toBe(`${key.slice(0, 8)}…`);
    const renewed = await house.ask("PATCH", `system/app/${id}?regenerate=true`, { body: { description: "x" } });
    expect(renewed.body.api_key).toMatch(/^[0-9a-f]{64}$/);
    expect(renewed.body.api_key).not.toBe(key);
    expect((await house.ask("GET", "", { key })).status).toBe(401);
  });

  test("give their key what their role gives, at once, until it is taken away", async () => {
    const serviceId = await makeService(house, "shared", "sqlite", { database });
    const key = await makeKey(house, "reader", [
      { service_id: serviceId, component: "_table/departments", verb_mask: 1 },
    ]);
    expect((await house.ask("GET", "shared/_table/departments", { key })).status).toBe(200);
    expect((await house.ask("GET", "shared/_table/employees", { key })).status).toBe(403);
    expect((await house.ask("GET", "shared/_table/no_such_table", { key })).status).toBe(403);
    expect((await house.ask("DELETE", "shared/_table/departments?force=true", { key })).status).toBe(403);
    expect((await house.ask("GET", "sleeper/_table", { key })).status).toBe(404);
    const role = await house.ask("GET", "system/role?filter=name=reader");
    await house.ask("PATCH", `system/role/${role.body.resource[0].id}`, { body: { is_active: false } });
    expect((await house.ask("GET", "shared/_table/departments", { key })).status).toBe(403);
  });
});

describe("grants on all services", () => {
  test("never reach the settings, where somebody could make an administrator", async () => {
    const key = await makeKey(house, "everything", [{ service_id: null, component: "*", verb_mask: 31 }]);
    const body = { email: "intruder@example.com", password: "long enough to be good" };
    expect((await house.ask("POST", "system/admin", { key, body })).status).toBe(404);
    expect((await house.ask("GET", "system/service", { key })).status).toBe(404);
    expect((await house.ask("GET", "shared/_table", { key })).status).toBe(200);
  });

  test("on the settings themselves must name them", async () => {
    const key = await makeKey(house, "auditor", [{ service_id: 1, component: "role/*", verb_mask: 1 }]);
    expect((await house.ask("GET", "system/role", { key })).status).toBe(200);
    expect((await house.ask("GET", "system/service", { key })).status).toBe(403);
    expect((await house.ask("POST", "system/role", { key, body: { name: "x" } })).status).toBe(403);
  });
});

describe("administrators", () => {
  test("log in, refresh and log out, and an ended token is of no use", async () => {
    const login = await house.ask("POST", "system/admin/session", {
      token: undefined,
      body: { email: "admin@example.com", password: "a password for tests only" },
    });
    expect(login.body).toMatchObject({ email: "admin@example.com", is_sys_admin: true });
    const token = login.body.session_token;
    const renewed = await house.ask("PUT", "system/admin/session", { token });
    expect(renewed.status).toBe(200);
    expect((await house.ask("GET", "system/role", { token })).status).toBe(401);
    const next = renewed.body.session_token;
    expect((await house.ask("GET", "system/admin/session", { token: next })).body.session_id).toBe(
      renewed.body.session_id,
    );
    expect((await house.ask("DELETE", "system/admin/session", { token: next })).body).toEqual({ success: true });
    expect((await house.ask("GET", "system/role", { token: next })).status).toBe(401);
  });

  test("with a wrong password or an unknown name get the same answer", async () => {
    const wrong = await house.ask("POST", "system/admin/session", {
      token: undefined,
      body: { email: "admin@example.com", password: "x" },
    });
    const unknown = await house.ask("POST", "system/admin/session", {
      token: undefined,
      body: { email: "who@example.com", password: "x" },
    });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body).toEqual(unknown.body);
  });

  test("never show their password, and cannot be found by it", async () => {
    const { body, text } = await house.ask("GET", "system/admin");
    expect(body.resource).toHaveLength(1);
    expect(text).not.toMatch(/password|scrypt|tokens_since/);
    const probe = await house.ask("GET", `system/admin?filter=${encodeURIComponent("password like 's%'")}`);
    expect(probe.status).toBe(400);
    expect((await house.ask("GET", "system/admin?fields=password")).status).toBe(400);
    expect((await house.ask("GET", "system/admin?order=password")).status).toBe(400);
  });

  test("keep at least one of them", async () => {
    expect((await house.ask("DELETE", "system/admin/1")).status).toBe(403);
    const short = await house.ask("POST", "system/admin", { body: { email: "b@example.com", password: "short" } });
    expect(short.status).toBe(400);
    const second = await house.ask("POST", "system/admin", {
      body: { email: "b@example.com", password: "long enough to be good" },
    });
    expect(second.status).toBe(201);
    expect((await house.ask("DELETE", `system/admin/${second.body.id}`)).body).toEqual({ id: second.body.id });
  });
});

describe("the rest", () => {
  test("environment says little to a stranger", async () => {
    const open = await house.ask("GET", "system/environment", { token: undefined });
    expect(open.status).toBe(200);
    expect(Object.keys(open.body)).toEqual(["authentication", "apps"]);
    expect((await house.ask("GET", "system/environment")).body.platform.version).toBe("0.1.0");
  });

  test("cache is cleared as a whole and for one service", async () => {
    expect((await house.ask("DELETE", "system/cache")).body).toEqual({ success: true });
    expect((await house.ask("DELETE", "system/cache/shared")).body).toEqual({ success: true });
    expect((await house.ask("DELETE", "system/cache/nope")).status).toBe(404);
  });

  test("the root lists only what the caller may touch", async () => {
    const serviceId = await makeService(house, "seen", "sqlite", { database });
    const key = await makeKey(house, "seer", [{ service_id: serviceId, component: "_table/*", verb_mask: 1 }]);
    const { body } = await house.ask("GET", "", { key });
    expect(body.services.map((each: { name: string }) => each.name)).toEqual(["seen"]);
    expect(body.service_types).toMatchObject([{ name: "sqlite", group: "Database" }]);
    expect((await house.ask("GET", "", { token: undefined })).status).toBe(401);
  });
});
