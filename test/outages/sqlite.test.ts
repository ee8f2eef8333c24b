import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeService, startHouse, type TestHouse } from "../house.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-outage-"));
const path = join(folder, "test.db");
const failed = (status: number, message: string) => ({
  error: { code: status, context: null, message, status_code: status },
});
const AWAY = failed(503, "The database of service 'db' is not available.");
const BUSY = failed(503, "The database was busy with a conflicting change. Try again.");

let house: TestHouse;
beforeAll(async () => {
  makeDatabase(path, "one");
  house = await startHouse();
  await makeService(house, "db", "sqlite", { database: path, pool: { max: 1, wait_ms: 300 } });
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

function makeDatabase(at: string, text: string): void {
  const made = new DatabaseSync(at);
  made.exec(
    `PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes VALUES (1, '${text}')`,
  );
  made.close();
}

const get = () => house.ask("GET", "db/_table/notes");
const patch = (text: string, query = "") => house.ask("PATCH", `db/_table/notes/1${query}`, { body: { text } });
const texts = async () => (await get()).body.resource?.map((row: { text: string }) => row.text);

describe("an SQLite file that somebody else has locked", () => {
  let other: DatabaseSync;
  const lock = () => {
    other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE; UPDATE notes SET text = 'theirs'");
  };
  afterEach(() => other.close());

  test("is read all the while, and answers writes with 503 after the wait", async () => {
    lock();
    const writes = await Promise.all([
      patch("mine"),
      patch("mine", "?rollback=true"),
      house.ask("DELETE", "db/_table/notes?force=true"),
    ]);
    for (const { status, headers, body } of writes)
      expect([status, headers.get("Retry-After"), body]).toEqual([503, "1", BUSY]);
    expect(await texts()).toEqual(["one"]);
    other.exec("ROLLBACK");
    expect((await patch("one")).status).toBe(200);
  });

  test("is written as soon as the lock is gone, when that is in time", async () => {
    lock();
    const writing = patch("mine");
    setTimeout(() => other.exec("COMMIT"), 50);
    expect((await writing).body).toEqual({ id: 1 });
    expect(await texts()).toEqual(["mine"]);
  });
});

describe("an SQLite file that", () => {
  test("is taken away answers 503 until it is back", async () => {
    await patch("here");
    await moved(async () => {
      await untilStatus(503);
      expect((await get()).body).toEqual(AWAY);
      expect((await patch("lost")).body).toEqual(AWAY);
    });
    await untilStatus(200);
    expect(await texts()).toEqual(["here"]);
  });

  test("is replaced by another is that other from then on", async () => {
    await moved(async (away) => {
      makeDatabase(path, "another");
      await until(async () => (await texts())?.[0] === "another");
      for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
      copyFileSync(away, path);
    });
    await untilStatus(200);
  });

  test("is no database answers 503, and says so to whoever tests it", async () => {
    const wrong = join(folder, "wrong.db");
    writeFileSync(wrong, "This is no database, but a text that is long enough to be told from one. ".repeat(20));
    await makeService(house, "wrong", "sqlite", { database: wrong });
    expect((await house.ask("GET", "wrong/_table")).body).toEqual(
      failed(503, "The database of service 'wrong' is not available."),
    );
  });

  test.each([
    ["does not exist", "missing.db"],
    ["is a folder", "."],
    ["is no database", "wrong.db"],
    ["lies below a file", "test.db/x.db"],
  ])("%s fails the connection test in words that name no path", async (_, file) => {
    const body = { name: "tested", type: "sqlite", is_active: true, config: { database: join(folder, file) } };
    const answer = await house.ask("POST", "system/service?test=true", { body });
    expect([answer.status, answer.body]).toEqual([
      400,
      failed(400, "The connection test failed. The database does not exist."),
    ]);
    expect((await house.ask("GET", "system/service?filter=name=tested&count_only=true")).body).toBe(0);
  });

  test("does not exist yet is saved and listed, and not made by being asked for", async () => {
    const later = join(folder, "later.db");
    await makeService(house, "later", "sqlite", { database: later });
    expect((await house.ask("GET", "later/_table")).status).toBe(503);
    expect((await house.ask("GET", "")).body.services.map((each: { name: string }) => each.name)).toContain("later");
    makeDatabase(later, "now");
    expect((await house.ask("GET", "later/_table/notes/1")).body).toEqual({ id: 1, text: "now" });
  });
});

/** Runs `work` while the file stands elsewhere. */
async function moved(work: (away: string) => Promise<void>): Promise<void> {
  const away = join(folder, "away.db");
  for (const end of ["", "-wal", "-shm"]) tryMove(path + end, away + end);
  try {
    await work(away);
  } finally {
    for (const end of ["", "-wal", "-shm"]) tryMove(away + end, path + end);
  }
}

function tryMove(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // There is no such file now.
  }
}

/** The driver looks for the file once a second. */
const untilStatus = (status: number) => until(async () => (await get()).status === status);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
