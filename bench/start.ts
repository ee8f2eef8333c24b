import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeKey, makeService, startHouse } from "../test/house.ts";
import { BUN } from "../test/runtimes/bun.ts";
import { serveOnNodeProcess } from "../test/runtimes/node-process.ts";
import { createDatabase, type Database } from "../test/servers/databases.ts";
import { manyTables } from "../test/servers/many-tables.ts";
import { startPrivateMariadb } from "../test/servers/mariadb.ts";
import { startPrivatePostgres } from "../test/servers/postgres.ts";
import { OwnServer, type Unavailable } from "../test/servers/server.ts";

/**
 * How long a start takes: from the process to the first rows, with an embedded store that configures three services; and
 * how long the first look at a database of many tables takes, in a process that has just started. Medians, in ms.
 */
const ROUNDS = 5;
const TABLES = 500;
const SECRET = "a master secret for benchmarks and nothing else";

interface Way {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

const NODE = [process.execPath, "src/runtime/node.ts"] as const;
/** `npm start` lets Node keep what it compiled. */
const CACHE = { NODE_COMPILE_CACHE: mkdtempSync(join(tmpdir(), "millrace-compiled-")) };
const WAYS: readonly Way[] = [
  { title: "Node", command: NODE },
  { title: "Node by npm start", command: NODE, env: CACHE },
  { title: "Bun", command: [BUN, "--max-http-header-size=262144", "src/runtime/bun.ts"] },
];

/** A folder with a store, and a key that may read all that its services serve. */
interface Home {
  readonly folder: string;
  readonly key: string;
}

await main();

async function main(): Promise<void> {
  const servers = await Promise.all([demand(startPrivatePostgres()), demand(startPrivateMariadb())]);
  const homes: Home[] = [];
  try {
    for (const tables of [0, TABLES])
      homes.push(await settle(await Promise.all(servers.map((each) => fill(each, tables)))));
    for (const way of WAYS) await measure(way, homes as [Home, Home]);
  } finally {
    for (const folder of [...homes.map((home) => home.folder), CACHE.NODE_COMPILE_CACHE])
      rmSync(folder, { recursive: true });
    await Promise.all(servers.map((server) => server.close()));
  }
}

async function demand(started: Promise<OwnServer | Unavailable>): Promise<OwnServer> {
  const server = await started;
  if (server instanceof OwnServer) return server;
  throw new Error(`There is no ${server.title} to measure with: ${server.unavailable}.`);
}

async function fill(server: OwnServer, tables: number): Promise<Database> {
  const database = await createDatabase(server);
  if (tables > 0) await database.query(manyTables(tables));
  return database;
}

/** The first start, which is not measured: it makes the store, the sample `db`, and a service for each database. */
async function settle(databases: readonly Database[]): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const house = await startHouse(envOf(folder), serveOnNodeProcess);
  for (const { url, host, port, user, password, database } of databases) {
    const type = url.startsWith("postgres") ? "pgsql" : "mariadb";
    await makeService(house, type, type, { host, port, username: user, password, database });
  }
  const key = await makeKey(house, "bench", [{ service_id: null, component: "*", verb_mask: 1 }]);
  await house.close();
  return { folder, key };
}

function envOf(folder: string): Readonly<Record<string, string>> {
  return { PORT: "0", MILLRACE_SECRET: SECRET, DATABASE_URL: `sqlite:${folder}/millrace.db`, LOG_LEVEL: "info" };
}

async function measure(way: Way, [empty, full]: readonly [Home, Home]): Promise<void> {
  const { title } = way;
  // A process that ends in order leaves behind what it compiled.
  await timeStart(way, full, "pgsql/_table", "SIGTERM");
  await timeStart(way, full, "mariadb/_table", "SIGTERM");
  const [small, large]: [number[], number[]] = [[], []];
  const looks: Record<string, number[]> = {
    "pgsql/_table": [],
    "pgsql/_schema": [],
    "mariadb/_table": [],
    "mariadb/_schema": [],
  };
  for (let round = 0; round < ROUNDS; round++) {
    small.push((await timeStart(way, empty)).start);
    for (const path of Object.keys(looks)) {
      const { start, look } = await timeStart(way, full, path);
      large.push(start);
      looks[path]?.push(look);
    }
  }
  console.log(`${title}: first rows after ${ms(small)}; with services on ${TABLES} tables ${ms(large)}`);
  for (const [path, times] of Object.entries(looks))
    console.log(`${title}: first ${path} of ${TABLES} tables ${ms(times)}`);
}

interface Times {
  readonly start: number;
  readonly look: number;
}

/** One process, from its start to the first rows, and then to the first answer of another path. */
async function timeStart(way: Way, { folder, key }: Home, path = "", end: NodeJS.Signals = "SIGKILL"): Promise<Times> {
  const began = performance.now();
  const [program, ...args] = way.command;
  const child = spawn(program, args, { env: { ...envOf(folder), ...way.env }, stdio: ["ignore", "pipe", "inherit"] });
  const url = await addressOf(child);
  await get(`${url}/db/_table/employees?limit=1`, key);
  const started = performance.now();
  if (path !== "") await get(`${url}/${path}`, key);
  const looked = performance.now();
  child.kill(end);
  await once(child, "exit");
  return { start: started - began, look: looked - started };
}

/** A start that is not the first one says in the log where it serves. */
async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const [, url] = /"url":"([^"]+)"/.exec(line) ?? [];
    if (url !== undefined) return `${url}/api/v2`;
  }
  throw new Error("Millrace ended instead of serving.");
}

async function get(url: string, key: string): Promise<void> {
  const response = await fetch(url, { headers: { "X-API-Key": key } });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}.`);
  await response.arrayBuffer();
}

function ms(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]?.toFixed()} ms (${sorted[0]?.toFixed()} to ${sorted.at(-1)?.toFixed()})`;
}
