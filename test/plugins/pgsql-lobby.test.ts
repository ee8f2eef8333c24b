import { expect, test } from "vitest";
import type { PgClient, PgPool } from "../../plugins/pgsql/client.ts";
import { Lobby } from "../../plugins/pgsql/lobby.ts";

const never = new AbortController().signal;
const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const client: PgClient = {
  query: async () => ({ command: "SELECT", rowCount: 0, rows: [], fields: [] }),
  release: () => {},
  on: () => {},
};

/** A pool to whose server no connection can be made any more, with as many at hand as `idle` says. */
class StrandedPool implements PgPool {
  attempts = 0;
  idle = 0;

  get idleCount(): number {
    return this.idle;
  }

  async connect(): Promise<PgClient> {
    if (this.idle > 0) return client;
    this.attempts++;
    throw refused;
  }

  async end(): Promise<void> {}
}

test("an attempt to connect that found nobody keeps no connection from being lent that is at hand", async () => {
  const pool = new StrandedPool();
  const lobby = new Lobby({ pool, waitMs: 1_000, greeting: [] });
  await expect(lobby.lend(never)).rejects.toMatchObject({ kind: "unavailable", connect: "refused" });
  pool.idle = 1;
  await expect(lobby.lend(never)).resolves.toBeDefined();
});

test("of requests in a row that find no connection at hand, only the first tries to make one", async () => {
  const pool = new StrandedPool();
  const lobby = new Lobby({ pool, waitMs: 1_000, greeting: [] });
  for (let time = 0; time < 5; time++) await expect(lobby.lend(never)).rejects.toMatchObject({ connect: "refused" });
  expect(pool.attempts).toBe(1);
});
