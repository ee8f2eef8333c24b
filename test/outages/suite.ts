import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/contract/json.ts";
import { type Answer, makeService, startHouse, type TestHouse } from "../house.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import type { OwnServer, Unavailable } from "../servers/server.ts";

/** A kind of server that is broken at will. */
export interface Breakable {
  readonly title: string;
  readonly type: string;
  start(): Promise<OwnServer | Unavailable>;
  /** A view of one row that takes half a minute. */
  readonly slowView: string;
  /** What the server says of a user that it does not know. */
  readonly wrongUser: string;
}

const SENTENCE = {
  away: "The database of service 'db' is not available.",
  busy: "All connections of service 'one' are busy. Try again.",
  late: "The database did not finish the statement in time.",
};
const failed = (status: number, message: string) => ({
  error: { code: status, context: null, message, status_code: status },
});
/** Longest that an answer may take whatever happens: more than all limits of the services below, and far less than theirs by default. */
const BOUNDED_MS = 8_000;
const LIMITS = { pool: { max: 4, wait_ms: 700 }, statement_timeout_ms: 900 };

/** What clients see while a database is away, hangs, or is busy, and that all is well afterwards by itself. */
export function outageSuite(kind: Breakable): void {
  let server: OwnServer;
  let database: Database;
  let house: TestHouse;
  let missing: string | undefined;

  beforeAll(async () => {
    const started = await kind.start();
    if ("unavailable" in started) {
      missing = started.unavailable;
      return;
    }
    server = started;
    database = await createDatabase(server);
    await database.query(`CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(40)); ${kind.slowView}`);
    await database.query("INSERT INTO notes VALUES (1, 'one')");
    // The servers of the tests write lazily: a crash would take the fixture.
    await server.restart();
    house = await startHouse();
    await makeService(house, "db", kind.type, { ...configOf(), ...LIMITS });
    await makeService(house, "beside", "sqlite", { database: ":memory:" });
  });
  afterAll(async () => {
    await house?.close();
    await server?.close();
  });

  const configOf = () => {
    const { host, port, user, password } = database;
    return { host, port, username: user, password, database: database.database };
  };
  const get = (path: string) => house.ask("GET", path);
  const expectWell = async () => {
    const { status, body } = await get("db/_table/notes");
    expect([status, body]).toEqual([200, { resource: [{ id: 1, text: "one" }] }]);
  };
  const expectAway = ({ status, headers, body, text }: Answer) => {
    expect([status, headers.get("Retry-After"), body]).toEqual([503, "1", failed(503, SENTENCE.away)]);
    for (const secret of [database.host, String(database.port), database.password, database.user]) {
      expect(text).not.toContain(secret);
    }
  };
  const expectBesideWell = async () => {
    expect((await get("beside/_table")).body).toEqual({ resource: [] });
    expect((await get("")).body.services.map((each: { name: string }) => each.name)).toContain("db");
    expect((await fetch(`${house.url}/readyz`)).status).toBe(200);
  };
  const it = (title: string, work: () => Promise<void>, within = BOUNDED_MS) =>
    test(
      title,
      async ({ skip }) => {
        skip(missing !== undefined, missing);
        await work();
      },
      within,
    );
  /** What may be answered while the server comes back is either of two; in the end it is well. */
  const untilWell = async () => {
    while ((await get("db/_table/notes")).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
    await expectWell();
  };

  describe(`${kind.title}, when it`, () => {
    it("is killed, answers 503 to every verb; the rest goes on, and all is well after its restart", async () => {
      await expectWell();
      await server.kill();
      // The orphans of a PostgreSQL that was killed may answer once more.
      while ((await get("db/_table/notes")).status === 200);
      for (let time = 0; time < 3; time++) expectAway(await get("db/_table/notes"));
      expectAway(await house.ask("POST", "db/_table/notes", { body: { id: 2 } }));
      expectAway(await house.ask("PATCH", "db/_table/notes/1", { body: { text: "x" } }));
      expectAway(await house.ask("POST", "db/_table/notes?rollback=true", { body: [{ id: 2 }, { id: 3 }] }));
      expectAway(await house.ask("POST", "db/_table/notes?continue=true", { body: [{ id: 2 }, { id: 3 }] }));
      expectAway(await house.ask("DELETE", "db/_table/notes?force=true"));
      expectAway(await get("db/_schema?refresh=true"));
      await expectBesideWell();
      await server.start();
      await untilWell();
    }, 20_000);

    it("is killed under a request, answers that with 503", async () => {
      await makeService(house, "patient", kind.type, { ...configOf(), statement_timeout_ms: 30_000 });
      expect((await get("patient/_table/notes")).status).toBe(200);
      const running = get("patient/_table/slow");
      await untilRunning();
      await server.kill();
      const { status, headers, body } = await running;
      expect([status, headers.get("Retry-After"), body.error.message]).toEqual([
        503,
        "1",
        "The database of service 'patient' is not available.",
      ]);
      await server.start();
      await untilWell();
    }, 20_000);

    it("ends in order and comes back between two requests, is not even missed", async () => {
      await expectWell();
      await server.restart();
      await expectWell();
    }, 20_000);

    it("hangs, answers 504 for what was sent and 503 for what could not be; the rest goes on", async () => {
      await expectWell();
      server.freeze();
      try {
        const answers = await Promise.all(Array.from({ length: 6 }, () => get("db/_table/notes")));
        for (const { status, body } of answers) {
          const isBusy = body.error.message === SENTENCE.busy.replace("'one'", "'db'");
          const expected = status === 504 ? SENTENCE.late : isBusy ? body.error.message : SENTENCE.away;
          expect([[503, 504].includes(status), body]).toEqual([true, failed(status, expected)]);
        }
        expect([503, 504]).toContain((await get("db/_table/notes")).status);
        await expectBesideWell();
      } finally {
        server.thaw();
      }
      await untilWell();
    }, 15_000);

    it("has all its connections lent, answers 503 after the wait, and lends them again", async () => {
      const config = { ...configOf(), pool: { max: 1, wait_ms: 300 }, statement_timeout_ms: 1_500 };
      await makeService(house, "one", kind.type, config);
      expect((await get("one/_table/notes")).status).toBe(200);
      const holder = get("one/_table/slow");
      await untilRunning();
      const waiting = await Promise.all([1, 2, 3].map(() => get("one/_table/notes")));
      for (const { status, headers, body } of waiting) {
        expect([status, headers.get("Retry-After"), body]).toEqual([503, "1", failed(503, SENTENCE.busy)]);
      }
      await expectWell();
      expect((await holder).body).toEqual(failed(504, SENTENCE.late));
      expect((await get("one/_table/notes")).status).toBe(200);
    });

    it("takes too long for one statement, answers 504 and has ended it", async () => {
      const { status, body } = await get("db/_table/slow");
      expect([status, body]).toEqual([504, failed(504, SENTENCE.late)]);
      await untilNotRunning();
      await expectWell();
    });
  });

  describe(`the connection test of ${kind.title}`, () => {
    const tried = async (name: string, changed: { readonly [key: string]: Json }) => {
      const config = { ...configOf(), pool: { max: 1, wait_ms: 500 }, ...changed };
      const answer = await house.ask("POST", "system/service?test=true", {
        body: { name, type: kind.type, is_active: true, config },
      });
      const saved = await house.ask("GET", `system/service?filter=name='${name}'&count_only=true`);
      return [answer.status, answer.status === 201 ? "" : answer.body.error.message, saved.body];
    };
    const refused = (sentence: string) => [400, `The connection test failed. ${sentence}`, 0];

    const FAILURES: readonly (readonly [string, { readonly [key: string]: Json }, string])[] = [
      ["a wrong password", { password: "wrong" }, "The server refused the user name or password."],
      ["an unknown user", { username: "nobody" }, kind.wrongUser],
      ["an unknown host", { host: "nowhere.invalid" }, "The host name could not be found."],
      [
        "a port where nothing listens",
        { port: 1 },
        "The connection was refused: nothing listens at this host and port.",
      ],
      ["a database that there is none of", { database: "nothing_of_the_kind" }, "The database does not exist."],
      [
        "a certificate of nobody it trusts",
        { ssl: { mode: "verify-full" } },
        "A secure (TLS) connection could not be made.",
      ],
      [
        "a CA that is none",
        { ssl: { mode: "verify-ca", ca: "nonsense" } },
        "A secure (TLS) connection could not be made.",
      ],
    ];
    for (const [index, [title, changed, sentence]] of FAILURES.entries()) {
      it(`says what is wrong with ${title}, and saves nothing`, async () => {
        expect(await tried(`wrong${index}`, changed)).toEqual(refused(sentence));
      });
    }

    it("says that a server that hangs does not answer", async () => {
      server.freeze();
      try {
        expect(await tried("frozen", {})).toEqual(refused("The server did not answer in time."));
      } finally {
        server.thaw();
      }
      await untilWell();
    }, 15_000);

    it("saves a service that can be reached, over TLS that is verified", async () => {
      const ca = server.caFile === undefined ? undefined : readFileSync(server.caFile, "utf8");
      expect(await tried("right", ca === undefined ? {} : { ssl: { mode: "verify-full", ca } })).toEqual([201, "", 1]);
      expect((await get("right/_table/notes")).status).toBe(200);
    });

    it("is not made unasked: a service whose database is away is saved, listed, and answers 503", async () => {
      await makeService(house, "away", kind.type, { ...configOf(), port: 1, pool: { max: 1, wait_ms: 500 } });
      expect((await get("")).body.services.map((each: { name: string }) => each.name)).toContain("away");
      const { status, body } = await get("away/_table");
      expect([status, body]).toEqual([503, failed(503, "The database of service 'away' is not available.")]);
      const { body: put } = await house.ask("PATCH", "system/service?ids=0", { body: { resource: [{ label: "x" }] } });
      expect(put.error.message).toContain("Batch Error");
    });
  });

  /** Statements of the slow view that the server runs now. */
  async function running(): Promise<number> {
    const list =
      kind.type === "pgsql"
        ? "SELECT query AS q FROM pg_stat_activity WHERE state = 'active'"
        : "SELECT info AS q FROM information_schema.processlist";
    const rows = await database.query(list);
    return rows.filter(({ q }) => /FROM .*slow/.test(String(q))).length;
  }

  async function untilRunning(): Promise<void> {
    while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async function untilNotRunning(): Promise<void> {
    while ((await running()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
