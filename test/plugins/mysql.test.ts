import { readFileSync } from "node:fs";
import { connect as connectTcp, createServer } from "node:net";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { mariadb } from "../../plugins/mariadb/dialect.ts";
import { addressOf, type MysqlConfig, mysqlConfig } from "../../plugins/mysql/config.ts";
import { mysql } from "../../plugins/mysql/dialect.ts";
import { connectMysql } from "../../plugins/mysql/index.ts";
import type { Json } from "../../src/contract/json.ts";
import { type Catalog, type Column, findColumn, findTable, type Table } from "../../src/db/catalog.ts";
import type { Connector } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { parseFilter } from "../../src/db/filter/parser.ts";
import type { Assignment, Order, Outcome, Predicate } from "../../src/db/plan/plan.ts";
import { resolveCondition } from "../../src/db/plan/predicate.ts";
import { checkValue } from "../../src/db/values.ts";
import { parseJson } from "../../src/lib/json.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import { startPrivateMariadb } from "../servers/mariadb.ts";
import { OwnServer } from "../servers/server.ts";
import { insertOf } from "./insert-of.ts";

const SERVER = inject("mariadb");
const DIALECTS = [
  { type: "mysql", dialect: mysql },
  { type: "mariadb", dialect: mariadb },
];

const never = new AbortController().signal;

/** A connector to one test database, spoken to in the words of the API. */
class Client {
  readonly connector: Connector;
  #catalog: Promise<Catalog> | undefined;

  constructor(connector: Connector) {
    this.connector = connector;
  }

  catalog(): Promise<Catalog> {
    this.#catalog ??= this.connector.introspect(never);
    return this.#catalog;
  }

  async table(name: string): Promise<Table> {
    const table = findTable(await this.catalog(), name);
    if (table === undefined) throw new Error(`There is no table ${name}.`);
    return table;
  }

  async columns(name: string, names: string): Promise<readonly Column[]> {
    const table = await this.table(name);
    const catalog = await this.catalog();
    return names === "*" ? table.columns : names.split(",").flatMap((each) => findColumn(catalog, table, each) ?? []);
  }

  async where(name: string, filter: string): Promise<Predicate | undefined> {
    const condition = parseFilter(filter);
    const scope = {
      catalog: await this.catalog(),
      table: await this.table(name),
      params: {},
      lookup: () => undefined,
      demandRead: () => {},
      demandOwnRead: () => {},
      mayRead: true,
    };
    return condition && resolveCondition(condition, scope);
  }

  async assignments(name: string, record: Readonly<Record<string, Json>>): Promise<readonly Assignment[]> {
    const columns = await this.columns(name, Object.keys(record).join());
    return columns.map((column, index) => ({
      column,
      value: checkValue(column.name, column, Object.values(record)[index] ?? null),
    }));
  }

  async insert(name: string, rows: readonly string[], returning = "", upsert = false): Promise<string[]> {
    const table = await this.table(name);
    const records = rows.map((row) => parseJson(row) as Record<string, Json>);
    const sets = await Promise.all(records.map((record) => this.assignments(name, record)));
    const plan = { ...insertOf(table, sets), upsert, returning: await this.columns(name, returning) };
    return texts(await this.connector.run(plan, never));
  }

  async update(name: string, record: string, filter: string, returning = ""): Promise<string[]> {
    const set = await this.assignments(name, parseJson(record) as Record<string, Json>);
    const table = await this.table(name);
    const plan = {
      kind: "update",
      table,
      set,
      where: await this.where(name, filter),
      returning: await this.columns(name, returning),
    } as const;
    return texts(await this.connector.run(plan, never));
  }

  async delete(name: string, filter: string, returning = ""): Promise<string[]> {
    const plan = {
      kind: "delete",
      table: await this.table(name),
      where: await this.where(name, filter),
      returning: await this.columns(name, returning),
    } as const;
    return texts(await this.connector.run(plan, never));
  }

  async read(name: string, fields: string, filter = "", more: Page = {}, signal = never): Promise<string[]> {
    const table = await this.table(name);
    const columns = await this.columns(name, fields);
    const order = (more.order ?? []).flatMap(({ field, ...rest }) =>
      table.columns.filter((each) => each.name === field).map((column): Order => ({ column, ...rest })),
    );
    const where = await this.where(name, filter);
    const { limit, offset = 0 } = more;
    return texts(await this.connector.run({ kind: "read", table, columns, where, order, limit, offset }, signal));
  }

  async count(name: string, filter = ""): Promise<number> {
    const outcome = await this.connector.run(
      { kind: "count", table: await this.table(name), where: await this.where(name, filter) },
      never,
    );
    return outcome.count;
  }
}

interface Page {
  readonly order?: readonly {
    readonly field: string;
    readonly descending: boolean;
    readonly nulls?: "first" | "last";
  }[];
  readonly limit?: number;
  readonly offset?: number;
}

function texts({ rows }: Outcome): string[] {
  return rows.map((row) => row.join(" | "));
}

function configOf(database: Database, more: Partial<MysqlConfig> = {}): MysqlConfig {
  const { host, port, user: username, password } = database;
  return v.parse(mysqlConfig, { host, port, username, password, database: database.database, ...more });
}

async function clientOf(database: Database, more: Partial<MysqlConfig> = {}, dialect = mariadb): Promise<Client> {
  return new Client(await connectMysql(configOf(database, more), dialect, HOST));
}

const HOST = { name: "test", log: { writes: () => false, log: () => {} }, env: () => undefined };
const kindOf = (error: unknown) => (error instanceof DatabaseError ? error.kind : error);
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const TABLES = `
CREATE TABLE kinds (
  id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, tiny TINYINT, small SMALLINT UNSIGNED, medium MEDIUMINT, big BIGINT, huge BIGINT UNSIGNED,
  exact DECIMAL(65,30), single FLOAT, dbl DOUBLE, flag TINYINT(1), bit1 BIT(1), bits BIT(12), made INT AS (tiny * 2),
  yr YEAR, da DATE, tm TIME(6), dt DATETIME(6), d0 DATETIME, ts TIMESTAMP(3) NULL, js JSON, en ENUM('a','it''s','x,y'), se SET('x','y'),
  fixed CHAR(5), txt VARCHAR(20), latin VARCHAR(20) CHARACTER SET latin1, bin BINARY(4), blb BLOB, uid UUID, pt POINT, hidden INT INVISIBLE,
  KEY (big), KEY (exact)
);
CREATE TABLE defaults (
  id INT PRIMARY KEY, plain VARCHAR(20) DEFAULT 'it''s \\\\ NULL', nothing VARCHAR(5) DEFAULT NULL, word VARCHAR(5) DEFAULT 'NULL', num INT DEFAULT 5,
  made_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6), changed TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, bits BIT(3) DEFAULT b'101',
  uid VARCHAR(40) DEFAULT (UUID()), needed INT NOT NULL
) COMMENT 'What is filled in.';
CREATE TABLE parent (a INT, b INT, name VARCHAR(20) NOT NULL, email VARCHAR(40), age TINYINT UNSIGNED, PRIMARY KEY (a, b),
  UNIQUE KEY parent_email (email), KEY (name, email), CONSTRAINT grown CHECK (age > 17));
CREATE TABLE child (id INT AUTO_INCREMENT PRIMARY KEY, pa INT, pb INT, note VARCHAR(10),
  CONSTRAINT child_parent FOREIGN KEY (pa, pb) REFERENCES parent (a, b) ON DELETE CASCADE ON UPDATE RESTRICT);
CREATE TABLE keeper (id INT PRIMARY KEY, child_id INT, CONSTRAINT keeps FOREIGN KEY (child_id) REFERENCES child (id));
CREATE TABLE things (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), n INT);
CREATE TABLE versioned (id INT PRIMARY KEY, x INT, since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, until TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
  PERIOD FOR SYSTEM_TIME (since, until)) WITH SYSTEM VERSIONING;
CREATE TABLE keyless (name VARCHAR(10), n FLOAT);
CREATE TABLE \`odd \`\` na"me\` (id INT PRIMARY KEY, \`a b\` INT, \`select\` INT, \`ti\`\`ck\` INT);
CREATE TABLE twin (id INT); CREATE TABLE Twin (id INT);
CREATE SEQUENCE counting; CREATE VIEW names AS SELECT id, name FROM things;
`;

describe.skipIf("unavailable" in SERVER).each(DIALECTS)("a service of type $type", ({ type, dialect }) => {
  let database: Database;
  let client: Client;

  beforeAll(async () => {
    database = await createDatabase(SERVER);
    await database.query(TABLES);
    client = await clientOf(database, {}, dialect);
  });
  afterAll(async () => {
    await client?.connector.close();
    await database?.drop();
  });

  /** Writes one field and reads it back. */
  async function roundTrip(field: string, json: string): Promise<string | undefined> {
    const [id] = await client.insert("kinds", [`{"${field}":${json}}`], "id");
    return (await client.read("kinds", field, `id = ${id}`))[0];
  }

  test("serves tables, views and versioned tables, but no sequences", async () => {
    const { tables } = await client.catalog();
    const plain = tables.map((table) => `${table.name}${table.isView ? " (view)" : ""}`);
    expect(plain.sort()).toEqual(
      [
        "Twin",
        "child",
        "defaults",
        "keeper",
        "keyless",
        "kinds",
        "names (view)",
        'odd ` na"me',
        "parent",
        "things",
        "twin",
        "versioned",
      ].sort(),
    );
    expect((await client.table("defaults")).description).toBe("What is filled in.");
  });

  test("says what each column is", async () => {
    const { columns } = await client.table("kinds");
    const facts = Object.fromEntries(columns.map((column) => [column.name, `${column.type}/${column.family}`]));
    expect(facts).toEqual({
      id: "id/integer",
      tiny: "tinyint/integer",
      small: "smallint/integer",
      medium: "mediumint/integer",
      big: "bigint/integer",
      huge: "bigint/integer",
      exact: "decimal/decimal",
      single: "float/float",
      dbl: "double/float",
      flag: "boolean/boolean",
      bit1: "boolean/boolean",
      bits: "integer/integer",
      made: "integer/integer",
      yr: "integer/integer",
      da: "date/date",
      tm: "time/time",
      dt: "datetime/datetime",
      d0: "datetime/datetime",
      ts: "timestamp/datetime",
      js: "json/json",
      en: "string/string",
      se: "string/string",
      fixed: "string/string",
      txt: "string/string",
      latin: "string/string",
      bin: "binary/binary",
      blb: "binary/binary",
      uid: "uuid/uuid",
      pt: "string/string",
      hidden: "integer/integer",
    });
    const [small, huge, bits, en, fixed, made] = await client.columns("kinds", "small,huge,bits,en,fixed,made");
    expect(small?.range).toEqual([0n, 65_535n]);
    expect(huge?.range).toEqual([0n, 18_446_744_073_709_551_615n]);
    expect(bits?.range).toEqual([0n, 4095n]);
    expect(en?.values).toEqual(["a", "it's", "x,y"]);
    expect(fixed).toMatchObject({ fixedLength: true, length: 5, multibyte: true });
    expect(made?.generated).toBe(true);
    const versioned = await client.columns("versioned", "since,until");
    expect(versioned.map((column) => column.generated)).toEqual([true, true]);
  });

  test("says defaults as they are, without the server's quotes", async () => {
    const { columns } = await client.table("defaults");
    expect(columns.map(({ name, default: value, hasDefault }) => [name, value, hasDefault])).toEqual([
      ["id", null, false],
      ["plain", "it's \\ NULL", true],
      ["nothing", null, false],
      ["word", "NULL", true],
      ["num", "5", true],
      ["made_at", "CURRENT_TIMESTAMP(6)", true],
      ["changed", "CURRENT_TIMESTAMP", true],
      ["bits", "5", true],
      ["uid", "uuid()", true],
      ["needed", null, false],
    ]);
  });

  test("finds composite keys, indexes and foreign keys with their actions", async () => {
    const parent = await client.table("parent");
    expect(parent.key.map((column) => column.name)).toEqual(["a", "b"]);
    expect(parent.indexes).toContainEqual({ name: "parent_email", columns: ["email"], primary: false, unique: true });
    expect(parent.indexes).toContainEqual({ name: "name", columns: ["name", "email"], primary: false, unique: false });
    const child = await client.table("child");
    expect(child.relations).toContainEqual({
      name: "parent_by_pa_pb",
      kind: "belongs_to",
      fields: ["pa", "pb"],
      refTable: "parent",
      refFields: ["a", "b"],
      onUpdate: "RESTRICT",
      onDelete: "CASCADE",
    });
  });

  test("tells tables apart that differ only by case", async () => {
    await database.query("INSERT INTO twin VALUES (1); INSERT INTO Twin VALUES (2)");
    expect([await client.read("twin", "id"), await client.read("Twin", "id")]).toEqual([["1"], ["2"]]);
  });

  test("finds tables and fields in any case", async () => {
    expect((await client.table("KINDS")).nativeName).toBe("kinds");
    expect(await client.columns("Kinds", "TINY")).toHaveLength(1);
  });

  test("quotes whatever stands in a name", async () => {
    await client.insert('odd ` na"me', ['{"id":1,"a b":2,"select":3,"ti`ck":4}']);
    expect(
      await client.read('odd ` na"me', "*", "[a b] = 2", { order: [{ field: "ti`ck", descending: true }] }),
    ).toEqual(["1 | 2 | 3 | 4"]);
  });

  test.each([
    ["tiny", "-128"],
    ["small", "65535"],
    ["medium", "-8388608"],
    ["big", "9007199254740993"],
    ["big", "-9223372036854775808"],
    ["huge", "18446744073709551615"],
    ["exact", "12345678901234567890123456789012345.123456789012345678901234567890"],
    ["exact", "-0.000000000000000000000000000001"],
    ["single", "0.1"],
    ["single", "3.4028235e+38"],
    ["single", "16777216"],
    ["dbl", "0.1"],
    ["dbl", "1.7976931348623157e+308"],
    ["dbl", "5e-324"],
    ["flag", "true"],
    ["flag", "false"],
    ["bit1", "true"],
    ["bit1", "false"],
    ["bits", "4095"],
    ["yr", "2155"],
    ["da", '"2024-02-29"'],
    ["da", '"0000-00-00"'],
    ["da", '"2024-05-00"'],
    ["tm", '"-838:59:59.000000"'],
    ["tm", '"100:00:00.100000"'],
    ["tm", '"23:59:59.123456"'],
    ["dt", '"2024-01-02 03:04:05.000000"'],
    ["dt", '"9999-12-31 23:59:59.999999"'],
    ["dt", '"0000-00-00 00:00:00.000000"'],
    ["d0", '"2024-01-02 03:04:05"'],
    ["ts", '"2024-01-02 03:04:05.120"'],
    ["js", '{"a":1.10,"b":12345678901234567890}'],
    ["js", "null"],
    ["en", '"it\'s"'],
    ["se", '"x,y"'],
    ["fixed", '"ab"'],
    ["txt", '"żółć 🐎 \\\\\' \\" \\u0000"'],
    ["latin", '"é"'],
    ["bin", '"AP8BAg=="'],
    ["blb", '"AP/+gA=="'],
    ["blb", '""'],
    ["uid", '"123e4567-e89b-12d3-a456-426614174000"'],
    ["pt", '"POINT(1.5 -2)"'],
    ["hidden", "7"],
    ["exact", "null"],
  ])("keeps %s %s as it was written", async (field, json) => {
    expect(parseJson((await roundTrip(field, json)) ?? "")).toEqual(parseJson(json));
    if (!["js", "txt"].includes(field)) expect(await roundTrip(field, json)).toBe(json);
  });

  test("fills up a shorter fraction as the server does", async () => {
    expect(await roundTrip("dt", '"2024-01-02 03:04:05.1"')).toBe('"2024-01-02 03:04:05.100000"');
    expect(await roundTrip("tm", '"10:00"')).toBe('"10:00:00.000000"');
  });

  test.each([
    ["big = 9007199254740993", "big", ["9007199254740993", "9007199254740992"]],
    ["huge in (18446744073709551615)", "huge", ["18446744073709551615", "18446744073709551614"]],
    [
      "exact = 1234567890123456789012345678901.000000000000000000000000000001",
      "exact",
      [
        "1234567890123456789012345678901.000000000000000000000000000001",
        "1234567890123456789012345678901.000000000000000000000000000002",
      ],
    ],
    [
      "exact in (1234567890123456789012345678901.000000000000000000000000000001, 5)",
      "exact",
      [
        "1234567890123456789012345678901.000000000000000000000000000001",
        "1234567890123456789012345678901.000000000000000000000000000002",
      ],
    ],
    ["exact between 0.3 and 0.3", "exact", ["0.3", "0.300000000000000000000000000001"]],
    ["single = 0.1", "single", ["0.1", "0.2"]],
    ["dbl = '0.1'", "dbl", ["0.1", "0.10000000000000002"]],
    ["bits = 53", "bits", ["53", "5"]],
    ["bits in (53, 54)", "bits", ["53", "5"]],
    ["bit1 = true", "bit1", ["true", "false"]],
    ["flag != true", "flag", ["false", "true"]],
    ["flag in (true)", "flag", ["true", "false"]],
    ["yr >= 2024", "yr", ["2024", "1999"]],
    ["tm < '-00:00:01'", "tm", ['"-100:00:00"', '"00:00:01"']],
    ["da = '0000-00-00'", "da", ['"0000-00-00"', '"2024-01-01"']],
    ["dt = '2024-01-02 03:04:05.1'", "dt", ['"2024-01-02 03:04:05.1"', '"2024-01-02 03:04:05.100001"']],
    ["en = 'x,y'", "en", ['"x,y"', '"a"']],
    ["txt contains '%'", "txt", ['"50%"', '"50"']],
    ["txt contains '!_'", "txt", ['"a!_b"', '"a!xb"']],
    ["txt starts with '\\'", "txt", ['"\\\\a"', '"a\\\\"']],
    ["txt like 'a%'", "txt", ['"ab"', '"ba"']],
    ["big like '12%'", "big", ["1234", "2134"]],
    ["blb = 'AP8='", "blb", ['"AP8="', '"AP8A"']],
    ["pt = 'POINT(1 2)'", "pt", ['"POINT(1 2)"', '"POINT(2 1)"']],
    ["js->a > 9", "js", ['{"a":10}', '{"a":"x"}']],
    ["js->a = '5'", "js", ['{"a":"5"}', '{"a":"6"}']],
    ["js->a = true", "js", ['{"a":true}', '{"a":false}']],
    ["js->a is null", "js", ['{"a":null}', '{"a":"null"}']],
    ["js->b->c->1 = 'z'", "js", ['{"b":{"c":["y","z"]}}', '{"b":{"c":["z"]}}']],
    ["js->'o\"d.d\\k' in ('x', 'y')", "js", ['{"o\\"d.d\\\\k":"x"}', '{"odd":"x"}']],
    ["(tiny = 1) xor (medium = 1)", "tiny", ["1", "2"]],
  ])("finds by %s", async (filter, field, [hit = "", miss = ""]) => {
    await database.query("DELETE FROM kinds");
    const [id] = await client.insert("kinds", [`{"${field}":${hit},"medium":0}`], "id");
    await client.insert("kinds", [`{"${field}":${miss},"medium":0}`]);
    expect(await client.read("kinds", "id", filter)).toEqual([id]);
    expect(await client.count("kinds", filter)).toBe(1);
  });

  test("takes every other number of a TINYINT(1) for true, in answers and in filters", async () => {
    await database.query("DELETE FROM kinds; INSERT INTO kinds (flag) VALUES (5), (0)");
    expect(await client.read("kinds", "flag", "flag = true")).toEqual(["true"]);
    expect(await client.read("kinds", "flag", "flag != true")).toEqual(["false"]);
  });

  test("writes by a condition on JSON that other rows do not fit, without an error", async () => {
    await database.query("DELETE FROM kinds");
    await client.insert("kinds", ['{"js":{"a":"abc"}}', '{"js":{"a":5}}', '{"js":{"a":[1]}}']);
    await client.update("kinds", '{"tiny":1}', "js->a = 5");
    expect(await client.read("kinds", "js", "tiny = 1")).toEqual(['{"a":5}']);
  });

  test("gives JSON that MariaDB takes for valid but is not as text, and keeps it on one line", async () => {
    await database.query(`DELETE FROM kinds; INSERT INTO kinds (js) VALUES ('[1.]'), ('{\n"a":\n1}')`);
    expect(await client.read("kinds", "js", "", { order: [{ field: "id", descending: false }] })).toEqual([
      '"[1.]"',
      '{ "a": 1}',
    ]);
  });

  describe("with a few rows", () => {
    beforeAll(() =>
      client.insert(
        "things",
        ["1", "null", "3", "2", "null"].map((n, index) => `{"id":${index + 1},"name":"${"abcde"[index]}","n":${n}}`),
      ),
    );

    test("pages by limit and offset, together and alone", async () => {
      const order = [{ field: "id", descending: false }];
      expect(await client.read("things", "id", "", { order, limit: 2, offset: 1 })).toEqual(["2", "3"]);
      expect(await client.read("things", "id", "", { order, limit: 2 })).toEqual(["1", "2"]);
      expect(await client.read("things", "id", "", { order, offset: 3 })).toEqual(["4", "5"]);
    });

    test.each([
      [false, undefined, ["null", "null", "1", "2", "3"]],
      [false, "first", ["null", "null", "1", "2", "3"]],
      [false, "last", ["1", "2", "3", "null", "null"]],
      [true, "first", ["null", "null", "3", "2", "1"]],
      [true, "last", ["3", "2", "1", "null", "null"]],
    ] as const)("puts NULL where it is asked for (descending %s, nulls %s)", async (descending, nulls, expected) => {
      const order = [nulls === undefined ? { field: "n", descending } : { field: "n", descending, nulls }];
      expect(await client.read("things", "n", "", { order })).toEqual(expected);
    });

    test("reads a view", async () => {
      expect(await client.read("names", "*", "name = 'c'")).toEqual(['3 | "c"']);
    });
  });

  test("answers a write with the rows it touched", async () => {
    expect(await client.insert("things", ['{"id":100,"name":"x"}', '{"id":101,"name":"y"}'], "id,name")).toEqual([
      '100 | "x"',
      '101 | "y"',
    ]);
    const [made] = await client.insert("things", ['{"name":"z"}'], "id,name,n");
    expect(made).toMatch(/^\d+ \| "z" \| null$/);
    expect(await client.update("things", '{"name":"w"}', "id = 100", "name")).toEqual(['"w"']);
    expect(await client.update("things", '{"name":"w"}', "id = 100", "id")).toEqual(["100"]);
    expect(await client.update("things", '{"name":"v"}', "name = 'w'", "id,name")).toEqual(['100 | "v"']);
    expect(await client.update("things", '{"name":"v"}', "id = 99999", "id")).toEqual([]);
    expect(await client.delete("things", "id >= 100", "id").then((rows) => rows.slice(0, 2))).toEqual(["100", "101"]);
  });

  test("upserts by the key, also when nothing else is given", async () => {
    await client.insert("parent", ['{"a":1,"b":1,"name":"old","email":"one"}']);
    expect(
      await client.insert(
        "parent",
        ['{"a":1,"b":1,"name":"new","email":"one"}', '{"a":1,"b":2,"name":"two","email":null}'],
        "a,b,name",
        true,
      ),
    ).toEqual(['1 | 1 | "new"', '1 | 2 | "two"']);
    await client.insert("things", ['{"id":500}'], "id", true);
    expect(await client.insert("things", ['{"id":500}'], "id", true)).toEqual(["500"]);
  });

  test("does not let an upsert change the row of another key that shares a unique value", async () => {
    await client.insert("parent", ['{"a":2,"b":1,"name":"kept","email":"same"}']);
    expect(
      kindOf(await failure(client.insert("parent", ['{"a":2,"b":2,"name":"lost","email":"same"}'], "a", true))),
    ).toBe("unique");
    expect(await client.read("parent", "b,name", "a = 2")).toEqual(['1 | "kept"']);
  });

  test.each([
    { modes: "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION" },
    { modes: "NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION" },
    { statements: ["SET sql_mode = ''"] },
  ])("does so in no SQL mode: %j", async (config) => {
    const other = await clientOf(database, config, dialect);
    await database.query("REPLACE INTO parent (a, b, name, email) VALUES (3, 1, 'kept', 'taken')");
    const stolen = other.insert("parent", ['{"a":3,"b":2,"name":"lost","email":"taken"}'], "a", true);
    expect(kindOf(await failure(stolen))).toBe("unique");
    expect(await other.read("parent", "b,name", "a = 3")).toEqual(['1 | "kept"']);
    expect(await other.insert("parent", ['{"a":3,"b":1,"name":"new","email":"taken"}'], "name", true)).toEqual([
      '"new"',
    ]);
    await other.connector.close();
  });

  test("updates more rows by a condition than one statement can name", async () => {
    await database.query(
      "CREATE TABLE large (a INT, b INT, n INT, PRIMARY KEY (a, b)); INSERT INTO large SELECT seq, 1, 0 FROM seq_1_to_31000",
    );
    const other = await clientOf(database, {}, dialect);
    const rows = await other.update("large", '{"n":5}', "a > 0", "a,n");
    expect([rows.length, rows[0], rows.at(-1)]).toEqual([31000, "1 | 5", "31000 | 5"]);
    expect(await database.query("SELECT COUNT(*) AS n FROM large WHERE n = 5")).toEqual([{ n: "31000" }]);
    await other.connector.close();
  });

  test.each([
    ["JSON", "TEXT", "'hello'", '"hello"'],
    ["JSON", "INT", "5", "5"],
    ["TINYINT(1)", "TEXT", "'hello'", '"hello"'],
    ["BIT(9)", "TEXT", "'hello'", '"hello"'],
    ["FLOAT", "TEXT", "'hello'", '"hello"'],
    ["BIT(9)", "DOUBLE", "1.5", "1.5"],
    ["TINYINT(1)", "DOUBLE", "1.5", "true"],
  ])("a column that was %s when the catalog was read and is %s still gives JSON", async (was, is, value, json) => {
    await database.query(
      `CREATE OR REPLACE TABLE turned (id INT PRIMARY KEY, x ${was}); INSERT INTO turned (id) VALUES (1)`,
    );
    const other = await clientOf(database, {}, dialect);
    expect(await other.read("turned", "x")).toEqual(["null"]);
    await database.query(`ALTER TABLE turned DROP x, ADD x ${is}; UPDATE turned SET x = ${value}`);
    expect(await other.read("turned", "x")).toEqual([json]);
    await other.connector.close();
  });

  test.each([
    ["parent", '{"a":9,"b":1,"name":"x","email":"dup"}', { kind: "unique", constraint: "PRIMARY", columns: [] }],
    [
      "parent",
      '{"a":9,"b":2,"name":"x\' for key \'z","email":"dup"}',
      { kind: "unique", constraint: "parent_email", columns: [] },
    ],
    ["parent", '{"a":9,"b":3}', { kind: "not_null", columns: ["name"] }],
    ["parent", '{"a":9,"b":3,"name":null}', { kind: "not_null", columns: ["name"] }],
    ["parent", '{"a":9,"b":3,"name":"x","age":5}', { kind: "check", constraint: "grown" }],
    ["child", '{"pa":77,"pb":88}', { kind: "foreign_key", constraint: "child_parent", columns: ["pa", "pb"] }],
    ["kinds", '{"txt":"123456789012345678901"}', { kind: "too_long", columns: ["txt"] }],
    ["kinds", '{"single":1e39}', { kind: "out_of_range", columns: ["single"] }],
    ["kinds", '{"tm":"839:00:00"}', { kind: "invalid_value", columns: ["tm"] }],
    ["kinds", '{"latin":"żółć"}', { kind: "invalid_value", columns: ["latin"] }],
    ["kinds", '{"se":"x,q"}', { kind: "invalid_value", columns: ["se"] }],
    ["kinds", '{"bin":"AAECAwQ="}', { kind: "too_long", columns: ["bin"] }],
  ])("says what is wrong with %s %s", async (table, row, expected) => {
    await client.insert("parent", ['{"a":9,"b":1,"name":"x","email":"dup"}']).catch(() => {});
    const error = await failure(client.insert(table, [row]));
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject(expected);
  });

  test("does not name the columns of another table when a row is still needed there", async () => {
    const [id] = await client.insert("child", ['{"note":"n"}'], "id");
    await client.insert("keeper", [`{"id":1,"child_id":${id}}`]);
    expect(await failure(client.delete("child", `id = ${id}`))).toMatchObject({
      kind: "foreign_key",
      columns: [],
      constraint: "keeps",
    });
  });

  test("names a table that is gone", async () => {
    await database.query("CREATE TABLE gone (id INT)");
    const other = await clientOf(database, {}, dialect);
    await other.table("gone");
    await database.query("DROP TABLE gone");
    expect(kindOf(await failure(other.read("gone", "id")))).toBe("undefined_object");
    await other.connector.close();
  });

  test("goes on after a table was changed under a prepared statement", async () => {
    await database.query("CREATE TABLE changing (id INT PRIMARY KEY, x INT); INSERT INTO changing VALUES (1, 2)");
    const other = await clientOf(database, {}, dialect);
    expect(await other.read("changing", "x")).toEqual(["2"]);
    await database.query("ALTER TABLE changing MODIFY x VARCHAR(10), ADD y INT FIRST");
    expect(await other.read("changing", "x")).toEqual(["2"]);
    await other.connector.close();
  });

  test("undoes a transaction whole, and keeps one whole", async () => {
    const table = await client.table("things");
    const plan = insertOf(table, [await client.assignments("things", { id: 900, name: "t" })]);
    const undone = client.connector.transaction(async (inside) => {
      await inside.run(plan, never);
      throw new Error("stop");
    }, never);
    await expect(undone).rejects.toThrow("stop");
    expect(await client.count("things", "id = 900")).toBe(0);
    await client.connector.transaction((inside) => inside.run(plan, never), never);
    expect(await client.count("things", "id = 900")).toBe(1);
  });

  test("creates tables for Millrace's own settings", async () => {
    await client.connector.create(
      {
        name: "own",
        columns: [
          { name: "id", type: "id" },
          { name: "name", type: "string", length: 64, required: true, unique: true },
          { name: "body", type: "text" },
          { name: "at", type: "datetime" },
          { name: "on", type: "boolean" },
        ],
      },
      never,
    );
    const other = await clientOf(database, {}, dialect);
    expect((await other.table("own")).columns.map((column) => column.type)).toEqual([
      "id",
      "string",
      "longtext",
      "datetime",
      "boolean",
    ]);
    await other.connector.close();
  });

  test("refuses a geometry that is none, and stores nothing", async () => {
    const refusal = await failure(client.insert("kinds", ['{"tiny":77,"pt":"POINT(x)"}']));
    // MariaDB's ST_GeomFromText gives NULL for it; only the dialect of MariaDB looks after that.
    if (type === "mariadb") expect(refusal).toMatchObject({ kind: "invalid_value" });
    expect(await client.read("kinds", "pt", "tiny = 77")).toEqual(type === "mariadb" ? [] : ["null"]);
  });
});

describe.skipIf("unavailable" in SERVER)("the config of a MySQL service", () => {
  let database: Database;
  beforeAll(async () => {
    database = await createDatabase(SERVER);
    await database.query(
      "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, at TIMESTAMP NULL, d DECIMAL(3,1), s VARCHAR(2)); INSERT INTO t (at) VALUES ('2024-01-01 00:00:00')",
    );
  });
  afterAll(() => database?.drop());

  async function using<T>(more: Partial<MysqlConfig>, work: (client: Client) => Promise<T>): Promise<T> {
    const client = await clientOf(database, more);
    try {
      return await work(client);
    } finally {
      await client.connector.close();
    }
  }

  test("reads a URL before the rest, with percent-encoded parts", () => {
    const config = v.parse(mysqlConfig, {
      host: "x",
      dsn: "mysql://a%40b:p%2Fw@[::1]:3307/my%20db?ssl-mode=VERIFY_CA",
    });
    expect(addressOf(config)).toEqual({
      host: "::1",
      port: 3307,
      socketPath: undefined,
      user: "a@b",
      password: "p/w",
      database: "my db",
      tls: "verify-ca",
    });
    expect(() => addressOf({ ...config, dsn: "postgres://secret@h" })).toThrow(/must look like mysql:/);
  });

  test("connects by URL", async () => {
    expect(await using({ dsn: database.url, host: "nowhere.invalid" }, (client) => client.count("t"))).toBe(1);
  });

  test("sets the time zone, the collation and the statements of each connection", async () => {
    const east = await using({ timezone: "+05:30", collation: "utf8mb4_bin" }, (client) => client.read("t", "at"));
    const west = await using({ statements: ["SET time_zone = '-01:00'"] }, (client) => client.read("t", "at"));
    expect([hours(east[0]), hours(west[0])]).toEqual([hours(west[0], 6.5), hours(west[0])]);
  });

  test("serves other schemas under their names", async () => {
    const other = await createDatabase(SERVER);
    await other.query("CREATE TABLE far (id INT)");
    const names = (client: Client) => client.catalog().then(({ tables }) => tables.map((table) => table.name));
    expect(await using({ schema: `${database.database}, ${other.database}` }, names)).toEqual(
      ["t", `${other.database}.far`].sort(),
    );
    const all = await using({ schema: "*" }, names);
    expect(all).toContain("t");
    expect(all.filter((name) => /^(?:mysql|sys|information_schema|performance_schema)\./.test(name))).toEqual([]);
    await other.drop();
  });

  test.each([
    ["password", { password: "wrong" }],
    ["no_database", { database: "no_such_database" }],
    ["no_database", { database: "" }],
    ["refused", { port: 1 }],
    ["refused", { unix_socket: "/nowhere/mysql.sock" }],
    ["name_not_found", { host: "nowhere.invalid" }],
    ["tls", { ssl: { mode: "verify-ca" } }],
    ["tls", { ssl: { mode: "require", ca: "no certificate" } }],
  ] as const)("says %s when it cannot connect with %j", async (connect, more) => {
    const error = await using(more as Partial<MysqlConfig>, (client) => failure(client.catalog()));
    expect(error).toMatchObject({ kind: "unavailable", connect });
    expect(String(error)).not.toContain(database.password);
  });

  test("bounds its times and counts", () => {
    const most = { schema_refresh_s: 604_800, statement_timeout_ms: 86_400_000, max_records: 100_000 };
    const pool = { max: 1_000, wait_ms: 600_000 };
    const { success } = v.safeParse(mysqlConfig, { ...most, pool });
    expect(success).toBe(true);
    const given = Object.entries({ ...most, pool }).map(([name, value]) =>
      typeof value === "number" ? { [name]: value + 1 } : { pool: { max: value.max + 1, wait_ms: value.wait_ms + 1 } },
    );
    const messages = given.flatMap((config) => v.safeParse(mysqlConfig, config).issues?.map(({ message }) => message));
    expect(messages).toEqual([604_800, 86_400_000, 100_000, 1_000, 600_000].map((each) => `must be at most ${each}`));
  });

  test("fails clearly when one of its statements does", async () => {
    expect(await using({ statements: ["SET nonsense = 1"] }, (client) => failure(client.catalog()))).toMatchObject({
      kind: "unavailable",
    });
  });

  test.skipIf(!("caFile" in SERVER))("verifies the certificate and the name of the server", async () => {
    const ca = readFileSync(("caFile" in SERVER && SERVER.caFile) || "", "utf8");
    for (const mode of ["prefer", "require", "verify-ca", "verify-full"] as const) {
      expect(await using({ ssl: { mode, ca } }, (client) => client.count("t"))).toBeGreaterThan(0);
    }
  });
});

describe("a MySQL service with a server of its own", () => {
  let server: OwnServer | undefined;
  let database: Database;
  beforeAll(async () => {
    const started = await startPrivateMariadb();
    if (!(started instanceof OwnServer)) return;
    server = started;
    database = await createDatabase(server);
    await database.query(
      `CREATE TABLE t (id INT PRIMARY KEY, n INT, s VARCHAR(2), at TIMESTAMP NULL); INSERT INTO t (id, n) VALUES (1, 1), (2, 2);
       CREATE VIEW slow AS SELECT id, SLEEP(20) AS s FROM t;
       CREATE TABLE many (big BIGINT, exact DECIMAL(65,30), KEY (big), KEY (exact));
       INSERT INTO many SELECT seq, seq FROM seq_1_to_2000; ANALYZE TABLE many`,
    );
  });
  afterAll(() => server?.close());

  async function using(more: Partial<MysqlConfig>, work: (client: Client) => Promise<void>): Promise<void> {
    const client = await clientOf(database, more);
    await client.catalog();
    await work(client).finally(() => client.connector.close());
  }

  async function busy(): Promise<number> {
    const rows = await database.query(
      "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE INFO LIKE '%slow%' AND INFO NOT LIKE '%PROCESSLIST%'",
    );
    return Number(rows[0]?.n);
  }

  async function withGlobalModes(modes: string, work: () => Promise<void>): Promise<void> {
    await database.query(`SET GLOBAL sql_mode = '${modes}'`);
    await work().finally(() => database.query("SET GLOBAL sql_mode = DEFAULT"));
  }

  test("uses the index for big integers and decimals", (context) => {
    if (server === undefined) return context.skip();
    return using({}, async (client) => {
      const scanned = async () =>
        Number((await database.query("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'"))[0]?.Value);
      const before = await scanned();
      for (const filter of ["big = 70", "exact = 70", "exact in (70, 71)"]) await client.read("many", "big", filter);
      expect((await scanned()) - before).toBeLessThan(2000);
    });
  });

  test("refuses to cut off a text unless the modes say otherwise", (context) => {
    if (server === undefined) return context.skip();
    return withGlobalModes("", async () => {
      const row = '{"id":7,"s":"long"}';
      await using({}, async (client) => expect(kindOf(await failure(client.insert("t", [row])))).toBe("too_long"));
      const modes = "NO_BACKSLASH_ESCAPES, ANSI_QUOTES";
      await using({ modes }, async (client) => {
        expect(await client.insert("t", [row], "s")).toEqual(['"lo"']);
        await client.delete("t", "s starts with 'l'");
        expect(await client.count("t")).toBe(2);
      });
    });
  });

  test("lets a zero date be written back where the server's own modes refuse it", (context) => {
    if (server === undefined) return context.skip();
    return withGlobalModes("TRADITIONAL", () =>
      using({}, async (client) => {
        const row = '{"id":8,"at":"0000-00-00 00:00:00"}';
        expect(await client.insert("t", [row], "at")).toEqual(['"0000-00-00 00:00:00"']);
        await client.delete("t", "at = '0000-00-00 00:00:00'");
        expect(await client.count("t")).toBe(2);
      }),
    );
  });

  test("ends a statement at the limit, on the server", (context) => {
    if (server === undefined) return context.skip();
    return using({ statement_timeout_ms: 300 }, async (client) => {
      expect(kindOf(await failure(client.read("slow", "s")))).toBe("timeout");
      expect(await busy()).toBe(0);
      expect(await client.count("t")).toBe(2);
    });
  });

  test("gives up when the caller does, and tells the server so", (context) => {
    if (server === undefined) return context.skip();
    return using({}, async (client) => {
      const began = performance.now();
      expect(kindOf(await failure(client.read("slow", "s", "", {}, AbortSignal.timeout(200))))).toBe("timeout");
      expect(performance.now() - began).toBeLessThan(1000);
      await expect.poll(busy).toBe(0);
      expect(await client.count("t")).toBe(2);
    });
  });

  test("has one connection for telling the server, however many callers give up", (context) => {
    if (server === undefined) return context.skip();
    return using({ pool: { max: 8, wait_ms: 2_000 } }, async (client) => {
      const connections = async () => Number((await database.query("SHOW GLOBAL STATUS LIKE 'Connections'"))[0]?.Value);
      const leaving = new AbortController();
      const all = Array.from({ length: 8 }, () => failure(client.read("slow", "s", "", {}, leaving.signal)));
      await expect.poll(busy).toBe(8);
      const before = await connections();
      leaving.abort();
      expect((await Promise.all(all)).map(kindOf)).toEqual(all.map(() => "timeout"));
      await new Promise((resolve) => setTimeout(resolve, 300));
      // One that kills, and this one itself.
      expect((await connections()) - before).toBe(2);
      expect(await busy()).toBe(0);
    });
  });

  test("does not wait longer than it may for a connection", (context) => {
    if (server === undefined) return context.skip();
    return using({ pool: { max: 1, wait_ms: 200 } }, async (client) => {
      const slow = failure(client.read("slow", "s", "", {}, AbortSignal.timeout(1500)));
      await expect.poll(busy).toBe(1);
      expect(kindOf(await failure(client.count("t")))).toBe("saturated");
      expect(kindOf(await slow)).toBe("timeout");
      expect(await client.count("t")).toBe(2);
    });
  });

  test("tries the loser of a deadlock again, also one that goes on after it", (context) => {
    if (server === undefined) return context.skip();
    return using({}, async (client) => {
      const table = await client.table("t");
      const set = async (id: number) =>
        ({
          kind: "update",
          table,
          set: await client.assignments("t", { n: 50 + id }),
          where: await client.where("t", `id = ${id}`),
          returning: [],
        }) as const;
      const plans = [await set(1), await set(2)] as const;
      let attempts = 0;
      const cross = (first: number, second: number) =>
        client.connector.transaction(async (inside) => {
          attempts++;
          const [one, two] = [plans[first] ?? plans[0], plans[second] ?? plans[1]];
          await inside.run(one, never);
          await new Promise((resolve) => setTimeout(resolve, 200));
          await inside.run(two, never).catch(() => {});
          await inside.run(one, never).catch(() => {});
        }, never);
      const results = await Promise.all([failure(cross(0, 1)), failure(cross(1, 0))]);
      expect([attempts, ...results.map(kindOf)]).toEqual([3, undefined, undefined]);
    });
  });

  test("comes back by itself after the server was restarted or killed a connection", (context) => {
    if (server === undefined) return context.skip();
    const own = server;
    return using({}, async (client) => {
      await own.restart();
      expect(await client.count("t")).toBe(2);
      await database.query(
        "BEGIN NOT ATOMIC DECLARE i INT; SELECT MAX(ID) INTO i FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'millrace'; KILL i; END",
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await client.count("t")).toBe(2);
      process.kill(own.pid, "SIGKILL");
      await expect.poll(() => database.query("SELECT 1").catch(() => "gone")).toBe("gone");
      await expect.poll(() => failure(client.count("t"))).toMatchObject({ kind: "unavailable", connect: "refused" });
      await own.restart();
      expect(await client.count("t")).toBe(2);
    });
  });

  test("reports a connection that is lost in the middle", (context) => {
    if (server === undefined) return context.skip();
    return using({}, async (client) => {
      const reading = failure(client.read("slow", "s"));
      await expect.poll(busy).toBe(1);
      await database.query(
        "BEGIN NOT ATOMIC DECLARE i INT; SELECT MAX(ID) INTO i FROM information_schema.PROCESSLIST WHERE INFO LIKE '%slow%' AND ID <> CONNECTION_ID(); KILL i; END",
      );
      expect(await reading).toMatchObject({ kind: "unavailable", connect: "lost" });
    });
  });

  test("does not hang on a server that does", (context) => {
    if (server === undefined) return context.skip();
    const own = server;
    return using({ statement_timeout_ms: 300, pool: { max: 2, wait_ms: 700 } }, async (client) => {
      own.freeze();
      try {
        expect(kindOf(await failure(client.count("t")))).toBe("timeout");
        expect(await failure(client.count("t"))).toMatchObject({ kind: "unavailable", connect: "unreachable" });
        const fresh = await clientOf(database, { pool: { max: 1, wait_ms: 300 } });
        expect(await failure(fresh.catalog())).toMatchObject({ kind: "unavailable", connect: "unreachable" });
      } finally {
        own.thaw();
      }
      expect(await client.count("t")).toBe(2);
    });
  });

  test("finds out before it sends anything that a connection leads nowhere any more", (context) => {
    if (server === undefined) return context.skip();
    const own = server;
    return withProxy(own.port, async (port, proxy) => {
      const client = await clientOf(database, { port });
      await client.count("t");
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      proxy.deafen();
      expect(await client.count("t")).toBe(2);
      await client.connector.close();
    });
  });
});

function hours(text = "", more = 0): number {
  return Date.parse(`${text.replaceAll('"', "").replace(" ", "T")}Z`) / 3_600_000 + more;
}

/** A way to the server on which old connections can be made to lead nowhere. */
async function withProxy(
  target: number,
  work: (port: number, proxy: { deafen(): void }) => Promise<void>,
): Promise<void> {
  const pairs: [import("node:net").Socket, import("node:net").Socket][] = [];
  const proxy = createServer((near) => {
    const far = connectTcp(target, "127.0.0.1");
    pairs.push([near, far]);
    for (const socket of [near, far]) socket.on("error", () => {});
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", () => resolve()));
  const address = proxy.address();
  const deafen = () => {
    for (const [near, far] of pairs) {
      near.unpipe(far);
      near.resume();
    }
  };
  try {
    await work(typeof address === "object" && address !== null ? address.port : 0, { deafen });
  } finally {
    for (const socket of pairs.flat()) socket.destroy();
    proxy.close();
  }
}
