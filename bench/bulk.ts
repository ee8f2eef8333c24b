import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase, type Database } from "../test/servers/databases.ts";
import { startPrivateMariadb } from "../test/servers/mariadb.ts";
import { startPrivatePostgres } from "../test/servers/postgres.ts";
import { OwnServer, type Unavailable } from "../test/servers/server.ts";
import { csvOf, insertsOf, ndjsonOf, rowOf, tableSql } from "./people.ts";
import { type Millrace, startMillrace, watched } from "./process.ts";

/**
 * How quickly 100,000 rows are loaded by one POST, against the database's own client that reads the same rows as INSERTs
 * of a thousand rows each: rows per second as a ratio, in turns; and by how much the memory of Millrace grows meanwhile.
 */
const ROWS = 100_000;
const ROUNDS = 3;

/** A database that is loaded by its own client and through Millrace. */
interface Contest {
  readonly title: string;
  readonly type: string;
  readonly config: object;
  run(sql: string): unknown;
  /** Loads a file by the database's own client. */
  load(file: string): void;
  close(): Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), "millrace-bulk-"));
const rows = Array.from({ length: ROWS }, (_, index) => rowOf(index + 1));
const file = join(folder, "people.sql");
writeFileSync(file, insertsOf(rows));
const BODIES = [
  { title: "NDJSON", type: "application/x-ndjson", body: ndjsonOf(rows) },
  { title: "CSV", type: "text/csv", body: csvOf(rows) },
];

try {
  for (const open of [openPostgres, openMariadb, openSqlite]) await compare(await open());
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(contest: Contest): Promise<void> {
  const millrace = await startMillrace(contest.type, contest.config);
  try {
    await contest.run(tableSql(contest.type === "pgsql" ? "TIMESTAMP" : "DATETIME"));
    for (const body of BODIES) await compareOne(contest, millrace, body);
  } finally {
    millrace.process.kill();
    await contest.close();
  }
}

async function compareOne(contest: Contest, millrace: Millrace, body: (typeof BODIES)[number]): Promise<void> {
  const ratios: number[] = [];
  const grown: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    await contest.run("DELETE FROM people");
    const began = performance.now();
    contest.load(file);
    const own = performance.now() - began;
    await contest.run("DELETE FROM people");
    const ours = await watched(millrace.process, () => post(millrace, body));
    // The first round warms both up; the memory of the server may grow in it as in any other.
    grown.push(ours.grown);
    if (round === 0) continue;
    ratios.push(own / ours.ms);
    rates.push((ROWS / ours.ms) * 1000);
  }
  const text = `${median(rates).toFixed(0)} rows/s, ${median(ratios).toFixed(2)} of its own client, memory +${Math.max(...grown).toFixed(0)} MiB`;
  console.log(`${contest.title.padEnd(11)} ${body.title.padEnd(7)} ${text}`);
}

async function post({ url, key }: Millrace, { type, body }: (typeof BODIES)[number]): Promise<void> {
  const headers = { "X-API-Key": key, "Content-Type": type };
  const response = await fetch(`${url}/_table/people`, { method: "POST", headers, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`The rows were not created: ${text.slice(0, 500)}`);
}

async function openPostgres(): Promise<Contest> {
  const { server, database } = await openServer(startPrivatePostgres());
  return {
    title: "PostgreSQL",
    type: "pgsql",
    config: { dsn: database.url, ssl: { mode: "disable" } },
    run: database.query,
    load: (path) => execFileSync("psql", ["--quiet", "--no-psqlrc", "--file", path, database.url]),
    close: () => server.close(),
  };
}

async function openMariadb(): Promise<Contest> {
  const { server, database } = await openServer(startPrivateMariadb());
  const { host, port, user, password, database: name } = database;
  const login = ["--no-defaults", "--skip-ssl", `--host=${host}`, `--port=${port}`, `--user=${user}`];
  return {
    title: "MariaDB",
    type: "mariadb",
    config: { host, port, username: user, password, database: name, ssl: { mode: "disable" } },
    run: database.query,
    load: (path) =>
      execFileSync("mariadb", [...login, `--password=${password}`, name], { input: readFileSync(path, "utf8") }),
    close: () => server.close(),
  };
}

async function openSqlite(): Promise<Contest> {
  const path = join(folder, "people.db");
  const run = (input: string) => execFileSync("sqlite3", [path], { input });
  run("PRAGMA journal_mode = WAL;");
  return {
    title: "SQLite",
    type: "sqlite",
    config: { database: path },
    run: (sql) => run(`${sql};`),
    load: (from) => run(readFileSync(from, "utf8")),
    close: async () => {},
  };
}

async function openServer(
  starting: Promise<OwnServer | Unavailable>,
): Promise<{ server: OwnServer; database: Database }> {
  const server = await starting;
  if (!(server instanceof OwnServer))
    throw new Error(`There is no ${server.title} to measure with: ${server.unavailable}.`);
  return { server, database: await createDatabase({ title: "", url: server.url }) };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
