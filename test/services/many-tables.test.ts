import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { makeService, startHouse } from "../house.ts";
import { serveOnNode } from "../runtimes/node.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import { manyTables, tableName } from "../servers/many-tables.ts";

const TABLES = 500;

const KINDS = [
  {
    title: "PostgreSQL",
    type: "pgsql",
    server: inject("postgres"),
    visitors: "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  },
  {
    title: "MariaDB",
    type: "mariadb",
    server: inject("mariadb"),
    visitors: "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
  },
];

for (const { title, type, server, visitors } of KINDS) {
  describe.skipIf("unavailable" in server)(`a service on a ${title} database of ${TABLES} tables`, () => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-many-"));
    const env = { DATABASE_URL: `sqlite:${folder}/millrace.db`, MILLRACE_SAMPLE: "off" };
    const start = () => startHouse(env, serveOnNode);
    let database: Database;

    beforeAll(async () => {
      database = await createDatabase(server);
      await database.query(manyTables(TABLES));
      const house = await start();
      const { host, port, user, password } = database;
      await makeService(house, "big", type, { host, port, username: user, password, database: database.database });
      await house.close();
    });
    afterAll(async () => {
      await database.drop();
      rmSync(folder, { recursive: true });
    });

    test("costs the database nothing until it is asked for, and is listed whole when it is", async () => {
      const house = await start();
      const listed = await house.ask("GET", "");
      expect(listed.body.services.map((each: { name: string }) => each.name)).toContain("big");
      expect((await house.ask("GET", "system/service?filter=name=big")).body.resource).toHaveLength(1);
      expect((await house.log()).filter((line) => line.service === "big")).toEqual([]);
      expect(await database.query(visitors)).toEqual([]);

      const { body } = await house.ask("GET", "big/_table");
      const names = body.resource.map((table: { name: string }) => table.name);
      expect(names).toEqual(Array.from({ length: TABLES }, (_, index) => tableName(index + 1)));
      expect(await house.statements("big", () => house.ask("GET", `big/_schema/${tableName(TABLES)}`))).toEqual([]);
      const last = (await house.ask("GET", `big/_schema/${tableName(TABLES)}`)).body;
      expect(last.field).toHaveLength(8);
      expect(last.field[1]).toMatchObject({ name: "parent_id", ref_table: tableName(TABLES - 1), ref_field: "id" });
      await house.close();
    });
  });
}
