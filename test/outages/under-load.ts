import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { RuntimeName } from "../../src/contract/runtime.ts";
import { makeService, startHouse, type TestHouse } from "../house.ts";
import type { Serve } from "../runtimes/served.ts";
import { CutProxy } from "../servers/cut-proxy.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import type { OwnServer, ProvidedServer, Unavailable } from "../servers/server.ts";
import {
  expectAllAnswered,
  expectFelt,
  expectNothingLost,
  expectOrderly,
  expectWellAround,
  type Observed,
} from "./judge.ts";
import { type Heard, type Kind, Load } from "./load.ts";

/** A house, a server that is broken at will under its load, and another server that is left alone. */
export interface Strained {
  readonly title: string;
  readonly serve: RuntimeName | Serve;
  readonly type: string;
  start(): Promise<OwnServer | Unavailable>;
  /** Lets an acknowledged insert outlive a crash of the server's process. */
  readonly durable: (database: string) => string;
  readonly beside: { readonly type: string; readonly server: ProvidedServer };
}

interface Parts {
  readonly server: OwnServer;
  readonly proxy: CutProxy;
}

interface Outage {
  readonly title: string;
  /** The service that feels it: `db` asks the server, `far` asks it through the proxy. */
  readonly service: "db" | "far";
  readonly lastsMs: number;
  begin(parts: Parts): unknown;
  end(parts: Parts): unknown;
}

const LIMITS = { pool: { max: 8, wait_ms: 700 }, statement_timeout_ms: 900 };
/** A statement that the server does not end is given up so much later. */
const GRACE_MS = 1_000;
/** For a machine that does other things as well. */
const MARGIN_MS = 1_500;
const BOUNDED_MS = LIMITS.pool.wait_ms + LIMITS.statement_timeout_ms + GRACE_MS + MARGIN_MS;
/** How soon all is well after the return of the database. */
const WELL_WITHIN_MS = 2_000;
/** How many answers are heard before an outage, and after it. */
const ENOUGH = 40;

const OUTAGES: readonly Outage[] = [
  {
    title: "is restarted in order",
    service: "db",
    lastsMs: 0,
    begin: ({ server }) => server.stop(),
    end: ({ server }) => server.start(),
  },
  {
    title: "crashes and is started again",
    service: "db",
    lastsMs: 500,
    begin: ({ server }) => server.kill(),
    end: ({ server }) => server.start(),
  },
  {
    title: "is paused and goes on",
    service: "db",
    lastsMs: 3_000,
    begin: ({ server }) => server.freeze(),
    end: ({ server }) => server.thaw(),
  },
  {
    title: "is cut off by resets, cannot be connected to, and is back",
    service: "far",
    lastsMs: 800,
    begin: ({ proxy }) => proxy.refuse(),
    end: ({ proxy }) => proxy.pass(),
  },
  {
    title: "has its connections ended in order, time and again",
    service: "far",
    lastsMs: 0,
    begin: async ({ proxy }) => {
      for (let time = 0; time < 5; time++) {
        proxy.cut("end");
        await sleep(50);
      }
    },
    end: () => {},
  },
  {
    title: "is behind a network that swallows everything, and is back",
    service: "far",
    lastsMs: 3_000,
    begin: ({ proxy }) => proxy.swallow(),
    end: ({ proxy }) => proxy.pass(),
  },
];

/** What clients hear while a database is away under load, and that all is well afterwards, by itself. */
export function underLoadSuite(kind: Strained): void {
  let parts: Parts;
  let database: Database;
  let other: Database;
  let house: TestHouse;
  let missing: string | undefined;

  beforeAll(async () => {
    const server = await kind.start();
    const needed = [server, kind.beside.server].find((each) => "unavailable" in each);
    if (needed !== undefined && "unavailable" in needed) missing = needed.unavailable;
    if (missing !== undefined || "unavailable" in server) return;
    database = await createDatabase(server);
    await database.query(NOTES);
    await makeDurable();
    parts = { server, proxy: await CutProxy.to(database) };
    house = await startHouse({ LOG_LEVEL: "error" }, kind.serve);
    await makeService(house, "db", kind.type, configOf(database));
    await makeService(house, "far", kind.type, configOf({ ...database, host: "127.0.0.1", port: parts.proxy.port }));
    other = await createDatabase(kind.beside.server);
    await other.query(NOTES);
    await makeService(house, "beside", kind.beside.type, configOf(other));
    for (const name of ["db", "far", "beside"]) await house.ask("GET", `${name}/_table/notes`);
  });
  afterAll(async () => {
    await house?.close();
    await other?.drop();
    parts?.proxy.close();
    await parts?.server.close();
  });

  /** The servers of the tests write lazily: a crash would take what they have acknowledged. */
  const makeDurable = () => database.query(kind.durable(database.database));
  const load = (service: string, clients: number, kinds: readonly Kind[]) =>
    new Load({ table: `${house.url}/api/v2/${service}/_table/notes`, token: house.token, clients, kinds, restMs: 10 });

  /** The load during an outage, and what the other service answered meanwhile. */
  const observe = async ({ service, ...outage }: Outage): Promise<Observed & { readonly beside: readonly Heard[] }> => {
    await makeDurable();
    const [strain, calm] = [load(service, 20, ["read", "list", "insert"]), load("beside", 2, ["read", "list"])];
    await strain.hears(ENOUGH);
    const began = performance.now();
    await outage.begin(parts);
    await sleep(outage.lastsMs);
    await outage.end(parts);
    await database.query("SELECT 1");
    const back = performance.now();
    await sleep(WELL_WITHIN_MS);
    await strain.hears(ENOUGH, back + WELL_WITHIN_MS);
    const [heard, beside] = await Promise.all([strain.stop(), calm.stop()]);
    return { service, heard, beside, began, back };
  };

  describe(`${kind.title}, under load, when its database`, () => {
    for (const outage of OUTAGES) {
      test(`${outage.title}, answers 503 or 504 in time, loses no write, and is well 2 s later`, async ({ skip }) => {
        skip(missing !== undefined, missing);
        const observed = await observe(outage);
        expectOrderly(observed, BOUNDED_MS);
        if (outage.lastsMs > 0) expectFelt(observed);
        expectWellAround(observed, WELL_WITHIN_MS);
        expectAllAnswered(observed.beside);
        const rows = await database.query("SELECT id FROM notes");
        expectNothingLost(observed, new Set(rows.map(({ id }) => Number(id))));
      });
    }
  });
}

const NOTES =
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(40)); INSERT INTO notes VALUES (1, 'one'), (2, 'two'), (3, 'three')";

function configOf({ host, port, user, password, database }: Omit<Database, "query" | "drop" | "url">) {
  return { host, port, username: user, password, database, ssl: { mode: "disable" }, ...LIMITS };
}
