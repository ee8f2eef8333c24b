import { linkSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey, makeService, startHouse, type TestHouse } from "../house.ts";

const PASSWORD = "hunter2hunter2";
const MASK = "**********";
const mysql = { host: "db.example.com", port: 3306, username: "u", password: PASSWORD, database: "d" };

let house: TestHouse;
let folder: string;
let writer: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-hardening-"));
  house = await startHouse({ DATABASE_URL: `sqlite:${folder}/store.db`, MILLRACE_SAMPLE: "off" });
  writer = await makeKey(house, "writer", [{ service_id: 1, component: "service/*", verb_mask: 31 }]);
});

afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

/** The config of a service as the store holds it. */
function storedConfig(id: number): string {
  const store = new DatabaseSync(join(folder, "store.db"), { readOnly: true });
  try {
    return String(store.prepare("SELECT config FROM service WHERE id = ?").get(id)?.config);
  } finally {
    store.close();
  }
}

describe("the settings", () => {
  test("can not be served a second time by a service that becomes one of their type", async () => {
    const id = await makeService(house, "turncoat", "sqlite", { database: ":memory:" });
    for (const key of [undefined, writer]) {
      const body = { type: "system", config: {} };
      const changed = await house.ask("PATCH", `system/service/${id}`, key === undefined ? { body } : { body, key });
      expect(changed.status).toBe(400);
    }
    expect((await house.ask("GET", "turncoat/admin")).status).toBe(404);
  });

  test("can not be read as a database, by whatever name their file has", async () => {
    const store = join(folder, "store.db");
    symlinkSync(store, join(folder, "soft.db"));
    linkSync(store, join(folder, "hard.db"));
    for (const [index, path] of [store, join(folder, "soft.db"), join(folder, "hard.db")].entries()) {
      await makeService(house, `own${index}`, "sqlite", { database: path });
      expect((await house.ask("GET", `own${index}/_table/user`)).status).toBe(503);
      const tested = await house.ask("POST", "system/service?test=1", {
        body: { name: `tested${index}`, type: "sqlite", config: { database: path } },
      });
      expect(tested.status).toBe(400);
    }
  });

  test("can not be attached to a database", async () => {
    const store = join(folder, "store.db");
    for (const file of [`'${store}'`, `'file:${store}'`, `('${store}' || '')`]) {
      const statements = [`ATTACH ${file} AS x`, "CREATE TABLE copy AS SELECT * FROM x.user"];
      const made = await house.ask("POST", "system/service?test=true", {
        body: { name: "attached", type: "sqlite", config: { database: ":memory:", statements } },
      });
      expect(made.status).toBe(400);
    }
    const statements = [`ATTACH '${join(folder, "other.db")}' AS x`];
    const good = await house.ask("POST", "system/service?test=true", {
      body: { name: "attached", type: "sqlite", config: { database: ":memory:", statements } },
    });
    expect(good.status).toBe(201);
  });
});

describe("nested lists", () => {
  test("show only rows that the caller may read by themselves", async () => {
    const key = await makeKey(house, "role-reader", [{ service_id: 1, component: "role/*", verb_mask: 1 }]);
    expect((await house.ask("GET", "system/app", { key })).status).toBe(403);
    expect((await house.ask("GET", "system/role?related=app_by_role_id", { key })).status).toBe(403);
    const all = await house.ask("GET", "system/role?related=*", { key });
    expect(all.status).toBe(200);
    expect(all.text).toContain("role_service_access_by_role_id");
    expect(all.text).not.toContain("app_by_role_id");
  });

  test("take one statement for all rows", async () => {
    const roles = Array.from({ length: 60 }, (_, index) => ({ name: `many${index}` }));
    expect((await house.ask("POST", "system/role", { body: { resource: roles } })).status).toBe(201);
    const statements = await house.statements("store", () => house.ask("GET", "system/role?related=*&limit=50"));
    expect(statements.length).toBeLessThan(6);
  });
});

describe("the config of a service", () => {
  test("keeps nothing that its type does not know, at any depth", async () => {
    const ssl = { mode: "require", Key: "k3y-in-plain", passphrase: "s3cret-in-plain" };
    const id = await makeService(house, "deep", "mysql", { ...mysql, ssl });
    expect(storedConfig(id)).not.toMatch(/in-plain/);
    const shown = await house.ask("GET", `system/service/${id}`);
    expect(shown.body.config.ssl).toEqual({ mode: "require" });
  });

  test("takes nothing for encrypted that the store did not encrypt", async () => {
    const id = await makeService(house, "forged", "mysql", { ...mysql, ssl: { $sealed: "x" } });
    expect((await house.ask("PATCH", `system/service/${id}`, { body: { config: { port: 3307 } } })).status).toBe(200);
    const refused = await house.ask("PATCH", `system/service/${id}`, {
      body: { config: { password: { $sealed: "x" } } },
    });
    expect(refused.status).toBe(400);
  });

  test("can be mended when a secret in it can not be read any more", async () => {
    const id = await makeService(house, "broken", "mysql", mysql);
    const store = new DatabaseSync(join(folder, "store.db"));
    store.prepare("UPDATE service SET config = ? WHERE id = ?").run('{"host":"h","password":{"$sealed":"v1.x"}}', id);
    store.close();
    const kept = await house.ask("PATCH", `system/service/${id}`, { body: { config: { password: MASK } } });
    expect(kept.status).toBe(400);
    const mended = await house.ask("PATCH", `system/service/${id}`, { body: { config: { password: "new" } } });
    expect(mended.status).toBe(200);
  });

  test("refuses a mask for a secret that there is not", async () => {
    const made = await house.ask("POST", "system/service", {
      body: { name: "masked", type: "mysql", config: { ...mysql, password: MASK } },
    });
    expect(made.status).toBe(400);
    expect(made.body.error.message).toContain("'config.password'");
  });

  test("keeps its secrets through a rename in the same batch, and through changes at the same time", async () => {
    const id = await makeService(house, "pg", "mysql", mysql);
    const renamed = await house.ask("PATCH", "system/service", {
      body: {
        resource: [
          { id, name: "pg3" },
          { id, config: { port: 3312 } },
        ],
      },
    });
    expect(renamed.status).toBe(200);
    const changes = [{ port: 3313 }, { username: "other" }, { max_records: 7 }, { charset: "utf8mb4" }];
    await Promise.all(
      changes.map((config) => house.ask("PATCH", `system/service/${id}`, { body: JSON.stringify({ config }) })),
    );
    const { body } = await house.ask("GET", `system/service/${id}`);
    expect(body.name).toBe("pg3");
    expect(body.config).toMatchObject({ port: 3313, username: "other", max_records: 7, password: MASK });
    expect((await house.ask("PATCH", `system/service/${id}`, { body: { config: { password: MASK } } })).status).toBe(
      200,
    );
    expect((await house.log()).filter(({ message }) => message.startsWith("service.pg"))).toEqual([]);
  });

  test("lets only administrators keep a secret that would go to another place", async () => {
    const id = await makeService(house, "lure", "mysql", mysql);
    const ask = (config: object, key?: string, query = "") =>
      house.ask("PATCH", `system/service/${id}${query}`, {
        body: JSON.stringify({ config }),
        ...(key !== undefined && { key }),
      });
    for (const moved of [{ host: "evil.example.com" }, { port: 1 }, { database: "x" }, { ssl: { mode: "disable" } }]) {
      for (const kept of [moved, { ...moved, password: MASK }]) {
        const refused = await ask(kept, writer, "?test=true");
        expect(refused.status).toBe(400);
        expect(refused.body.error.message).toMatch(/^Field 'config\.password' must be sent again when 'config\./);
      }
    }
    expect((await ask({ host: "db.example.com", port: "3306", password: MASK }, writer)).status).toBe(200);
    expect((await ask({ host: "new.example.com", password: "known" }, writer)).status).toBe(200);
    expect((await ask({ host: "third.example.com", password: MASK })).status).toBe(200);
    const other = await house.ask("PATCH", `system/service/${id}`, { key: writer, body: { type: "mariadb" } });
    expect(other.body.error.message).toBe("Field 'config.password' must be sent again when 'type' changes.");
  });
});

describe("administrators", () => {
  test("can not all be switched off or removed by one request, nor by several at once", async () => {
    const body = { email: "second@example.com", password: "long enough to be good" };
    const { body: second } = await house.ask("POST", "system/admin", { body });
    const resource = [1, second.id].map((id) => ({ id, is_active: false }));
    expect((await house.ask("PATCH", "system/admin?rollback=true", { body: { resource } })).status).toBe(400);
    expect((await house.ask("DELETE", `system/admin?rollback=true&ids=1,${second.id}`)).status).toBe(400);
    const both = await Promise.all([
      house.ask("DELETE", `system/admin/${second.id}`),
      house.ask("PATCH", `system/admin/${second.id}`, { body: { is_active: false } }),
    ]);
    expect(both.some(({ status }) => status === 200)).toBe(true);
    expect((await house.ask("PATCH", "system/admin/1", { body: { is_active: false } })).status).toBe(403);
    expect((await house.ask("GET", "system/admin/1")).body.is_active).toBe(true);
  });
});

describe("options", () => {
  test("stand in the body beside the records as well, and say yes in every way of the dialect", async () => {
    const { body: role } = await house.ask("POST", "system/role", { body: { name: "optional" } });
    const changed = await house.ask("PATCH", "system/role", {
      body: {
        resource: [{ description: "by filter" }],
        filter: "name = optional",
        fields: "name,description",
        related: "*",
      },
    });
    expect(changed.body.resource).toEqual([
      { name: "optional", description: "by filter", role_service_access_by_role_id: [], app_by_role_id: [] },
    ]);
    const found = await house.ask("GET", `system/role/${role.id}`, {});
    expect(found.body.description).toBe("by filter");
    expect((await house.ask("GET", "system?as_list=1")).body.resource).toContain("role");
    const app = await house.ask("POST", "system/app", { body: { name: "yes" } });
    const renewed = await house.ask("PATCH", `system/app/${app.body.id}?regenerate=yes`, {
      body: { description: "x" },
    });
    expect(renewed.body.api_key).toMatch(/^[0-9a-f]{64}$/);
    const inBody = await house.ask("PATCH", `system/app/${app.body.id}`, {
      body: { resource: [{ description: "y" }], regenerate: true },
    });
    expect(inBody.body.resource?.[0]?.api_key ?? inBody.body.api_key).toMatch(/^[0-9a-f]{64}$/);
  });

  test("with strict refuse fields and parameters that nobody knows", async () => {
    const ask = (path: string, body: string) => house.ask("POST", path, { body });
    expect((await ask("system/role?strict=true", '{"name":"s1","colour":"red"}')).status).toBe(400);
    expect((await ask("system/role?strict=on&colour=red", '{"name":"s1"}')).status).toBe(400);
    const nested = '{"name":"s1","role_service_access_by_role_id":[{"component":"*","colour":1}]}';
    expect((await ask("system/role?strict=true", nested)).status).toBe(400);
    expect((await ask("system/role?strict=true&related=*", '{"name":"s1","description":null}')).status).toBe(201);
    const admin = '{"email":"strict@example.com","password":"long enough to be good"}';
    expect((await ask("system/admin?strict=true", admin)).status).toBe(201);
  });

  test("by filter mean all rows, not one page of them", async () => {
    const roles = Array.from({ length: 1005 }, (_, index) => ({ name: `page${index}` }));
    expect((await house.ask("POST", "system/role?rollback=true", { body: { resource: roles } })).status).toBe(201);
    const gone = await house.ask("DELETE", "system/role?rollback=true&filter=name%20starts%20with%20page");
    expect(gone.body.resource).toHaveLength(1005);
  }, 60_000);
});

describe("what is not what it seems", () => {
  test("identifiers are whole numbers", async () => {
    const roles = [
      { id: true, description: "x" },
      { id: [1], description: "x" },
      { id: "1e0", description: "x" },
    ];
    for (const role of roles) {
      const changed = await house.ask("PATCH", "system/role", { body: JSON.stringify({ resource: [role] }) });
      expect(changed.status).toBe(400);
    }
    const nested = { role_service_access_by_role_id: [{ id: true, verb_mask: 31 }] };
    expect((await house.ask("PATCH", "system/role/1", { body: nested })).status).toBe(400);
  });

  test("own API keys are hard to guess", async () => {
    for (const api_key of ["a".repeat(32), " ".repeat(32), "abcdefghi".repeat(5), "abcdef ghijkl ".repeat(4)]) {
      expect((await house.ask("POST", "system/app", { body: { name: "weak", api_key } })).status).toBe(400);
    }
    const api_key = "0123456789abcdef0123456789abcdef";
    expect((await house.ask("POST", "system/app", { body: { name: "own", api_key } })).status).toBe(201);
  });

  test("paths that go on below a resource lead nowhere", async () => {
    expect((await house.ask("GET", "system/environment/x")).status).toBe(404);
    expect((await house.ask("GET", "system/service_type/sqlite/x/y")).status).toBe(404);
    expect((await house.ask("DELETE", "system/cache/system/x")).status).toBe(404);
  });
});
