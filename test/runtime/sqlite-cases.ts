// Run by Node and by Bun: prints what the driver of each answers to the same statements.
import { copyFileSync, existsSync, linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDriver } from "#driver/sqlite";
import type { OpenOptions } from "../../plugins/sqlite/client.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Driver } from "../../src/db/sql/driver.ts";

const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "millrace-cases-"));
const at = (name: string) => join(folder, name);

/** A name for each case, and what came of it. */
export type Outcomes = Readonly<Record<string, unknown>>;
const outcomes: Record<string, unknown> = {};

/** Cells with their types: JSON has neither big integers nor bytes. */
function plain(cell: unknown): unknown {
  if (cell instanceof Uint8Array) return `bytes ${Buffer.from(cell).toString("hex")}`;
  if (Array.isArray(cell)) return cell.map(plain);
  return typeof cell === "string" || cell === null ? cell : `${typeof cell} ${Object.is(cell, -0) ? "-0" : cell}`;
}

async function note(name: string, work: () => Promise<unknown>): Promise<void> {
  if (name in outcomes) throw new Error(`Two cases are called '${name}'.`);
  outcomes[name] = await work().catch(failure);
}

function failure(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) throw error;
  const { kind, connect, columns, constraint } = error;
  return { kind, connect, columns, constraint };
}

function open(path: string, options: Partial<OpenOptions> = {}): Driver {
  return openDriver({ path, waitMs: 200, statementTimeoutMs: 5000, statements: [], ...options });
}

async function run(driver: Pick<Driver, "execute">, text: string, values: readonly Bound[] = []): Promise<unknown> {
  const { rows, affected, insertId } = await driver.execute({ text, values }, signal);
  // After what writes no rows the two say nothing that means anything.
  const isWrite = /^(INSERT|UPDATE|DELETE)/.test(text);
  return { rows: plain(rows), ...(isWrite && { affected, insertId }) };
}

const VALUES: readonly Bound[] = [
  null,
  0n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 63n,
  -(2n ** 63n) - 1n,
  0.1,
  -0,
  1e300,
  5e-324,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  2 ** 53,
  2 ** 60,
  "",
  "a\0b",
  "\ud800",
  "é😀",
  "'; DROP TABLE t; --",
  new Uint8Array(),
  new Uint8Array([0, 255, 10]),
];

const SCHEMA = [
  "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
  `CREATE TABLE t (
     id INTEGER PRIMARY KEY, name TEXT UNIQUE, must TEXT NOT NULL DEFAULT 'x', age INTEGER CONSTRAINT grown CHECK (age > 17),
     parent INTEGER REFERENCES parent (id) ON DELETE CASCADE, data BLOB)`,
  "CREATE TABLE strict (n INTEGER, s TEXT) STRICT",
  "CREATE VIEW v AS SELECT id FROM t",
  "INSERT INTO parent VALUES (1), (2)",
  "INSERT INTO t (id, name, parent) VALUES (1, 'one', 1), (2, 'two', 1)",
];

const STATEMENTS: readonly (readonly [string, ...Bound[]])[] = [
  ["SELECT CAST(x'ff61c3' AS TEXT), x'', 1.0, -0.0, 9e999, NULL, 9223372036854775807"],
  ["SELECT id, id, name FROM t ORDER BY id"],
  ["SELECT id FROM t WHERE id = 99"],
  ["UPDATE t SET must = 'y' WHERE id = 99 RETURNING id"],
  ["UPDATE t SET must = 'y' RETURNING id"],
  ["UPDATE t SET must = 'z'"],
  ["INSERT INTO t (name) VALUES (?) RETURNING id, name", "three"],
  ["INSERT INTO t (name) VALUES (?)", "four"],
  ["INSERT INTO t (id, name) VALUES (?, ?)", 9_000_000_000_000_000_001n, "wide"],
  ["INSERT INTO t (name) VALUES ('one')"],
  ["INSERT INTO t (id) VALUES (1)"],
  ["INSERT INTO t (must) VALUES (NULL)"],
  ["INSERT INTO t (age) VALUES (3)"],
  ["INSERT INTO t (parent) VALUES (99)"],
  ["INSERT INTO t (id) VALUES ('no number')"],
  ["INSERT INTO strict VALUES ('x', 'y')"],
  ["INSERT INTO strict VALUES (?, ?)", 1, "y"],
  ["INSERT INTO v VALUES (7)"],
  ["INSERT INTO t (data) VALUES (zeroblob(2000000000))"],
  ["DELETE FROM parent WHERE id = 1"],
  ["SELECT count(*) FROM t"],
  ["SELECT gone FROM t"],
  ['SELECT "gone" FROM t'],
  [`DELETE FROM t WHERE "gone" = 'gone'`],
  [`SELECT "na""me", 'it''s "x"', [id], \`id\` /* "x" */ FROM t -- "y"`],
  ["SELECT * FROM gone"],
  ["SELEC 1"],
  ["SELECT abs(-9223372036854775808)"],
  ["SELECT json('{')"],
  ["SELECT load_extension('x')"],
  ["SELECT ?"],
  ["SELECT 1, 2; SELECT 3"],
  ["PRAGMA foreign_keys"],
  ["PRAGMA journal_mode"],
  ["PRAGMA journal_mode = OFF"],
  ["PRAGMA busy_timeout"],
  ["PRAGMA writable_schema = ON"],
  ["UPDATE sqlite_schema SET sql = 'x'"],
  ["COMMIT"],
  ["ALTER TABLE t ADD COLUMN added DEFAULT 5"],
  ["SELECT added FROM t LIMIT 1"],
];

async function noteStatements(): Promise<void> {
  const driver = open(at("t.db"), { create: true });
  for (const text of SCHEMA) await driver.execute({ text, values: [] }, signal);
  for (const [index, value] of VALUES.entries()) {
    await note(`value ${index} ${plain(value)}`, () => run(driver, "SELECT ?1, typeof(?1), hex(?1)", [value]));
  }
  for (const [text, ...values] of STATEMENTS) await note(text, () => run(driver, text, values));
  const many = Array.from({ length: 30_000 }, (_, index) => BigInt(index));
  await note("30,000 values", () => run(driver, `SELECT 1 WHERE 29999 IN (${many.map(() => "?")})`, many));
  for (let index = 0; index < 600; index++) await run(driver, `SELECT id + ${index} FROM t`);
  await note("a transaction", () =>
    driver.transaction((inside) => run(inside, "INSERT INTO parent VALUES (50)"), signal),
  );
  await note("a transaction that fails", () =>
    driver.transaction(async (inside) => {
      await run(inside, "INSERT INTO parent VALUES (51)");
      await run(inside, "INSERT INTO parent VALUES (50)");
    }, signal),
  );
  await note("after it", () => run(driver, "SELECT id FROM parent ORDER BY id"));
  await noteLocks(driver);
  await driver.close();
  await note("closed", () => run(driver, "SELECT 1"));
  await note("nothing of a closed database is left open", async () =>
    ["-wal", "-shm"].map((end) => existsSync(at(`t.db${end}`))),
  );
}

async function noteLocks(driver: Driver): Promise<void> {
  const other = open(at("t.db"));
  await other.transaction(async (inside) => {
    await run(inside, "INSERT INTO parent VALUES (60)");
    await note("a read while another writes", () => run(driver, "SELECT count(*) FROM parent"));
    await note("a write while another writes", () => run(driver, "INSERT INTO parent VALUES (61)"));
  }, signal);
  await note("a write after that", () => run(driver, "INSERT INTO parent VALUES (61)"));
  await other.close();
}

async function noteFiles(): Promise<void> {
  writeFileSync(at("wrong.db"), "This is no database. ".repeat(200));
  const opened = (path: string, options?: Partial<OpenOptions>) => async () => {
    const driver = open(path, options);
    try {
      return await run(driver, "SELECT 1");
    } finally {
      await driver.close();
    }
  };
  await note("a missing file", opened(at("missing.db")));
  await note("a folder", opened(folder));
  await note("a file that is no database", opened(at("wrong.db")));
  await note("a URI", opened(`file:${at("t.db")}`));
  await note("an own file", opened(at("t.db"), { isOwnFile: (path) => path === at("t.db") }));
  await note("memory", opened(":memory:"));
}

/** Statements of a service, which an administrator writes. */
async function noteForeign(): Promise<void> {
  for (const name of ["other.db", "own.db", "it's.db"]) copyFileSync(at("t.db"), at(name));
  symlinkSync(at("own.db"), at("link.db"));
  linkSync(at("own.db"), at("hard.db"));
  const own = ["own.db", "link.db", "hard.db", "next.db"].map(at);
  const isOwnFile = (path: string) => own.includes(path);
  const attached = (statements: readonly string[]) => async () => {
    const driver = open(at("t.db"), { statements, isOwnFile });
    try {
      return await run(driver, "SELECT name FROM pragma_database_list WHERE name <> 'main'");
    } finally {
      await driver.close();
    }
  };
  for (const text of [
    "PRAGMA cache_size = -4000",
    "PRAGMA cache_size = -4000; CREATE TEMP TABLE a (b); INSERT INTO a VALUES (1)",
    "",
    "-- nothing",
    "nonsense",
    'CREATE TEMP TABLE c (d CHECK (d <> "gone"))',
    `ATTACH '${at("other.db")}' AS other`,
    `attach database '${at("it's.db").replaceAll("'", "''")}' as "it's";`,
    `ATTACH '${at("own.db")}' AS own`,
    `ATTACH '${at("link.db")}' AS own`,
    `ATTACH '${at("hard.db")}' AS own`,
    `ATTACH 'file:${at("own.db")}' AS own`,
    `ATTACH 'FILE:${at("other.db")}?mode=ro' AS own`,
    `ATTACH '${folder}' || '/own.db' AS own`,
    `SELECT 1; /* x */ ATTACH '${at("own.db")}' AS own; CREATE TEMP TABLE stolen AS SELECT * FROM own.t; DETACH own`,
    "CREATE TEMP TABLE attachments (a); INSERT INTO attachments VALUES ('attach')",
    "CREATE TEMP TABLE d (\"attach\"); /* attach 'x' */ SELECT 1 -- attach",
    "VACUUM",
    "VACUUM; CREATE TEMP TABLE e (f); INSERT INTO e VALUES (1)",
    `VACUUM INTO '${at("copy.db")}'`,
    `vacuum "main" into '${at("copy2.db")}' ;`,
    `VACUUM INTO '${at("next.db")}'`,
    `VACUUM/**/main/*;*/INTO'${at("next.db")}'`,
    `VACUUM INTO '${folder}' || '/next.db'`,
    `VACUUM INTO 'file:${at("next.db")}'`,
    `SELECT $a('); ATTACH '${at("own.db")}' AS own; --')`,
  ])
    await note(`statement ${text.replaceAll(folder, "…")}`, attached([text]));
  await note("copies", async () => ["copy.db", "copy2.db", "next.db"].map((name) => existsSync(at(name))));
}

await noteStatements();
await noteFiles();
await noteForeign();
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ driver: import.meta.resolve("#driver/sqlite").split("/").at(-1), outcomes }));
