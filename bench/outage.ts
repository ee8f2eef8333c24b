import { setTimeout as sleep } from "node:timers/promises";
import { makeService, startHouse, type TestHouse } from "../test/house.ts";
import { type Heard, type Kind, Load } from "../test/outages/load.ts";
import { serveOnNodeProcess } from "../test/runtimes/node-process.ts";
import { CutProxy } from "../test/servers/cut-proxy.ts";
import { createDatabase, type Database } from "../test/servers/databases.ts";
import { startPrivateMariadb } from "../test/servers/mariadb.ts";
import { startPrivatePostgres } from "../test/servers/postgres.ts";
import { OwnServer, type Unavailable } from "../test/servers/server.ts";

/**
 * How a service fares on Node while the database of another is away: the 99th percentile of its answers before and
 * during an outage, in the same run and under the same load. Ends with code 1 when the ratio (median of rounds) is too high.
 */
const ROUNDS = 5;
const PHASE_MS = 5_000;
const MOST_RATIO = 1.5;
const LIMITS = { pool: { max: 8, wait_ms: 700 }, statement_timeout_ms: 900 };
const NOTES =
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(40)); INSERT INTO notes VALUES (1, 'one'), (2, 'two'), (3, 'three')";

interface Stage {
  readonly house: TestHouse;
  readonly victim: OwnServer;
  readonly proxy: CutProxy;
}

interface Outage {
  readonly title: string;
  begin(stage: Stage): unknown;
  end(stage: Stage): unknown;
}

const OUTAGES: readonly Outage[] = [
  { title: "stopped", begin: ({ victim }) => victim.stop(), end: ({ victim }) => victim.start() },
  { title: "paused", begin: ({ victim }) => victim.freeze(), end: ({ victim }) => victim.thaw() },
  { title: "cut off", begin: ({ proxy }) => proxy.refuse(), end: ({ proxy }) => proxy.pass() },
  { title: "swallowed", begin: ({ proxy }) => proxy.swallow(), end: ({ proxy }) => proxy.pass() },
];

await main();

async function main(): Promise<void> {
  const [victim, calm] = await Promise.all([demand(startPrivatePostgres()), demand(startPrivateMariadb())]);
  const database = await createDatabase(victim);
  const other = await createDatabase(calm);
  const proxy = await CutProxy.to(database);
  const house = await startHouse({ LOG_LEVEL: "error" }, serveOnNodeProcess);
  try {
    await serve(house, "victim", "pgsql", { ...database, host: "127.0.0.1", port: proxy.port });
    await serve(house, "calm", "mariadb", other);
    await compare({ house, victim, proxy });
  } finally {
    await house.close();
    proxy.close();
    await Promise.all([victim.close(), calm.close()]);
  }
}

async function demand(started: Promise<OwnServer | Unavailable>): Promise<OwnServer> {
  const server = await started;
  if (server instanceof OwnServer) return server;
  throw new Error(`There is no ${server.title} to measure with: ${server.unavailable}.`);
}

async function serve(house: TestHouse, name: string, type: string, database: Database): Promise<void> {
  await database.query(NOTES);
  const { host, port, user, password, database: schema } = database;
  const address = { host, port, username: user, password, database: schema, ssl: { mode: "disable" } };
  await makeService(house, name, type, { ...address, ...LIMITS });
}

async function compare(stage: Stage): Promise<void> {
  await measure(stage, { title: "warm-up", begin: () => {}, end: () => {} });
  console.log("p99 of a service on another database in ms, before and during an outage, and their ratio (medians)");
  for (const outage of OUTAGES) {
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(stage, outage));
    const ratio = median(rounds.map(({ before, during }) => during / before));
    const [before, during] = [median(rounds.map((each) => each.before)), median(rounds.map((each) => each.during))];
    console.log(`${outage.title.padEnd(10)} ${before.toFixed(1)} ${during.toFixed(1)} ${ratio.toFixed(2)}`);
    if (ratio > MOST_RATIO) process.exitCode = 1;
  }
}

interface Round {
  readonly before: number;
  readonly during: number;
}

/** Both loads go on all the time; a client rests so long that the number of requests is about the same in each phase. */
async function measure(stage: Stage, outage: Outage): Promise<Round> {
  const victim = load(stage, "victim", 20, 30, ["read", "list", "insert"]);
  const calm = load(stage, "calm", 8, 8, ["read", "list"]);
  await sleep(500);
  const began = performance.now();
  await sleep(PHASE_MS);
  const struck = performance.now();
  await outage.begin(stage);
  await sleep(PHASE_MS);
  const ended = performance.now();
  await outage.end(stage);
  const [, heard] = await Promise.all([victim.stop(), calm.stop()]);
  return { before: p99(heard, began, struck), during: p99(heard, struck, ended) };
}

function load({ house }: Stage, service: string, clients: number, restMs: number, kinds: readonly Kind[]): Load {
  return new Load({ table: `${house.url}/api/v2/${service}/_table/notes`, token: house.token, clients, restMs, kinds });
}

function p99(heard: readonly Heard[], from: number, to: number): number {
  const inside = heard.filter(({ began }) => began >= from && began < to);
  if (inside.some(({ status }) => status !== 200)) throw new Error("The other service felt the outage.");
  const times = inside.map(({ began, ended }) => ended - began).sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
