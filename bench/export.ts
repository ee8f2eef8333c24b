import { spawn } from "node:child_process";
import { once } from "node:events";
import { createDatabase } from "../test/servers/databases.ts";
import { startPrivatePostgres } from "../test/servers/postgres.ts";
import { OwnServer } from "../test/servers/server.ts";
import { COLUMNS, tableSql } from "./people.ts";
import { type Millrace, startMillrace, watched } from "./process.ts";

/**
 * How quickly 1,000,000 rows leave as NDJSON, against the database's own client that copies the same table to its output;
 * and by how much the memory of Millrace grows meanwhile. Before that the server answers pages for a while, as one does
 * that has been running: what its heap takes at the very beginning is not the export's.
 */
const ROWS = 1_000_000;
const ROUNDS = 3;
const WARM_PAGES = 300;

const server = await startPrivatePostgres();
if (!(server instanceof OwnServer)) throw new Error(`There is no PostgreSQL to measure with: ${server.unavailable}.`);
try {
  const database = await createDatabase({ title: "PostgreSQL", url: server.url });
  await database.query(`${tableSql("TIMESTAMP")}; ${fillSql()}; ANALYZE people`);
  await compare(database.url);
} finally {
  await server.close();
}

function fillSql(): string {
  return `INSERT INTO people (${COLUMNS.join(",")}) SELECT n, 'First' || n, 'Last' || n, 'person' || n || '@example.com',
    DATE '1990-01-01', TIMESTAMP '2024-01-01', n * 1.25, n % 2 = 0, n * 1000, repeat('a note ', 5)
    FROM generate_series(1, ${ROWS}) AS n`;
}

async function compare(url: string): Promise<void> {
  const millrace = await startMillrace("pgsql", { dsn: url, ssl: { mode: "disable" } });
  try {
    for (let page = 0; page < WARM_PAGES; page++) await get(millrace, "_table/people?limit=1000");
    for (let round = 1; round <= ROUNDS; round++) {
      const began = performance.now();
      await copy(url);
      const own = performance.now() - began;
      const { ms, grown } = await watched(millrace.process, () => get(millrace, "_table/people?limit=all", ROWS));
      const rate = ((ROWS / ms) * 1000).toFixed(0);
      console.log(`NDJSON ${rate} rows/s, ${(own / ms).toFixed(2)} of psql COPY, memory +${grown.toFixed(0)} MiB`);
    }
  } finally {
    millrace.process.kill();
  }
}

async function copy(url: string): Promise<void> {
  const child = spawn("psql", ["--no-psqlrc", "--command", "COPY people TO STDOUT", url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.resume();
  await once(child, "close");
}

/** Reads an answer to its end, and demands as many lines of it. */
async function get({ url, key }: Millrace, path: string, lines?: number): Promise<void> {
  const response = await fetch(`${url}/${path}`, { headers: { "X-API-Key": key, Accept: "application/x-ndjson" } });
  let found = 0;
  for await (const chunk of response.body ?? []) for (const byte of chunk) if (byte === 10) found++;
  if (response.status !== 200 || (lines !== undefined && found !== lines))
    throw new Error(`${path} answered ${response.status} with ${found} lines.`);
}
