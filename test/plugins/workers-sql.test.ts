import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Json } from "../../src/contract/json.ts";
import { makeService, startHouse, type TestHouse } from "../house.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import { startPrivateMariadb } from "../servers/mariadb.ts";
import { startPrivatePostgres } from "../servers/postgres.ts";
import type { OwnServer, Unavailable } from "../servers/server.ts";

interface Kind {
  readonly title: string;
  readonly type: string;
  readonly shared: "postgres" | "mariadb";
  start(): Promise<OwnServer | Unavailable>;
  /** Tables: `notes`, `tls` (how the connection that reads it is secured) and `slow`, which takes half a minute. */
  readonly schema: string;
  /** What a config says for a Unix socket. */
  readonly socket: { readonly [key: string]: Json };
  /** A statement that takes the server's own limit of time away. */
  readonly unlimited: string;
  readonly processes: string;
  /** The scheme that Hyperdrive knows it by. */
  readonly scheme: string;
}

const NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(40)); INSERT INTO notes VALUES (1, 'one');";

const KINDS: readonly Kind[] = [
  {
    title: "PostgreSQL",
    type: "pgsql",
    shared: "postgres",
    start: startPrivatePostgres,
    schema: `${NOTES} CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(30)::text AS text;
      CREATE VIEW tls AS SELECT 1 AS id, ssl::text AS text FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
    socket: { host: "/var/run/postgresql" },
    unlimited: "SELECT 1",
    processes: "SELECT query AS q FROM pg_stat_activity WHERE state = 'active'",
    scheme: "postgresql:",
  },
  {
    title: "MariaDB",
    type: "mariadb",
    shared: "mariadb",
    start: startPrivateMariadb,
    schema: `${NOTES} CREATE VIEW slow AS SELECT 1 AS id, SLEEP(30) AS text;
      CREATE VIEW tls AS SELECT 1 AS id, IF(variable_value = '', 'false', 'true') AS text
      FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER'`,
    socket: { unix_socket: "/run/mysqld/mysqld.sock" },
    unlimited: "SET max_statement_time = 0",
    processes: "SELECT info AS q FROM information_schema.processlist",
    scheme: "mysql:",
  },
];

const SENTENCE = {
  tls: "A secure (TLS) connection could not be made.",
  password: "The server refused the user name or password.",
  name: "The host name could not be found.",
  refused: "The connection was refused: nothing listens at this host and port.",
  database: "The database does not exist.",
  silent: "The server did not answer in time.",
};
const LIMITS = { pool: { max: 4, wait_ms: 700 }, statement_timeout_ms: 900 };
const BOUNDED_MS = 10_000;

interface Place {
  readonly kind: Kind;
  /** Its certificate is one that the platform trusts. */
  readonly server: OwnServer;
  readonly trusted: Database;
  /** On a server whose certificate nobody trusts. */
  readonly untrusted: Database;
}

const missing = [inject("postgres"), inject("mariadb"), inject("workers")].find((each) => "unavailable" in each);

describe.skipIf(missing !== undefined)("on Workers", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-ca-"));
  const places = new Map<string, Place>();
  const doors: Server[] = [];
  let house: TestHouse;

  beforeAll(async () => {
    for (const kind of KINDS) places.set(kind.type, await layPlace(kind));
    const all = [...places.values()];
    const caFile = join(folder, "ca.pem");
    writeFileSync(caFile, all.map(({ server }) => readFileSync(server.caFile ?? "", "utf8")).join(""));
    // The list of CAs of the local platform is read when it is loaded.
    process.env.NODE_EXTRA_CA_CERTS = caFile;
    const { serveOnWorkers } = await import("../runtimes/workers.ts");
    const hyperdrives = Object.fromEntries(
      all.map(({ kind, trusted }) => [bindingOf(kind), hyperdriveUrl(kind, trusted)]),
    );
    house = await startHouse({}, (env) => serveOnWorkers(env, hyperdrives));
  });
  afterAll(async () => {
    await house?.close();
    for (const door of doors) door.close();
    for (const { server, untrusted } of places.values()) {
      await server.close();
      await untrusted.drop();
    }
    rmSync(folder, { recursive: true });
  });

  const get = (path: string) => house.ask("GET", path);
  const placeOf = (kind: Kind) => places.get(kind.type) as Place;
  const tried = async (kind: Kind, config: { readonly [key: string]: Json }) => {
    const name = `tried${crypto.randomUUID().slice(0, 8)}`;
    const { status, body } = await house.ask("POST", "system/service?test=true", {
      body: { name, type: kind.type, is_active: true, config: { pool: { max: 1, wait_ms: 500 }, ...config } },
    });
    const saved = await get(`system/service?filter=name='${name}'&count_only=true`);
    expect(saved.body).toBe(status === 201 ? 1 : 0);
    return [status, status === 201 ? name : body.error.message] as const;
  };
  const failure = (sentence: string) => [400, `The connection test failed. ${sentence}`];

  for (const kind of KINDS) {
    describe(kind.title, () => {
      for (const mode of ["require", "verify-ca", "verify-full"]) {
        test(`is served over TLS with '${mode}' where its certificate is accepted`, async () => {
          const [status, name] = await tried(kind, { ...configOf(placeOf(kind).trusted), ssl: { mode } });
          expect([status, (await get(`${name}/_table/tls`)).body]).toEqual([
            201,
            { resource: [{ id: 1, text: "true" }] },
          ]);
        });

        test(`is refused with '${mode}' where its certificate is not accepted`, async () => {
          const config = { ...configOf(placeOf(kind).untrusted), ssl: { mode } };
          expect(await tried(kind, config)).toEqual(failure(SENTENCE.tls));
        });
      }

      test("is served over TLS with 'prefer' where its certificate is accepted, and plainly where it is not", async () => {
        const { trusted, untrusted } = placeOf(kind);
        for (const [database, text] of [
          [trusted, "true"],
          [untrusted, "false"],
        ] as const) {
          const [status, name] = await tried(kind, configOf(database));
          expect([status, (await get(`${name}/_table/tls`)).body]).toEqual([201, { resource: [{ id: 1, text }] }]);
        }
      });

      test("is not asked for TLS by every request once it turned out that 'prefer' has to do without", async () => {
        const { untrusted } = placeOf(kind);
        const counted = await countingDoor(untrusted.port);
        await makeService(house, `counted_${kind.type}`, kind.type, { ...configOf(untrusted), port: counted.port });
        const path = `counted_${kind.type}/_table/notes/1`;
        expect((await get(path)).status).toBe(200);
        const before = counted.connections();
        expect(before).toBeGreaterThan(1);
        expect((await get(path)).body).toEqual({ id: 1, text: "one" });
        expect(counted.connections() - before).toBe(1);
      });

      test("stays with TLS where 'prefer' got it when a connection breaks while TLS begins", async () => {
        const name = `broken_${kind.type}`;
        const { trusted } = placeOf(kind);
        await makeService(house, name, kind.type, {
          ...configOf(trusted),
          port: await doorThatBreaksTls(trusted.port),
        });
        for (const _ of [1, 2]) {
          expect((await get(`${name}/_table/tls`)).body).toEqual({ resource: [{ id: 1, text: "true" }] });
        }
      });

      for (const [mode, field] of [
        ["verify-full", "ca"],
        ["prefer", "cert"],
        ["require", "key"],
      ] as const) {
        test(`is refused with '${mode}' and a ${field}, by the test and by the first call`, async () => {
          const config = { ...configOf(placeOf(kind).trusted), ssl: { mode, [field]: "PEM" } };
          expect(await tried(kind, config)).toEqual([501, expect.stringContaining("connect through Hyperdrive")]);
          const name = `pem_${kind.type}_${field}`;
          await makeService(house, name, kind.type, config);
          expect((await get(`${name}/_table/notes`)).status).toBe(501);
        });
      }

      test("is refused by a Unix socket", async () => {
        const config = { ...configOf(placeOf(kind).trusted), ...kind.socket };
        expect(await tried(kind, config)).toEqual([501, expect.stringContaining("Unix socket")]);
      });

      for (const mode of ["disable", "prefer", "require"]) {
        test(`says with '${mode}' what is wrong with an account, a place or a database`, async () => {
          const config = { ...configOf(placeOf(kind).trusted), ssl: { mode } };
          expect(await tried(kind, { ...config, password: "wrong" })).toEqual(failure(SENTENCE.password));
          expect(await tried(kind, { ...config, username: "nobody" })).toEqual(failure(SENTENCE.password));
          expect(await tried(kind, { ...config, host: "nowhere.invalid" })).toEqual(failure(SENTENCE.name));
          expect(await tried(kind, { ...config, port: 1 })).toEqual(failure(SENTENCE.refused));
          expect(await tried(kind, { ...config, database: "nothing_of_it" })).toEqual(failure(SENTENCE.database));
        });

        test(
          `says with '${mode}' that it does not answer, and is well when it does again`,
          async () => {
            const { server, trusted } = placeOf(kind);
            const name = `hung_${kind.type}_${mode}`;
            await makeService(house, name, kind.type, { ...configOf(trusted), ssl: { mode }, ...LIMITS });
            expect((await get(`${name}/_table/notes`)).status).toBe(200);
            server.freeze();
            try {
              expect(await tried(kind, { ...configOf(trusted), ssl: { mode } })).toEqual(failure(SENTENCE.silent));
              const answers = await Promise.all([1, 2, 3].map(() => get(`${name}/_table/notes`)));
              expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
            } finally {
              server.thaw();
            }
            expect((await get(`${name}/_table/notes`)).status).toBe(200);
          },
          BOUNDED_MS,
        );
      }

      test("says of a port that takes connections and is silent that the server does not answer", async () => {
        const door = await listening(createServer(() => {}));
        const config = { ...configOf(placeOf(kind).trusted), port: door };
        expect(await tried(kind, config)).toEqual(failure(SENTENCE.silent));
      });

      test(
        "ends a statement that takes too long, also where its own limit does not",
        async () => {
          const { trusted } = placeOf(kind);
          const config = { ...configOf(trusted), ...LIMITS, statements: [kind.unlimited] };
          await makeService(house, `late_${kind.type}`, kind.type, config);
          expect((await get(`late_${kind.type}/_table/slow`)).status).toBe(504);
          const running = async () =>
            (await trusted.query(kind.processes)).filter(({ q }) => /FROM .*slow/.test(String(q)));
          while ((await running()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
          expect((await get(`late_${kind.type}/_table/notes`)).status).toBe(200);
        },
        BOUNDED_MS,
      );

      test("is served by a Hyperdrive, which brings an account of its own: reads, writes, batches, errors", async () => {
        const name = `hyper_${kind.type}`;
        const config = { hyperdrive: bindingOf(kind), username: "nobody", password: "wrong", ...LIMITS };
        await makeService(house, name, kind.type, { ...config, ssl: { mode: "verify-full", ca: "PEM" } });
        const post = (query: string, body: Json) => house.ask("POST", `${name}/_table/notes${query}`, { body });
        expect((await get(`${name}/_table/notes/1`)).body).toEqual({ id: 1, text: "one" });
        expect((await post("", [{ id: 2 }, { id: 3 }])).body).toEqual({ resource: [{ id: 2 }, { id: 3 }] });
        expect((await post("", { id: 2 })).status).toBe(409);
        expect((await post("?rollback=true", [{ id: 4 }, { id: 2 }])).status).toBe(400);
        expect((await get(`${name}/_table/notes?filter=id>3`)).body).toEqual({ resource: [] });
        expect((await get(`${name}/_table/slow`)).status).toBe(504);
        expect((await house.ask("DELETE", `${name}/_table/notes?ids=2,3`)).status).toBe(200);
      });

      test("is refused by a Hyperdrive that there is none of", async () => {
        expect(await tried(kind, { hyperdrive: "NOTHING" })).toEqual([
          400,
          "There is no Hyperdrive binding 'NOTHING' here.",
        ]);
      });
    });
  }

  async function layPlace(kind: Kind): Promise<Place> {
    const server = await kind.start();
    if ("unavailable" in server) throw new Error(server.unavailable);
    const databases = [await createDatabase(server), await createDatabase(inject(kind.shared))] as const;
    for (const database of databases) await database.query(kind.schema);
    const [trusted, untrusted] = databases;
    return { kind, server, trusted, untrusted };
  }

  /** A way to a port of this machine that counts who goes it. */
  async function countingDoor(to: number) {
    let count = 0;
    const door = createServer((client) => {
      count++;
      const server = connect(to, "127.0.0.1");
      client.on("error", () => server.destroy()).pipe(server);
      server.on("error", () => client.destroy()).pipe(client);
    });
    return { port: await listening(door), connections: () => count };
  }

  /** A way to a port of this machine on which the first connection breaks when TLS begins. */
  async function doorThatBreaksTls(to: number): Promise<number> {
    const isHello = (bytes: Buffer) => bytes[0] === 0x16 && bytes[1] === 0x03;
    let isBroken = false;
    const door = createServer((client) => {
      const server = connect(to, "127.0.0.1");
      client.on("error", () => server.destroy());
      client.on("data", (bytes) => {
        if (isBroken || !isHello(bytes)) return server.write(bytes);
        isBroken = true;
        return client.resetAndDestroy();
      });
      server.on("error", () => client.destroy()).pipe(client);
    });
    return listening(door);
  }

  async function listening(door: Server): Promise<number> {
    doors.push(door);
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    return (door.address() as { readonly port: number }).port;
  }
});

test.skipIf(missing !== undefined)(
  "a Hyperdrive is refused on Node, with a sentence that says where there are some",
  async () => {
    const house = await startHouse({}, "node");
    const body = { name: "db", type: "pgsql", is_active: true, config: { hyperdrive: "HYPERDRIVE" } };
    const { status, body: answer } = await house.ask("POST", "system/service?test=true", { body });
    await house.close();
    expect([status, answer.error.message]).toEqual([
      400,
      "Field 'hyperdrive' is for Cloudflare Workers, where this Millrace does not run.",
    ]);
  },
);

function configOf({ host, port, user, password, database }: Database) {
  return { host, port, username: user, password, database };
}

function bindingOf({ type }: Kind): string {
  return `HYPERDRIVE_${type.toUpperCase()}`;
}

function hyperdriveUrl({ scheme }: Kind, database: Database): string {
  const { href } = new URL(database.url);
  return href.replace(/^[a-z]+:/, scheme);
}
