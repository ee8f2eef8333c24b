import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import * as v from "valibot";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Client } from "../../plugins/sqlite/client.ts";
import { sqliteConnector } from "../../plugins/sqlite/connector.ts";
import { openDriver } from "../../plugins/sqlite/driver.node.ts";
import { SqliteDriver } from "../../plugins/sqlite/driver.ts";
import sqliteType from "../../plugins/sqlite/index.ts";
import { exactNumber } from "../../plugins/sqlite/numbers.ts";
import type { Json } from "../../src/contract/json.ts";
import { type Catalog, type Column, findTable, type Table } from "../../src/db/catalog.ts";
import type { Connector } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Plan, Predicate } from "../../src/db/plan/plan.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { checkValue, type Value } from "../../src/db/values.ts";
import { plainDecimal } from "../../src/lib/decimal.ts";
import { parseJson, rawNumber } from "../../src/lib/json.ts";
import { createSample } from "../../src/runtime/first/sample.ts";
import { insertOf } from "./insert-of.ts";

const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "millrace-sqlite-"));
const closers: (() => unknown)[] = [];
let files = 0;

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

afterAll(() => rmSync(folder, { recursive: true }));

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const newPath = () => join(folder, `db${++files}.sqlite`);

function open(path: string, options: Partial<Parameters<typeof openDriver>[0]> = {}): Driver {
  const driver = openDriver({ path, create: true, waitMs: 300, statementTimeoutMs: 5000, statements: [], ...options });
  closers.push(() => driver.close());
  return driver;
}

/** Another process, as far as SQLite's locks are concerned. */
function openOther(path: string): DatabaseSync {
  const other = new DatabaseSync(path);
  closers.push(() => other.isOpen && other.close());
  return other;
}

const run = (driver: Pick<Driver, "execute">, text: string, values: (string | number)[] = []) =>
  driver.execute({ text, values }, signal);

/** A connection that is lost by the statement FAIL. */
class FailingClient implements Client {
  rows(): Iterable<never> {
    return [];
  }

  hasWriteAheadLog(): boolean {
    return true;
  }

  readonly ran: string[] = [];
  inTransaction = false;
  #isOpen = true;

  run(text: string) {
    this.ran.push(text);
    if (!this.#isOpen || text === "FAIL") throw new DatabaseError("unavailable", { connect: "lost" });
    this.inTransaction = text !== "COMMIT" && (this.inTransaction || text.startsWith("BEGIN"));
    return { rows: [], affected: 0 };
  }

  isCurrent(): boolean {
    return true;
  }

  close(): void {
    this.#isOpen = false;
  }
}

interface House {
  readonly driver: Driver;
  readonly connector: Connector;
  readonly catalog: Catalog;
}

async function house(ddl: readonly string[], path = newPath()): Promise<House> {
  const driver = open(path);
  for (const text of ddl) await run(driver, text);
  const connector = sqliteConnector(driver);
  return { driver, connector, catalog: await connector.introspect(signal) };
}

function tableOf({ catalog }: House, name: string): Table {
  const table = findTable(catalog, name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

function columnOf(table: Table, name: string): Column {
  const column = table.columnsByName.get(name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

const read = (table: Table, rest: Partial<Extract<Plan, { kind: "read" }>> = {}): Plan => ({
  kind: "read",
  table,
  columns: table.columns,
  where: undefined,
  order: [],
  limit: undefined,
  offset: 0,
  ...rest,
});

function insert(table: Table, record: Readonly<Record<string, Json>>): Extract<Plan, { kind: "insert" }> {
  const row = Object.entries(record).map(([name, json]) => {
    const column = columnOf(table, name);
    return { column, value: checkValue(name, column, json) };
  });
  return { ...insertOf(table, [row]), returning: table.columns };
}

/** Writes one value and gives the JSON text that a read of it answers. */
async function roundTrip(place: House, name: string, json: Json): Promise<string> {
  const table = tableOf(place, "t");
  const { rows } = await place.connector.run(insert(table, { [name]: json }), signal);
  const id = String(rows[0]?.[0]);
  const where: Predicate = { kind: "keys", columns: table.key, keys: [[id]] };
  const found = await place.connector.run(read(table, { columns: [columnOf(table, name)], where }), signal);
  return found.rows[0]?.[0] ?? "no row";
}

/** The JSON text that a cell gives which other software wrote, as an SQL literal. */
async function stored(type: string, literal: string): Promise<string> {
  const place = await house([`CREATE TABLE t (v ${type})`, `INSERT INTO t VALUES (${literal})`]);
  const { rows } = await place.connector.run(read(tableOf(place, "t")), signal);
  return rows[0]?.[0] ?? "no row";
}

async function found(place: House, where: Predicate): Promise<string[]> {
  const table = tableOf(place, "t");
  const { rows } = await place.connector.run(read(table, { columns: [columnOf(table, "id")], where }), signal);
  return rows.map((row) => row[0] ?? "");
}

describe("opening a SQLite database", () => {
  it("refuses a file that does not exist instead of making an empty one", async () => {
    const path = newPath();
    await expect(run(open(path, { create: false }), "SELECT 1")).rejects.toMatchObject({
      kind: "unavailable",
      connect: "no_database",
    });
    expect(existsSync(path)).toBe(false);
  });

  it("makes the file and its folder when it is told to, readable by its owner alone", async () => {
    const path = join(folder, `new${++files}`, "store.db");
    await run(open(path), "CREATE TABLE t (a)");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("refuses a folder and a file that is no database", async () => {
    const path = newPath();
    writeFileSync(path, "this is a text and no database, whatever its name may say".repeat(40));
    for (const wrong of [path, folder]) {
      await expect(run(open(wrong, { create: false }), "SELECT 1")).rejects.toMatchObject({ connect: "no_database" });
    }
  });

  it("does not take a path for a URI", async () => {
    await expect(run(open("file:x?mode=memory", { create: false }), "SELECT 1")).rejects.toMatchObject({
      connect: "no_database",
    });
  });

  it("keeps a database in memory for as long as the driver is open", async () => {
    const driver = open(":memory:", { create: false });
    await run(driver, "CREATE TABLE t (a)");
    await run(driver, "INSERT INTO t VALUES (?)", [1]);
    expect((await run(driver, "SELECT COUNT(*) FROM t")).rows).toEqual([[1n]]);
  });

  it("runs the configured statements first, and is unavailable when one fails", async () => {
    const path = newPath();
    const driver = open(path, { statements: ["PRAGMA cache_size = -777"] });
    expect((await run(driver, "PRAGMA cache_size")).rows).toEqual([[-777n]]);
    await expect(run(open(path, { statements: ["PRAGMA x; nonsense"] }), "SELECT 1")).rejects.toMatchObject({
      kind: "unavailable",
    });
  });

  it("uses the write-ahead log, enforces foreign keys and takes double quotes for names only", async () => {
    const driver = open(newPath());
    expect((await run(driver, "PRAGMA journal_mode")).rows).toEqual([["wal"]]);
    expect((await run(driver, "PRAGMA foreign_keys")).rows).toEqual([[1n]]);
    await expect(run(driver, 'SELECT "text"')).rejects.toMatchObject({ kind: "undefined_object" });
  });

  it("comes back when the missing file appears, and opens the new file when it was replaced", async () => {
    const [path, next] = [newPath(), newPath()];
    const driver = open(path, { create: false });
    await expect(run(driver, "SELECT 1")).rejects.toMatchObject({ connect: "no_database" });
    openOther(path).exec("CREATE TABLE t AS SELECT 'old' AS a");
    expect((await run(driver, "SELECT a FROM t")).rows).toEqual([["old"]]);
    const other = openOther(next);
    other.exec("CREATE TABLE t AS SELECT 'new' AS a");
    other.close();
    renameSync(next, path);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await run(driver, "SELECT a FROM t")).rows).toEqual([["new"]]);
  });

  it("is unavailable, not empty, when its own file is deleted while it is in use", async () => {
    const path = newPath();
    const driver = open(path);
    await run(driver, "CREATE TABLE t (a)");
    rmSync(path);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(run(driver, "SELECT * FROM t")).rejects.toMatchObject({ kind: "unavailable", connect: "no_database" });
    expect(existsSync(path)).toBe(false);
  });

  it("answers unavailable after it was closed", async () => {
    const driver = open(newPath());
    await run(driver, "SELECT 1");
    await driver.close();
    await expect(run(driver, "SELECT 1")).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("the service type", () => {
  const host = { name: "db", log: { writes: () => false, log: () => undefined }, env: () => undefined };
  const openService = async (database: string) => {
    const service = await sqliteType.open(v.parse(sqliteType.config, { database }), host);
    closers.push(() => service.close());
    return service;
  };

  it("opens with a missing file, and the connection test says what is wrong", async () => {
    const service = await openService(newPath());
    await expect(service.test(signal)).rejects.toThrow("The connection test failed. The database does not exist.");
    await expect((await openService(":memory:")).test(signal)).resolves.toBeUndefined();
  });

  it("needs a database", () => {
    expect(() => v.parse(sqliteType.config, {})).toThrow();
    expect(() => v.parse(sqliteType.config, { database: "" })).toThrow();
  });
});

describe("requests side by side", () => {
  it("keeps the statements of others out of an open transaction", async () => {
    const driver = open(newPath());
    await run(driver, "CREATE TABLE t (a)");
    const begun = Promise.withResolvers<void>();
    const inside = driver.transaction(async (each) => {
      await run(each, "INSERT INTO t VALUES (1)");
      begun.resolve();
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw new Error("undo");
    }, signal);
    inside.catch(() => undefined);
    await begun.promise;
    const count = await run(driver, "SELECT COUNT(*) FROM t");
    await expect(inside).rejects.toThrow("undo");
    expect(count.rows).toEqual([[0n]]);
  });

  it("does not lose a transaction to the failure of the one before", async () => {
    const clients: FailingClient[] = [];
    const options = { path: "/nowhere", waitMs: 1000, statementTimeoutMs: 1000, statements: [] };
    const driver = new SqliteDriver(options, () => {
      const client = new FailingClient();
      clients.push(client);
      return client;
    });
    const failing = run(driver, "FAIL");
    const neighbour = driver.transaction(async (inside) => {
      await run(inside, "one");
      await new Promise((resolve) => setTimeout(resolve, 5));
      await run(inside, "two");
    }, signal);
    await expect(failing).rejects.toMatchObject({ kind: "unavailable" });
    await neighbour;
    expect(clients.map((client) => client.ran)).toEqual([["FAIL"], ["BEGIN IMMEDIATE", "one", "two", "COMMIT"]]);
  });

  it("says saturated when a transaction keeps the connection for longer than the wait", async () => {
    const driver = open(newPath(), { waitMs: 30 });
    const done = Promise.withResolvers<void>();
    const long = driver.transaction(() => done.promise, signal);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(run(driver, "SELECT 1")).rejects.toMatchObject({ kind: "saturated" });
    done.resolve();
    await long;
  });

  it("waits for the lock of another process without standing still, and lets reads through meanwhile", async () => {
    const path = newPath();
    const driver = open(path, { waitMs: 2000 });
    await run(driver, "CREATE TABLE t (a)");
    const other = openOther(path);
    other.exec("BEGIN IMMEDIATE");
    let longest = 0;
    let last = performance.now();
    const ticker = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const write = run(driver, "INSERT INTO t VALUES (1)");
    const changes = driver.transaction((each) => run(each, "INSERT INTO t VALUES (2)"), signal);
    const before = performance.now();
    await run(driver, "SELECT * FROM t");
    expect(performance.now() - before).toBeLessThan(150);
    setTimeout(() => other.exec("COMMIT"), 150);
    await Promise.all([write, changes]);
    clearInterval(ticker);
    expect(longest).toBeLessThan(100);
    expect((await run(driver, "SELECT COUNT(*) FROM t")).rows).toEqual([[2n]]);
  });

  it("gives up on a lock after the wait", async () => {
    const path = newPath();
    const driver = open(path, { waitMs: 60 });
    await run(driver, "CREATE TABLE t (a)");
    openOther(path).exec("BEGIN IMMEDIATE");
    await expect(run(driver, "INSERT INTO t VALUES (1)")).rejects.toMatchObject({ kind: "conflict" });
    await expect(driver.transaction(async () => 1, signal)).rejects.toMatchObject({ kind: "conflict" });
  });

  it("does not start for a caller who is gone, and takes the transaction from one who leaves", async () => {
    const driver = open(newPath());
    await run(driver, "CREATE TABLE t (a)");
    await expect(
      driver.execute({ text: "INSERT INTO t VALUES (1)", values: [] }, AbortSignal.abort()),
    ).rejects.toMatchObject({ kind: "timeout" });
    const leaving = new AbortController();
    let late: Promise<unknown> = Promise.resolve();
    const hanging = driver.transaction(async (inside) => {
      await run(inside, "INSERT INTO t VALUES (2)");
      setTimeout(() => leaving.abort(), 10);
      await new Promise((resolve) => setTimeout(resolve, 60));
      late = run(inside, "INSERT INTO t VALUES (3)");
      late.catch(() => undefined);
    }, leaving.signal);
    await expect(hanging).rejects.toMatchObject({ kind: "timeout" });
    await new Promise((resolve) => setTimeout(resolve, 80));
    await expect(late).rejects.toMatchObject({ kind: "rejected" });
    expect((await run(driver, "SELECT COUNT(*) FROM t")).rows).toEqual([[0n]]);
  });

  it("does not go on outside a transaction that SQLite has rolled back by itself", async () => {
    const driver = open(newPath());
    await run(driver, "CREATE TABLE t (a UNIQUE ON CONFLICT ROLLBACK)");
    const work = driver.transaction(async (inside) => {
      await run(inside, "INSERT INTO t VALUES (1)");
      await run(inside, "INSERT INTO t VALUES (1)").catch(() => undefined);
      await run(inside, "INSERT INTO t VALUES (2)");
    }, signal);
    await expect(work).rejects.toMatchObject({ kind: "rejected" });
    expect((await run(driver, "SELECT COUNT(*) FROM t")).rows).toEqual([[0n]]);
  });

  it("undoes everything when a deferred foreign key fails at the end", async () => {
    const driver = open(newPath());
    await run(driver, "CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t DEFERRABLE INITIALLY DEFERRED)");
    const work = driver.transaction((inside) => run(inside, "INSERT INTO t VALUES (1, 9)"), signal);
    await expect(work).rejects.toMatchObject({ kind: "foreign_key" });
    await run(driver, "INSERT INTO t VALUES (1, 1)");
  });
});

describe("what SQLite says", () => {
  const ddl = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b, c INT CONSTRAINT small CHECK (c < 10), d CHECK (d > 0 AND d < 5), UNIQUE (a, b))",
    "CREATE TABLE child (t_id REFERENCES t)",
    "CREATE TABLE strict_one (n INTEGER) STRICT",
    "CREATE UNIQUE INDEX low ON t (lower(a))",
    "CREATE VIEW v AS SELECT * FROM t",
    "CREATE TRIGGER no BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'secret'); END",
    "INSERT INTO t (id, a, b) VALUES (1, 'x', 1)",
  ];
  const cases: readonly (readonly [string, object])[] = [
    ["INSERT INTO t (a, b) VALUES ('x', 1)", { kind: "unique" }],
    ["INSERT INTO t (id, a) VALUES (1, 'y')", { kind: "unique", columns: ["id"] }],
    ["INSERT INTO t (a) VALUES ('X')", { kind: "unique", columns: [] }],
    ["INSERT INTO t (b) VALUES (1)", { kind: "not_null", columns: ["a"] }],
    ["INSERT INTO t (a, c) VALUES ('z', 10)", { kind: "check", constraint: "small" }],
    ["INSERT INTO t (a, d) VALUES ('z', 10)", { kind: "check", constraint: undefined }],
    ["INSERT INTO t (id, a) VALUES ('one', 'z')", { kind: "invalid_value" }],
    ["INSERT INTO child VALUES (7)", { kind: "foreign_key" }],
    ["INSERT INTO strict_one VALUES ('x')", { kind: "invalid_value", columns: ["n"] }],
    ["INSERT INTO v VALUES (1, 2, 3, 4, 5)", { kind: "read_only" }],
    ["DELETE FROM t", { kind: "rejected" }],
    ["SELECT * FROM gone", { kind: "undefined_object" }],
    ["SELECT gone FROM t", { kind: "undefined_object" }],
    ["INSERT INTO t (gone) VALUES (1)", { kind: "undefined_object" }],
    ["SELECT json_extract('{', '$.a')", { kind: "invalid_value" }],
    ["SELECT load_extension('x')", { kind: "privilege" }],
    ["SELEC", { kind: "unknown" }],
  ];

  it.each(cases)("%s is told in the words of all databases", async (text, expected) => {
    const { driver } = await house(ddl);
    await expect(run(driver, text)).rejects.toMatchObject(expected);
  });

  it("never shows the text of SQLite in the message", async () => {
    const { driver } = await house(ddl);
    await expect(run(driver, "DELETE FROM t")).rejects.toThrow("database: rejected");
  });

  it("is read_only where the connection may not write", async () => {
    const path = newPath();
    openOther(path).exec("CREATE TABLE t (a)");
    const driver = open(path, { create: false, statements: ["PRAGMA query_only = ON"] });
    await expect(run(driver, "INSERT INTO t VALUES (1)")).rejects.toMatchObject({ kind: "read_only" });
  });
});

describe("the catalog of a SQLite database", () => {
  it("gives each declared type its simple type, in any case and with any sizes", async () => {
    const types: Record<string, string> = {
      integer: "integer",
      Int: "integer",
      BIGINT: "bigint",
      smallint: "smallint",
      tinyint: "tinyint",
      "TINYINT(1)": "boolean",
      mediumint: "mediumint",
      "unsigned big int": "bigint",
      "varchar(40)": "string",
      TEXT: "text",
      LONGTEXT: "longtext",
      Boolean: "boolean",
      date: "date",
      DATETIME: "datetime",
      timestamp: "timestamp",
      Time: "time",
      "decimal(10, 2)": "decimal",
      NUMERIC: "decimal",
      "double precision": "double",
      REAL: "double",
      float: "float",
      blob: "binary",
      json: "json",
      uuid: "uuid",
      "TIMESTAMP WITH TIME ZONE": "timestamptz",
      timestamptz: "timestamptz",
      "": "string",
      XINTX: "integer",
      MYCHARS: "text",
      whatever: "string",
    };
    const columns = Object.keys(types).map((type, index) => `c${index} ${type}`);
    const place = await house([`CREATE TABLE t (${columns.join(", ")})`]);
    const seen = tableOf(place, "t").columns.map((column) => [column.dbType.toLowerCase(), column.type]);
    expect(seen).toEqual(Object.entries(types).map(([declared, type]) => [declared.toLowerCase(), type]));
  });

  it("knows lengths, precisions and ranges", async () => {
    const place = await house([
      "CREATE TABLE t (a VARCHAR(40), b DECIMAL(10,2), c TINYINT UNSIGNED, d INTEGER, e SMALLINT)",
    ]);
    const [a, b, c, d, e] = tableOf(place, "t").columns;
    expect(a).toMatchObject({ length: 40, family: "string" });
    expect(b).toMatchObject({ precision: 10, scale: 2 });
    expect(c?.range).toEqual([0n, 255n]);
    expect(d?.range).toEqual([-(2n ** 63n), 2n ** 63n - 1n]);
    expect(e?.range).toEqual([-32768n, 32767n]);
  });

  it("takes only an INTEGER PRIMARY KEY for a key that the database makes", async () => {
    const place = await house([
      "CREATE TABLE a (id integer PRIMARY KEY)",
      "CREATE TABLE b (id INT PRIMARY KEY)",
      "CREATE TABLE c (id INTEGER PRIMARY KEY DESC)",
      "CREATE TABLE d (id INTEGER PRIMARY KEY) WITHOUT ROWID",
      "CREATE TABLE e (x INTEGER, y INTEGER, PRIMARY KEY (y, x))",
      "CREATE TABLE f (x INTEGER, id INTEGER, PRIMARY KEY (id))",
    ]);
    const made = place.catalog.tables.map((table) => [
      table.name,
      table.key.map((key) => `${key.name} ${key.autoIncrement} ${key.type}`),
    ]);
    expect(made).toEqual([
      ["a", ["id true id"]],
      ["b", ["id false integer"]],
      ["c", ["id false integer"]],
      ["d", ["id false integer"]],
      ["e", ["y false integer", "x false integer"]],
      ["f", ["id true id"]],
    ]);
  });

  it("shows generated columns, views and virtual tables, and hides the insides", async () => {
    const place = await house([
      "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + 1), c AS (a + 2) STORED)",
      "CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT)",
      "CREATE VIRTUAL TABLE search USING fts5 (title, body)",
      "CREATE VIEW v AS SELECT a, COUNT(*) AS n FROM t GROUP BY a",
      "ANALYZE",
    ]);
    expect(place.catalog.tables.map((table) => [table.name, table.isView])).toEqual([
      ["auto", false],
      ["search", false],
      ["t", false],
      ["v", true],
    ]);
    expect(tableOf(place, "t").columns.map((column) => column.generated)).toEqual([false, true, true]);
    expect(tableOf(place, "search").columns.map((column) => column.name)).toEqual(["title", "body"]);
  });

  it("leaves out a view that is broken and shows the rest", async () => {
    const place = await house([
      "CREATE TABLE t (a)",
      "CREATE TABLE gone (a)",
      "CREATE VIEW bad AS SELECT * FROM gone",
      "DROP TABLE gone",
    ]);
    expect(place.catalog.tables.map((table) => table.name)).toEqual(["t"]);
  });

  it("reads foreign keys, also to a key that is not named and in another case", async () => {
    const place = await house([
      "CREATE TABLE Parent (Id INTEGER PRIMARY KEY, code TEXT UNIQUE)",
      "CREATE TABLE pair (a INT, b INT, PRIMARY KEY (a, b))",
      "CREATE TABLE child (p REFERENCES parent ON DELETE CASCADE, code REFERENCES PARENT(CODE), x INT, y INT, z REFERENCES nowhere, FOREIGN KEY (x, y) REFERENCES pair)",
    ]);
    const relations = tableOf(place, "child").relations.map((each) => [
      each.name,
      each.refTable,
      each.refFields,
      each.onDelete,
    ]);
    expect(relations).toEqual([
      ["Parent_by_p", "Parent", ["Id"], "CASCADE"],
      ["Parent_by_code", "Parent", ["code"], "NO ACTION"],
      ["pair_by_x_y", "pair", ["a", "b"], "NO ACTION"],
    ]);
  });

  it("calls a column unique only for a whole index of its own", async () => {
    const place = await house([
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b, c, d)",
      "CREATE UNIQUE INDEX part ON t (b) WHERE b > 0",
      "CREATE UNIQUE INDEX expression ON t (c, lower(d))",
    ]);
    expect(tableOf(place, "t").columns.map((column) => [column.name, column.isUnique, column.isIndexed])).toEqual([
      ["id", true, true],
      ["a", true, true],
      ["b", false, true],
      ["c", false, true],
      ["d", false, false],
    ]);
  });

  it("finds tables and columns in any case and gives defaults as values", async () => {
    const place = await house([
      "CREATE TABLE Things (Id INTEGER PRIMARY KEY, Name TEXT NOT NULL DEFAULT 'it''s', n DEFAULT NULL, at DEFAULT CURRENT_TIMESTAMP)",
    ]);
    const table = tableOf(place, "tHINGS");
    expect(table.columns.map((column) => column.default)).toEqual([null, "it's", null, "CURRENT_TIMESTAMP"]);
    expect(table.columnsByName.has("name")).toBe(true);
  });
});

describe("values that other software stored", () => {
  it.each([
    ["INTEGER", "'text'", '"text"'],
    ["INTEGER", "1.5", "1.5"],
    ["INTEGER", "9223372036854775807", "9223372036854775807"],
    ["DECIMAL(10,2)", "10.5", "10.50"],
    ["DECIMAL(10,2)", "10", "10.00"],
    ["DECIMAL(10,2)", "10.125", "10.125"],
    ["DECIMAL(10,2)", "1e-7", "0.0000001"],
    ["NUMERIC", "1e21", "1000000000000000000000"],
    ["DECIMAL(10,2)", "'n/a'", '"n/a"'],
    ["TEXT", "x'00ff'", '"AP8="'],
    ["BLOB", "'text'", '"dGV4dA=="'],
    ["BLOB", "5", "5"],
    ["JSON", "'{\"a\": [1.50,\n 2]}'", '{"a": [1.50,  2]}'],
    ["JSON", "'{broken'", '"{broken"'],
    ["JSON", "12", "12"],
    ["JSONB", "jsonb('{\"a\":1}')", '{"a":1}'],
    ["JSONB", "x'ffff'", '"//8="'],
    ["BOOLEAN", "1", "true"],
    ["BOOLEAN", "0", "false"],
    ["BOOLEAN", "2", "2"],
    ["BOOLEAN", "'t'", '"t"'],
    ["DATETIME", "'2024-01-02T03:04:05.678901'", '"2024-01-02 03:04:05.678901"'],
    ["DATETIME", "'2024-01-02T03:04:05Z'", '"2024-01-02T03:04:05Z"'],
    ["DATETIME", "1700000000000", "1700000000000"],
    ["DATE", "'2024-01-02'", '"2024-01-02"'],
    ["TIMESTAMPTZ", "'2024-01-02 03:04:05+02'", '"2024-01-02T03:04:05+02:00"'],
    ["REAL", "1e308", "1e+308"],
    ["REAL", "9e999", '"Infinity"'],
    ["REAL", "5", "5"],
    ["", "5", "5"],
    ["", "'5'", '"5"'],
    ["", "x'01'", '"AQ=="'],
    ["STRING", "5", '"5"'],
  ])("a cell of %s that holds %s comes out as %s", async (type, literal, json) => {
    const text = await stored(type, literal);
    expect(text).toBe(json);
    expect(() => parseJson(text)).not.toThrow();
  });
});

describe("values that are written and read again", () => {
  const DDL =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, n DECIMAL(20,3), m NUMERIC, f DOUBLE, b BOOLEAN, s VARCHAR(40), x BLOB, d DATE, ts DATETIME, j JSON, u UUID, st STRING, tz TIMESTAMPTZ)";
  let place: Promise<House> | undefined;
  const shared = () => {
    place ??= house([DDL], ":memory:");
    return place;
  };
  afterEach(() => {
    place = undefined;
  });

  /** Each value of the arbitrary comes back as `expected` of it, exactly. */
  const survives = async <T>(
    name: string,
    values: fc.Arbitrary<T>,
    toJson: (value: T) => Json,
    expected: (value: T) => string,
  ) => {
    const target = await shared();
    const property = fc.asyncProperty(values, async (value) => {
      expect(await roundTrip(target, name, toJson(value))).toBe(expected(value));
    });
    await fc.assert(property, { numRuns: 300 });
  };

  it("keeps every 64-bit integer", () =>
    survives("i", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => rawNumber(String(value)), String));

  it("keeps every double, written as the shortest number", () =>
    survives(
      "f",
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (value) => value,
      (value) => String(value + 0),
    ));

  it("keeps Infinity as text, refuses NaN and digits beyond a double", async () => {
    const target = await shared();
    expect(await roundTrip(target, "f", "-Infinity")).toBe('"-Infinity"');
    await expect(roundTrip(target, "f", "1e400")).rejects.toMatchObject({ code: "bad_request" });
    await expect(roundTrip(target, "f", "NaN")).rejects.toMatchObject({ code: "bad_request" });
  });

  it("keeps every text, whatever it looks like", () =>
    survives(
      "s",
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("007", "1e5", "NULL", "a\u0000b", "' OR 1=1")),
      (value) => value,
      (value) => JSON.stringify(value),
    ));

  it("keeps bytes", () =>
    survives(
      "x",
      fc.uint8Array(),
      (value) => base64(value),
      (value) => `"${base64(value)}"`,
    ));

  it("keeps booleans", () => survives("b", fc.boolean(), (value) => value, String));

  it("keeps JSON, strings and lists as well as objects", () =>
    survives(
      "j",
      fc.jsonValue({ maxDepth: 4 }).filter((value) => value !== null && !Object.is(value, -0)),
      (value) => value as Json,
      (value) => (typeof value === "number" ? String(value) : JSON.stringify(value)),
    ));

  it("keeps dates and times to the microsecond", () => {
    const stamps = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
    const text = (value: Date) => `${value.toISOString().replace("T", " ").replace("Z", "")}789`;
    return survives(
      "ts",
      stamps,
      (value) => text(value).replace(" ", "T"),
      (value) => JSON.stringify(text(value)),
    );
  });

  it("keeps a decimal digit for digit, or refuses it: it never rounds", async () => {
    const target = await shared();
    const part = (max: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: max });
    const decimals = fc
      .tuple(fc.boolean(), part(17), part(12))
      .map(([minus, whole, fraction]) => `${minus ? "-" : ""}${whole || "0"}${fraction && `.${fraction}`}`);
    let kept = 0;
    const property = fc.asyncProperty(decimals, fc.constantFrom("n", "m"), async (digits, name) => {
      const answer = await roundTrip(target, name, digits).catch((error: Error) => error);
      if (answer instanceof Error) {
        if (name === "n" && /\.\d{4}/.test(plainDecimal(digits))) {
          expect(answer.message).toBe("Field 'n' keeps at most 3 digits after the decimal point.");
          return;
        }
        expect(answer.message).toBe(`Field '${name}' can not hold this number exactly.`);
        expect(digits.replace(/\D/g, "").replace(/^0+/, "").length).toBeGreaterThan(15);
        return;
      }
      kept++;
      expect(plainDecimal(answer)).toBe(plainDecimal(digits));
      if (name === "n") expect(answer.split(".")[1]?.length).toBeGreaterThanOrEqual(3);
    });
    await fc.assert(property, { numRuns: 1000 });
    expect(kept).toBeGreaterThan(300);
  });

  it("keeps every decimal of up to fifteen digits", () =>
    survives(
      "n",
      fc.tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 100, max: 999 })),
      ([whole, fraction]) => `${whole}.${fraction}`,
      ([whole, fraction]) => `${whole}.${fraction}`,
    ));

  it("refuses what a column that prefers numbers would change", async () => {
    const target = await shared();
    expect(await roundTrip(target, "st", "5")).toBe('"5"');
    expect(await roundTrip(target, "st", "a7")).toBe('"a7"');
    for (const text of ["007", "1e5", "1.50", " 5", "+5"]) {
      await expect(roundTrip(target, "st", text)).rejects.toThrow("Field 'st' can not hold this number exactly.");
    }
    await expect(roundTrip(target, "j", rawNumber("1234567890123456789.5"))).rejects.toThrow(
      "Field 'j' can not hold this number exactly.",
    );
  });

  it("keeps the offset of a time with time zone", async () => {
    const target = await shared();
    expect(await roundTrip(target, "tz", "2024-01-02T03:04:05.123456Z")).toBe('"2024-01-02T03:04:05.123456+00:00"');
    expect(await roundTrip(target, "tz", "2024-01-02 03:04:05+05:30")).toBe('"2024-01-02T03:04:05+05:30"');
  });

  it("works out exactly which digits SQLite can keep", () => {
    expect(exactNumber("9223372036854775807")).toBe(9223372036854775807n);
    expect(exactNumber("9223372036854775808")).toBeUndefined();
    expect(exactNumber("100000000000000000000")).toBe(1e20);
    expect(exactNumber("0.1")).toBe(0.1);
    expect(exactNumber("0.1234567890123456789")).toBeUndefined();
    const heap = process.memoryUsage().rss;
    const far = ["1e500000000", "-1e500000000", "1e-500000000", "0e500000000", "-0.0e-500000000"];
    expect(far.map(exactNumber)).toEqual([undefined, undefined, undefined, 0n, 0n]);
    expect(process.memoryUsage().rss - heap).toBeLessThan(50_000_000);
    expect([
      plainDecimal("-0012.50e1"),
      plainDecimal("5e-3"),
      plainDecimal("-0.0"),
      plainDecimal(".5"),
      plainDecimal("12e-1"),
    ]).toEqual(["-125", "0.005", "0", "0.5", "1.2"]);
  });
});

describe("plans on SQLite", () => {
  const ddl = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n, j JSON)",
    `INSERT INTO t VALUES (1, 'Ann', 10, '{"a":5,"b":true,"c":"x","a b":[7,"it''s"],"q\\"":1}'), (2, 'bob', 9, '{"a":"5","b":1}'), (3, NULL, NULL, '{broken'), (4, '50%', 'ten', NULL)`,
  ];
  const left = (table: Table, name: string, path: (string | number)[] = [], as?: string) =>
    ({ column: columnOf(table, name), path, as: as ?? columnOf(table, name).family }) as Extract<
      Predicate,
      { kind: "null" }
    >["left"];
  const compare = (
    place: House,
    name: string,
    path: (string | number)[],
    as: string | undefined,
    op: "=" | "!=" | "<" | ">",
    value: Value,
  ): Predicate => ({ kind: "compare", left: left(tableOf(place, "t"), name, path, as), op, value });

  it("compares places inside JSON as numbers, booleans or text, and skips what is not JSON", async () => {
    const place = await house(ddl);
    expect(await found(place, compare(place, "j", ["a"], "float", "=", "5"))).toEqual(["1"]);
    expect(await found(place, compare(place, "j", ["a"], "float", ">", "4.5"))).toEqual(["1"]);
    expect(await found(place, compare(place, "j", ["a"], "string", "=", "5"))).toEqual(["1", "2"]);
    expect(await found(place, compare(place, "j", ["b"], "boolean", "=", true))).toEqual(["1"]);
    expect(await found(place, compare(place, "j", ["a b", 1], "string", "=", "it's"))).toEqual(["1"]);
    expect(await found(place, compare(place, "j", ['q"'], "float", "=", "1"))).toEqual(["1"]);
    expect(
      await found(place, { kind: "not", term: { kind: "null", left: left(tableOf(place, "t"), "j", ["c"], "json") } }),
    ).toEqual(["1"]);
    expect(
      await found(place, { kind: "in", left: left(tableOf(place, "t"), "j", ["a"], "float"), values: ["4", "5"] }),
    ).toEqual(["1"]);
  });

  it("compares numbers in a column without a type as numbers", async () => {
    const place = await house(ddl);
    expect(await found(place, compare(place, "n", [], undefined, "<", "10"))).toEqual(["2"]);
    expect(await found(place, compare(place, "n", [], undefined, "=", "10"))).toEqual(["1"]);
    expect(await found(place, compare(place, "n", [], undefined, "=", "ten"))).toEqual(["4"]);
  });

  it("matches text without regard to ASCII case, and takes wildcards literally in CONTAINS", async () => {
    const place = await house(ddl);
    const name = left(tableOf(place, "t"), "name");
    expect(await found(place, { kind: "match", left: name, how: "pattern", text: "A%" })).toEqual(["1"]);
    expect(await found(place, { kind: "match", left: name, how: "pattern", text: "BO_" })).toEqual(["2"]);
    expect(await found(place, { kind: "match", left: name, how: "contains", text: "0%" })).toEqual(["4"]);
  });

  it("sorts NULL where it is told to and skips rows without a limit", async () => {
    const place = await house(ddl);
    const table = tableOf(place, "t");
    const order = [{ column: columnOf(table, "name"), descending: false, nulls: "last" as const }];
    const { rows } = await place.connector.run(
      read(table, { columns: [columnOf(table, "id")], order, offset: 2 }),
      signal,
    );
    expect(rows.map((row) => row[0])).toEqual(["2", "3"]);
  });

  it("updates, deletes and upserts, and gives back the rows that it touched", async () => {
    const place = await house(ddl);
    const table = tableOf(place, "t");
    const [id, name] = [columnOf(table, "id"), columnOf(table, "name")];
    const where: Predicate = { kind: "keys", columns: [id], keys: [["1"], ["2"]] };
    const set = [{ column: name, value: "new" }];
    const updated = await place.connector.run({ kind: "update", table, set, where, returning: [id, name] }, signal);
    expect(updated).toEqual({
      rows: [
        ["1", '"new"'],
        ["2", '"new"'],
      ],
      count: 2,
    });
    const upsert = await place.connector.run(
      { ...insert(table, { id: 1, name: "again" }), upsert: true, returning: [id, name] },
      signal,
    );
    expect(upsert.rows).toEqual([["1", '"again"']]);
    expect((await place.connector.run({ kind: "delete", table, where, returning: [] }, signal)).count).toBe(2);
    expect((await place.connector.run({ kind: "count", table, where: undefined }, signal)).count).toBe(2);
  });

  it("works out the current time and date as text", async () => {
    const place = await house(["CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, on_day DATE)"]);
    const table = tableOf(place, "t");
    const row = [
      { column: columnOf(table, "at"), value: { expression: "now" as const } },
      { column: columnOf(table, "on_day"), value: { expression: "today" as const } },
    ];
    const { rows } = await place.connector.run({ ...insertOf(table, [row]), returning: table.columns }, signal);
    expect(rows[0]?.[1]).toMatch(/^"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"$/);
    expect(rows[0]?.[2]).toMatch(/^"\d{4}-\d\d-\d\d"$/);
  });

  it("serves names that need quoting", async () => {
    const place = await house(['CREATE TABLE "odd ""name" ("a.b" TEXT, "select" INT, "x""y" INT)']);
    const table = tableOf(place, 'odd "name');
    await place.connector.run(insert(table, { "a.b": "v", select: 1, 'x"y': 2 }), signal);
    const where: Predicate = { kind: "compare", left: left(table, "select"), op: "=", value: "1" };
    expect((await place.connector.run(read(table, { where }), signal)).rows).toEqual([['"v"', "1", "2"]]);
  });

  it("finds thousands of composite keys", async () => {
    const place = await house([
      "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))",
      "INSERT INTO t VALUES (1, 2), (3, 4)",
    ]);
    const table = tableOf(place, "t");
    const keys = Array.from({ length: 3000 }, (_, index) => [String(index), String(index + 1)]);
    const { rows } = await place.connector.run(
      read(table, { where: { kind: "keys", columns: table.key, keys } }),
      signal,
    );
    expect(rows).toHaveLength(2);
  });

  it("writes decimals and wide integers as strings where the service says so, zeros of the scale included", async () => {
    const driver = open(newPath());
    await run(driver, "CREATE TABLE t (id INTEGER PRIMARY KEY, n DECIMAL(10,2), small SMALLINT)");
    await run(driver, "INSERT INTO t VALUES (1, 10.5, 3)");
    const connector = sqliteConnector(driver, "string");
    const table = findTable(await connector.introspect(signal), "t");
    const { rows } = table ? await connector.run(read(table), signal) : { rows: [] };
    expect(rows).toEqual([['"1"', '"10.50"', "3"]]);
  });
});

describe("the sample database", () => {
  it("holds the same thousand rows every time, is made in a moment and names its relationships", async () => {
    const driver = open(newPath());
    const before = performance.now();
    await createSample(driver, signal);
    expect(performance.now() - before).toBeLessThan(500);
    const connector = sqliteConnector(driver);
    const catalog = await connector.introspect(signal);
    const counts = await Promise.all(
      catalog.tables.map(async (table) => [
        table.name,
        (await connector.run({ kind: "count", table, where: undefined }, signal)).count,
      ]),
    );
    expect(Object.fromEntries(counts)).toEqual({
      departments: 9,
      employees: 200,
      dept_emp: 231,
      titles: 307,
      salaries: 410,
      current_dept_emp: 200,
      employee_overview: 200,
    });
    const relations = findTable(catalog, "employees")?.relations.map((relation) => relation.name);
    expect(relations).toEqual(
      expect.arrayContaining(["parent_by_manager_no", "departments_by_dept_emp", "salaries_by_emp_no"]),
    );
    expect((await run(driver, "SELECT emp_no FROM employees WHERE emp_no = ?", [10001])).rows).toEqual([[10001n]]);
    expect((await run(driver, "PRAGMA foreign_key_check")).rows).toEqual([]);
  });
});
