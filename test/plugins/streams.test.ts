import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { mysqlConfig } from "../../plugins/mysql/config.ts";
import { openDriver as openMysql } from "../../plugins/mysql/driver.node.ts";
import { pgConfig } from "../../plugins/pgsql/config.ts";
import { openDriver as openPgsql } from "../../plugins/pgsql/driver.node.ts";
import { greetingOf } from "../../plugins/pgsql/greeting.ts";
import { readTarget } from "../../plugins/pgsql/target.ts";
import { openDriver as openSqlite } from "../../plugins/sqlite/driver.node.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { bytesOf } from "../../src/db/sql/portion.ts";
import { createDatabase } from "../servers/databases.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;

interface Opened {
  readonly driver: Driver;
  close(): Promise<unknown>;
}

interface StreamTarget {
  readonly title: string;
  readonly unavailable: boolean;
  /** How many streams run at once on four connections. */
  readonly streams: number;
  /** Numbers from 1 to 500. */
  readonly numbers: string;
  /** A text of so many characters. */
  text(length: string): string;
  /** What one portion may hold of rows of a MiB that come after small ones. */
  readonly most: number;
  open(): Promise<Opened>;
}

const RECURSIVE =
  "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n) numbers";

async function onPostgres(): Promise<Opened> {
  const db = await createDatabase(inject("postgres"));
  const config = v.parse(pgConfig, { dsn: db.url, pool: { max: 4, wait_ms: 200 } });
  const driver = openPgsql({
    target: readTarget(config, "prefer"),
    max: config.pool.max,
    waitMs: config.pool.wait_ms,
    statementTimeoutMs: 10_000,
    greeting: greetingOf(config),
  });
  return { driver, close: () => driver.close().then(() => db.drop()) };
}

async function onMariadb(): Promise<Opened> {
  const db = await createDatabase(inject("mariadb"));
  const driver = openMysql(v.parse(mysqlConfig, { dsn: db.url, pool: { max: 4, wait_ms: 200 } }));
  return { driver, close: () => driver.close().then(() => db.drop()) };
}

async function onSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "streams-"));
  const options = { path: join(folder, "db"), create: true, waitMs: 200, statementTimeoutMs: 10_000, statements: [] };
  const driver = openSqlite(options);
  // Only the first statement makes the file.
  await driver.execute({ text: "SELECT 1", values: [] }, never);
  return { driver, close: () => driver.close().then(() => rmSync(folder, { recursive: true })) };
}

const TARGETS: readonly StreamTarget[] = [
  {
    title: "PostgreSQL",
    unavailable: "unavailable" in inject("postgres"),
    streams: 2,
    numbers: "generate_series(1, 500) AS numbers(i)",
    text: (length) => `repeat('x', ${length})`,
    most: 65 * MIB,
    open: onPostgres,
  },
  {
    title: "MariaDB",
    unavailable: "unavailable" in inject("mariadb"),
    streams: 2,
    numbers: RECURSIVE,
    text: (length) => `REPEAT('x', ${length})`,
    most: 2 * MIB,
    open: onMariadb,
  },
  {
    title: "SQLite",
    unavailable: false,
    streams: 4,
    numbers: RECURSIVE,
    text: (length) => `substr(hex(zeroblob(${MIB})), 1, ${length})`,
    most: 2 * MIB,
    open: onSqlite,
  },
];

describe.each(TARGETS)("streams of $title", ({ unavailable, streams, numbers, text, most, open }) => {
  let at: Opened;
  beforeAll(async () => {
    if (!unavailable) at = await open();
  });
  afterAll(() => at?.close());

  const stream = (sql: string) => {
    const items = at.driver.stream?.({ text: sql, values: [] }, never)[Symbol.asyncIterator]();
    if (items === undefined) throw new Error("It does not stream.");
    return items;
  };
  const begin = async (sql: string) => {
    const items = stream(sql);
    const first = await items.next().then(
      () => "rows",
      (error: unknown) => (error instanceof DatabaseError ? error.kind : error),
    );
    return { items, first };
  };

  test.skipIf(unavailable)("hand over large rows one by one, also behind small ones", async () => {
    const length = `CASE WHEN i <= 400 THEN 5 ELSE ${MIB} END`;
    const items = stream(`SELECT i, ${text(length)} FROM ${numbers} ORDER BY i`);
    const sizes: number[] = [];
    let rows = 0;
    for (let step = await items.next(); !step.done; step = await items.next()) {
      rows += step.value.rows.length;
      sizes.push(step.value.rows.reduce((sum, row) => sum + bytesOf(row), 0));
    }
    expect([rows, Math.max(...sizes) < most]).toEqual([500, true]);
    expect(Math.max(...sizes.slice(-8))).toBeLessThan(9 * MIB);
  });

  test.skipIf(unavailable)("that nobody reads leave connections to others", async () => {
    const begun = await Promise.all(
      Array.from({ length: 6 }, () => begin(`SELECT i, ${text(String(64 * 1024))} FROM ${numbers}`)),
    );
    const first = begun.map((each) => each.first);
    expect([first.filter((each) => each === "rows").length, new Set(first)]).toEqual([
      streams,
      new Set(["rows", "saturated"]),
    ]);
    const { rows } = await at.driver.execute({ text: "SELECT 1", values: [] }, never);
    expect(Number(rows[0]?.[0])).toBe(1);
    for (const { items } of begun) await items.return?.();
    const again = await begin(`SELECT i FROM ${numbers}`);
    await again.items.return?.();
    expect(again.first).toBe("rows");
  });
});
