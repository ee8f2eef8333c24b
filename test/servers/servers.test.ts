import { readFileSync } from "node:fs";
import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createDatabase, type Database } from "./databases.ts";
import { startPrivateMariadb } from "./mariadb.ts";
import { startPrivatePostgres } from "./postgres.ts";
import { OwnServer, type ProvidedServer } from "./server.ts";

const POSTGRES = inject("postgres");
const MARIADB = inject("mariadb");

const SERVERS = [
  { title: "PostgreSQL", server: POSTGRES, version: /^PostgreSQL \d+/ },
  { title: "MariaDB", server: MARIADB, version: /MariaDB/ },
];

for (const { title, server, version } of SERVERS) {
  describe.skipIf("unavailable" in server)(`${title}, shared by all test files`, () => {
    let mine: Database;
    let other: Database;
    beforeAll(async () => {
      [mine, other] = await Promise.all([createDatabase(server), createDatabase(server)]);
    });
    afterAll(() => Promise.all([mine.drop(), other.drop()]));

    test("says its version", async () => {
      const [row] = await mine.query("SELECT version() AS version");
      expect(row?.version).toMatch(version);
    });

    test("gives each file a database that others do not see", async () => {
      await mine.query("CREATE TABLE thing (id int); INSERT INTO thing VALUES (1), (2)");
      expect(await mine.query("SELECT 0 AS id; SELECT id FROM thing ORDER BY id")).toEqual([{ id: 1 }, { id: 2 }]);
      await expect(other.query("SELECT id FROM thing")).rejects.toThrow(/thing/);
    });

    test("keeps text beyond the basic plane", async () => {
      expect(await mine.query("SELECT 'żółć 🐎' AS text")).toEqual([{ text: "żółć 🐎" }]);
    });
  });
}

describe("TLS", () => {
  test.skipIf(!("caFile" in POSTGRES))("of PostgreSQL is verified with the CA file", async () => {
    const { url, ca } = trustOf(POSTGRES);
    const client = new Client({ connectionString: url, ssl: { ca, rejectUnauthorized: true } });
    await client.connect();
    const { rows } = await client.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    await client.end();
    expect(rows).toEqual([{ ssl: true }]);
  });

  test.skipIf(!("caFile" in MARIADB))("of MariaDB is verified with the CA file", async () => {
    const { url, ca } = trustOf(MARIADB);
    const connection = await createConnection({ uri: url, ssl: { ca, rejectUnauthorized: true } });
    const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_version'");
    await connection.end();
    expect(rows).toEqual([{ Variable_name: "Ssl_version", Value: expect.stringMatching(/^TLS/) }]);
  });
});

const PRIVATE = [
  { title: "PostgreSQL", start: startPrivatePostgres },
  { title: "MariaDB", start: startPrivateMariadb },
];

describe.each(PRIVATE)("$title, private to one file", ({ start }) => {
  test("can be stopped, started, killed and frozen, and keeps its port and its data", async (context) => {
    const server = await start();
    if (!(server instanceof OwnServer)) return context.skip(server.unavailable);
    const database = await createDatabase(server);
    const read = () => database.query("SELECT id FROM thing");
    await database.query("CREATE TABLE thing (id int); INSERT INTO thing VALUES (7)");

    await server.stop();
    await expect(read()).rejects.toThrow();
    await server.start();
    expect(await read()).toEqual([{ id: 7 }]);

    await server.kill();
    await expect(read()).rejects.toThrow();
    await server.start();
    expect(await read()).toEqual([{ id: 7 }]);

    server.freeze();
    const late = read();
    expect(await Promise.race([late, afterMs(300, "no answer")])).toBe("no answer");
    server.thaw();
    expect(await late).toEqual([{ id: 7 }]);

    await server.close();
    expect(() => server.pid).toThrow();
  });
});

function trustOf(server: ProvidedServer) {
  if ("unavailable" in server || server.caFile === undefined) throw new Error("There is no TLS to test.");
  return { url: server.url, ca: readFileSync(server.caFile, "utf8") };
}

function afterMs<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms));
}
