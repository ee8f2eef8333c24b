import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIME } from "../house.ts";
import { type Fixture, openFixture, SERVICE } from "../suites/database/fixture.ts";
import { postgresTarget } from "../suites/database/targets.ts";
import { Wire } from "../suites/runtime/wire.ts";

const target = postgresTarget();
const ROWS = `${"x".repeat(200)}\r\n`.repeat(7_000);

describe.skipIf(target.unavailable !== undefined || RUNTIME === "workers")("uploads whose clients stop", () => {
  let fixture: Fixture;
  const wires: Wire[] = [];
  beforeAll(async () => {
    fixture = await openFixture(target, { pool: { max: 4, wait_ms: 200 } });
    await fixture.database.query("CREATE TABLE taken (id SERIAL PRIMARY KEY, name TEXT)");
  });
  afterAll(async () => {
    for (const wire of wires) wire.destroy();
    await fixture?.close();
  });

  test("hold half of the connections at most: others are told to come again, and all else goes on", async () => {
    const { house, key } = fixture;
    const upload = async () => {
      const wire = await Wire.connect(house.url);
      wires.push(wire);
      const head = `POST /api/v2/${SERVICE}/_table/taken HTTP/1.1\r\nHost: a\r\nX-API-Key: ${key}\r\nContent-Type: text/csv\r\n`;
      return wire.send(`${head}Content-Length: 9000000\r\n\r\nname\r\n${ROWS}`).answer();
    };
    const uploads = Array.from({ length: 6 }, upload);
    // Whoever is refused was so while others hold their places.
    await Promise.race(uploads);
    const reads = await Promise.all(Array.from({ length: 2 }, () => fixture.ask("GET", "_table/customers?limit=1")));
    const answers = await Promise.all(uploads);
    expect(reads.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map((answer) => answer?.status).sort()).toEqual([408, 408, 503, 503, 503, 503]);
    expect(await fixture.database.query("SELECT COUNT(*)::int AS n FROM taken")).toEqual([{ n: 0 }]);
  });
});
