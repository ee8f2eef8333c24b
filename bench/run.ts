import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createDatabase } from "../test/servers/databases.ts";
import { startPrivatePostgres } from "../test/servers/postgres.ts";
import { OwnServer } from "../test/servers/server.ts";
import { measureLoad } from "./load.ts";

/**
 * Compares Millrace with the endpoint somebody would write by hand, over the same table of the same PostgreSQL: requests
 * per second as a ratio, in turns, so that a slow moment of the machine strikes both.
 */
const ROUNDS = 5;
const MILLISECONDS = 2_000;
const ROWS = 1_000;

const CASES = [
  { title: "1 row by id", hand: "/people/500", millrace: "_table/people/500" },
  { title: "25 rows", hand: "/people?limit=25", millrace: "_table/people?order=id&limit=25" },
  { title: "1000 rows", hand: "/people?limit=1000", millrace: "_table/people?order=id&limit=1000" },
] as const;

interface Contender {
  readonly process: ChildProcess;
  readonly port: string;
  readonly key: string;
}

await main();

async function main(): Promise<void> {
  const server = await startPrivatePostgres();
  if (!(server instanceof OwnServer)) throw new Error(`There is no PostgreSQL to measure with: ${server.unavailable}.`);
  const database = await createDatabase({ title: "PostgreSQL", url: server.url });
  const contenders: Contender[] = [];
  try {
    await database.query(tableSql());
    for (const file of ["by-hand.ts", "millrace.ts"]) contenders.push(await startContender(file, database.url));
    await compare(contenders as [Contender, Contender]);
  } finally {
    for (const { process } of contenders) process.kill();
    await server.close();
  }
}

function tableSql(): string {
  return `CREATE TABLE people (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, born DATE, created TIMESTAMPTZ,
      balance NUMERIC(12,2), active BOOLEAN, visits BIGINT, notes TEXT);
    INSERT INTO people SELECT n, 'First' || n, 'Last' || n, 'person' || n || '@example.com', DATE '1970-01-01' + n,
      TIMESTAMPTZ '2024-01-01' + n * INTERVAL '1 minute', n * 1.25, n % 2 = 0, n * 1000, repeat('note ', 5)
    FROM generate_series(1, ${ROWS}) AS n; ANALYZE people;`;
}

async function startContender(file: string, database: string): Promise<Contender> {
  const path = new URL(file, import.meta.url).pathname;
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, BENCH_DATABASE: database },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const chunk of child.stdout) {
    const [, port, key = ""] = /ready (\d+) ?(\w*)/.exec(String(chunk)) ?? [];
    if (port !== undefined) return { process: child, port, key };
  }
  await once(child, "exit");
  throw new Error(`${file} did not start.`);
}

async function compare([hand, millrace]: readonly [Contender, Contender]): Promise<void> {
  console.log("requests per second: by hand, Millrace, ratio (median of pairs), 8 in flight");
  for (const { title, hand: handPath, millrace: path } of CASES) {
    const pairs: [number, number][] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const pair: [number, number] = [await measure(hand, handPath), await measure(millrace, `/api/v2/db/${path}`)];
      // The first pair warms both up.
      if (round > 0) pairs.push(pair);
    }
    const ratio = median(pairs.map(([byHand, ours]) => ours / byHand)).toFixed(2);
    console.log(
      `${title.padEnd(12)} ${median(pairs.map(([byHand]) => byHand))} ${median(pairs.map(([, ours]) => ours))} ${ratio}`,
    );
  }
}

function measure({ port, key }: Contender, path: string): Promise<number> {
  return measureLoad({
    url: `http://127.0.0.1:${port}${path}`,
    headers: key === "" ? {} : { "X-API-Key": key },
    inFlight: 8,
    milliseconds: MILLISECONDS,
  });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
