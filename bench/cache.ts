import { makeKey, makeService, startHouse, type TestHouse } from "../test/house.ts";
import { serveOnNodeProcess } from "../test/runtimes/node-process.ts";
import { createDatabase } from "../test/servers/databases.ts";
import { startPrivatePostgres } from "../test/servers/postgres.ts";
import { OwnServer } from "../test/servers/server.ts";

/** What a kept answer takes against the query that made it: a filtered count of 300,000 rows in PostgreSQL, one at a time. */
const ROWS = 300_000;
const ROUNDS = 60;
const PATH = "_table/facts?filter=amount>500 and word contains '7'&count_only=true";

await main();

async function main(): Promise<void> {
  const server = await startPrivatePostgres();
  if (!(server instanceof OwnServer)) throw new Error(`There is no PostgreSQL to measure with: ${server.unavailable}.`);
  const database = await createDatabase(server);
  const house = await startHouse({ LOG_LEVEL: "error" }, serveOnNodeProcess);
  try {
    await database.query("CREATE TABLE facts (id INTEGER PRIMARY KEY, amount INTEGER, word TEXT)");
    await database.query(`INSERT INTO facts SELECT n, n % 1000, 'word ' || n FROM generate_series(1, ${ROWS}) n`);
    const { host, port, user, password, database: name } = database;
    const address = { host, port, username: user, password, database: name, ssl: { mode: "disable" } };
    const plain = await makeService(house, "plain", "pgsql", address);
    const kept = await makeService(house, "kept", "pgsql", { ...address, cache_enabled: true, cache_ttl: 600 });
    const key = await makeKey(
      house,
      "bench",
      [plain, kept].map((service_id) => ({ service_id, component: "*", verb_mask: 1 })),
    );
    const query = await median(house, "plain", key);
    const cached = await median(house, "kept", key);
    console.log(
      `query ${query.toFixed(2)} ms, kept answer ${cached.toFixed(2)} ms, ratio ${(cached / query).toFixed(3)}`,
    );
  } finally {
    await house.close();
    await server.close();
  }
}

async function median(house: TestHouse, service: string, key: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const { status, text } = await house.ask("GET", `${service}/${PATH}`, { key });
    if (status !== 200) throw new Error(text);
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b)[ROUNDS / 2] ?? 0;
}
