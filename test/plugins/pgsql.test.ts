import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import fc from "fast-check";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import alloydb from "../../plugins/alloydb/index.ts";
import neon from "../../plugins/neon/index.ts";
import { pgConfig } from "../../plugins/pgsql/config.ts";
import { connectPostgres } from "../../plugins/pgsql/define.ts";
import { openDriver } from "../../plugins/pgsql/driver.node.ts";
import { greetingOf } from "../../plugins/pgsql/greeting.ts";
import pgsql from "../../plugins/pgsql/index.ts";
import { readTarget } from "../../plugins/pgsql/target.ts";
import { Fault } from "../../src/contract/fault.ts";
import type { Json } from "../../src/contract/json.ts";
import { type Catalog, type Column, findTable, type Table } from "../../src/db/catalog.ts";
import type { Connector } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Order, Plan, Predicate } from "../../src/db/plan/plan.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { checkValue, type Value } from "../../src/db/values.ts";
import { createDatabase, type Database } from "../servers/databases.ts";
import { startPrivatePostgres } from "../servers/postgres.ts";
import { OwnServer } from "../servers/server.ts";
import { insertOf } from "./insert-of.ts";

const SERVER = inject("postgres");
const signal = new AbortController().signal;
const closers: (() => Promise<unknown>)[] = [];

type Settings = Omit<v.InferInput<typeof pgConfig>, "dsn">;

const HOST = { name: "test", log: { writes: () => false, log: () => {} }, env: () => undefined };
const configOf = (url: string, settings: Settings = {}) => v.parse(pgConfig, { dsn: url, ...settings });

async function connectorOf(url: string, settings: Settings = {}): Promise<Connector> {
  const connector = await connectPostgres(configOf(url, settings), "prefer", HOST);
  closers.push(() => connector.close());
  return connector;
}

function driverOf(url: string, settings: Settings = {}): Driver {
  const config = configOf(url, settings);
  const { pool, statement_timeout_ms: statementTimeoutMs } = config;
  const target = readTarget(config, "prefer");
  const driver = openDriver({
    target,
    max: pool.max,
    waitMs: pool.wait_ms,
    statementTimeoutMs,
    greeting: greetingOf(config),
  });
  closers.push(() => driver.close());
  return driver;
}

const run = (driver: Pick<Driver, "execute">, text: string, values: string[] = [], stop = signal) =>
  driver.execute({ text, values }, stop);

const cell = async (driver: Pick<Driver, "execute">, text: string) => (await run(driver, text)).rows[0]?.[0];

/** What a failing promise said, without stack and cause. */
async function failure(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DatabaseError)) throw error ?? new Error("It did not fail.");
  const { kind, columns, constraint, connect } = error;
  return JSON.parse(JSON.stringify({ kind, connect, constraint, ...(columns.length > 0 && { columns }) }));
}

describe.skipIf("unavailable" in SERVER)("PostgreSQL", () => {
  let db: Database;
  let connector: Connector;
  let catalog: Catalog;

  beforeAll(async () => {
    db = await createDatabase(SERVER);
    await db.query(DDL);
    connector = await connectorOf(db.url);
    catalog = await connector.introspect(signal);
  });
  afterAll(async () => {
    await Promise.all(closers.map((close) => close()));
    await db.drop();
  });

  const tableOf = (name: string): Table => {
    const table = findTable(catalog, name);
    if (table === undefined) throw new Error(`There is no table ${name}.`);
    return table;
  };
  const columnOf = (table: string, name: string): Column => {
    const column = tableOf(table).columns.find((each) => each.name === name);
    if (column === undefined) throw new Error(`There is no column ${name}.`);
    return column;
  };
  const rows = async (plan: Plan) => (await connector.run(plan, signal)).rows;

  /** Inserts one value and reads it back as JSON text. */
  async function roundTrip(table: string, name: string, value: Value): Promise<string | undefined> {
    const column = columnOf(table, name);
    const plan: Plan = { ...insertOf(tableOf(table), [[{ column, value }]]), returning: [column] };
    const [returned] = await rows(plan);
    return returned?.[0];
  }

  /** As {@link roundTrip}, of a JSON value that is checked first. */
  const store = (name: string, json: Json) => roundTrip("every", name, checkValue(name, columnOf("every", name), json));

  async function find(
    table: string,
    where: Predicate | undefined,
    order: readonly Order[] = [],
  ): Promise<readonly string[]> {
    const byId: Order = { column: columnOf(table, "id"), descending: false };
    const of = { table: tableOf(table), columns: [byId.column], where, order: [...order, byId] };
    const plan: Plan = { kind: "read", ...of, limit: 100, offset: 0 };
    return (await rows(plan)).map(([id]) => id ?? "");
  }

  describe("the values of every type", () => {
    const CASES: readonly (readonly [string, Json, string])[] = [
      ["c_smallint", -32768, "-32768"],
      ["c_integer", 2147483647, "2147483647"],
      ["c_bigint", "9223372036854775807", "9223372036854775807"],
      ["c_oid", 4294967295, "4294967295"],
      ["c_numeric", "123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"],
      ["c_numeric", "NaN", '"NaN"'],
      ["c_numeric", "-Infinity", '"-Infinity"'],
      ["c_price", "12.5", "12.50"],
      ["c_hundreds", "12300", "12300"],
      ["c_real", 0.1, "0.1"],
      ["c_double", "0.1", "0.1"],
      ["c_double", 1e300, "1e+300"],
      ["c_double", "NaN", '"NaN"'],
      ["c_double", "-Infinity", '"-Infinity"'],
      ["c_money", "-92233720368547758.08", "-92233720368547758.08"],
      ["c_boolean", "off", "false"],
      ["c_boolean", true, "true"],
      ["c_text", 'a "b" \\ \u2028 é 🎉\n', JSON.stringify('a "b" \\ \u2028 é 🎉\n')],
      ["c_text", "", '""'],
      ["c_varchar", "véry", '"véry"'],
      ["c_char", "ab", '"ab   "'],
      ["c_inner_char", "x", '"x"'],
      ["c_name", "n", '"n"'],
      ["c_citext", "Ab", '"Ab"'],
      ["c_date", "2024-02-29", '"2024-02-29"'],
      ["c_date", "infinity", '"infinity"'],
      ["c_date", "0044-03-15 BC", '"0044-03-15 BC"'],
      ["c_date", "5874897-12-31", '"5874897-12-31"'],
      ["c_time", "24:00:00", '"24:00:00"'],
      ["c_time", "12:34:56.123456", '"12:34:56.123456"'],
      ["c_timetz", "12:34:56+05:30", '"12:34:56+05:30"'],
      ["c_timestamp", "2024-01-02T03:04:05.123456", '"2024-01-02 03:04:05.123456"'],
      ["c_timestamp", "-infinity", '"-infinity"'],
      ["c_timestamp", "0044-03-15 12:00:00 BC", '"0044-03-15 12:00:00 BC"'],
      ["c_timestamptz", "2024-01-02 03:04:05.123456Z", '"2024-01-02T08:34:05.123456+05:30"'],
      ["c_timestamptz", "infinity", '"infinity"'],
      ["c_uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
      ["c_json", { b: 1, a: [null, 1.1] }, '{"b":1,"a":[null,1.1]}'],
      ["c_jsonb", "text", '"text"'],
      ["c_jsonb", false, "false"],
      ["c_mood", "it's ok", '"it\'s ok"'],
      ["c_interval", "P1DT2H", '"1 day 02:00:00"'],
      ["c_inet", "10.0.0.1/8", '"10.0.0.1/8"'],
      ["c_bits", "101", '"101"'],
      ["c_range", "[1,5)", '"[1,5)"'],
      ["c_multirange", "{[1,5),[7,9)}", '"{[1,5),[7,9)}"'],
      ["c_xml", "<a>b</a>", '"<a>b</a>"'],
      ["c_point", "(1,2)", '"(1,2)"'],
      ["c_vector", "a b", "\"'a' 'b'\""],
      ["c_pair", "(1,x)", '"(1,x)"'],
      ["c_email", "a@b", '"a@b"'],
      ["c_integers", [1, null, -3], "[1,null,-3]"],
      ["c_integers", [], "[]"],
      [
        "c_integers",
        [
          [1, 2],
          [3, null],
        ],
        "[[1,2],[3,null]]",
      ],
      [
        "c_texts",
        ["", "NULL", null, 'a "quoted" \\ , {}', "null "],
        '["","NULL",null,"a \\"quoted\\" \\\\ , {}","null "]',
      ],
      ["c_numerics", ["1.50", "NaN"], '[1.50,"NaN"]'],
      ["c_booleans", [true, null, "no"], "[true,null,false]"],
      ["c_stamps", ["2024-01-02 03:04:05Z", null], '["2024-01-02T08:34:05+05:30",null]'],
      ["c_jsons", [{ a: "," }, 1, null], '[{"a": ","},1,null]'],
      ["c_moods", ["sad", "it's ok"], '["sad","it\'s ok"]'],
      ["c_moneys", ["1.25", null], "[1.25,null]"],
      ["c_emails", ["a@b"], '["a@b"]'],
      ["c_boxes", ["(1,1),(0,0)", "(2,2),(1,1)"], '["(1,1),(0,0)","(2,2),(1,1)"]'],
    ];
    beforeAll(async () => {
      connector = await connectorOf(db.url, { timezone: "Asia/Kolkata" });
    });
    it.each(CASES)("%s takes %j", async (name, json, expected) => {
      expect(await store(name, json)).toBe(expected);
    });

    it.each([0, 1, 2, 3, 4, 5, 1000])("%i bytes go in and out as they are, alone and in arrays", async (length) => {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + 200) % 256);
      const expected = JSON.stringify(Buffer.from(bytes).toString("base64"));
      expect(await roundTrip("every", "c_bytea", bytes)).toBe(expected);
      expect(await roundTrip("every", "c_byteas", [bytes, null])).toBe(`[${expected},null]`);
    });

    it("arrays of any texts survive, as the server reads and writes them", async () => {
      const texts = fc.array(fc.option(fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""))), {
        maxLength: 5,
      });
      await fc.assert(
        fc.asyncProperty(texts, async (list) => {
          expect(JSON.parse((await store("c_texts", list)) ?? "")).toEqual(list);
        }),
        { numRuns: 200 },
      );
    });

    it("an array may begin at another index than 1", async () => {
      await db.query(
        "CREATE TABLE shifted (id int, a int[]); INSERT INTO shifted VALUES (1, '[0:1]={7,8}'), (2, '[2:2][0:1]={{1,NULL}}')",
      );
      const fresh = await connector.introspect(signal);
      const table = findTable(fresh, "shifted") as Table;
      const plan: Plan = {
        kind: "read",
        table,
        columns: table.columns.slice(1),
        where: undefined,
        order: [],
        limit: undefined,
        offset: 0,
      };
      expect(await rows(plan)).toEqual([["[7,8]"], ["[[1,null]]"]]);
    });

    it("what a timestamp before Christ reads as can be written again", async () => {
      const text = JSON.parse((await store("c_timestamptz", "0044-03-15 12:00:00+00 BC")) ?? "");
      expect(text).toMatch(/^0044-03-15T.* BC$/);
      expect(await store("c_timestamptz", text)).toBe(JSON.stringify(text));
    });

    it("json of several lines becomes one line", async () => {
      expect(await roundTrip("every", "c_json", '{\n  "a": "x\\ny"\r\n}')).toBe('{   "a": "x\\ny" }');
    });

    it("a value out of range or too long says so", async () => {
      expect(() => checkValue("c_smallint", columnOf("every", "c_smallint"), 32768)).toThrow(
        "between -32768 and 32767",
      );
      expect(() => checkValue("c_integers", columnOf("every", "c_integers"), [2 ** 31])).toThrow("between");
      expect(() => checkValue("c_moods", columnOf("every", "c_moods"), ["angry"])).toThrow("must be one of 'sad'");
      expect(await failure(store("c_varchar", "too long"))).toEqual({ kind: "too_long" });
      expect(await failure(store("c_real", "1e39"))).toEqual({ kind: "out_of_range" });
      expect(await failure(store("c_inet", "somewhere"))).toEqual({ kind: "invalid_value" });
      expect(await failure(store("c_bits", "1"))).toEqual({ kind: "invalid_value" });
      expect(await failure(store("c_jsonb", "\0"))).toEqual({ kind: "invalid_value" });
      expect(await failure(roundTrip("every", "c_integers", [["1"], ["2", "3"]]))).toEqual({ kind: "invalid_value" });
      expect(await failure(store("c_email", "no address"))).toEqual({ kind: "check", constraint: "email_check" });
    });

    it("the character NUL is refused by name", async () => {
      const refusal = new Fault("bad_request", "Field 'c_text' can not hold the character NUL.");
      await expect(store("c_text", "a\0b")).rejects.toEqual(refusal);
      await expect(store("c_texts", ["a\0b"])).rejects.toThrow("'c_texts' can not hold");
    });
  });

  describe("introspection", () => {
    it("serves what the account may use and hides partitions", () => {
      const names = catalog.tables.map((table) => `${table.name} ${table.isView}`);
      expect(names).toEqual([
        "Mixed Case false",
        "child false",
        "every false",
        "keyed false",
        "measure false",
        "node false",
        "parent false",
        "tally true",
        "totals true",
      ]);
    });

    it("tells how the columns are made", () => {
      const facts = tableOf("keyed").columns.map(
        ({ name, type, autoIncrement, generated, hasDefault, default: value, allowNull }) => ({
          name,
          type,
          autoIncrement,
          generated,
          hasDefault,
          value,
          allowNull,
        }),
      );
      const plain = { autoIncrement: false, generated: false, hasDefault: true, allowNull: true };
      expect(facts).toEqual([
        { ...plain, name: "id", type: "id", autoIncrement: true, generated: true, value: null, allowNull: false },
        { ...plain, name: "mine", type: "integer", autoIncrement: true, value: null, allowNull: false },
        {
          ...plain,
          name: "counted",
          type: "bigint",
          autoIncrement: true,
          value: "nextval('keyed_counted_seq'::regclass)",
          allowNull: false,
        },
        { ...plain, name: "title", type: "string", value: "it's new" },
        { ...plain, name: "amount", type: "integer", value: "-1" },
        { ...plain, name: "doubled", type: "integer", generated: true, value: "(amount * 2)" },
        { ...plain, name: "at", type: "timestamptz", value: "now()" },
        { ...plain, name: "email", type: "text", value: "a@b", allowNull: false },
      ]);
    });

    it("tells types as PostgreSQL names them, with length, precision and values", () => {
      const told = (name: string) => {
        const { dbType, length, precision, scale, values, element } = columnOf("every", name);
        return [dbType, length, precision, scale, values ?? element?.dbType];
      };
      expect(told("c_varchar")).toEqual(["character varying(5)", 5, null, null, undefined]);
      expect(told("c_char")).toEqual(["character(5)", 5, null, null, undefined]);
      expect(told("c_price")).toEqual(["numeric(10,2)", null, 10, 2, undefined]);
      expect(told("c_hundreds")).toEqual(["numeric(3,-2)", null, 3, -2, undefined]);
      expect(told("c_mood")).toEqual(["mood", null, null, null, ["sad", "it's ok"]]);
      expect(told("c_email")).toEqual(["email", null, null, null, undefined]);
      expect(told("c_short")).toEqual(["short_email", 20, null, null, undefined]);
      expect(told("c_texts")).toEqual(["text[]", null, null, null, "text"]);
    });

    it("finds keys, indexes and foreign keys", () => {
      expect(tableOf("parent").key.map((column) => column.name)).toEqual(["b", "a"]);
      expect(tableOf("child").indexes).toEqual([
        { name: "child_pkey", primary: true, unique: true, columns: ["id"] },
        { name: "child_code_key", primary: false, unique: true, columns: ["code"] },
        { name: "child_partial", primary: false, isPart: true, unique: false, columns: ["parent_b"] },
      ]);
      expect(tableOf("child").relations[0]).toMatchObject({
        name: "parent_by_parent_b_parent_a",
        refFields: ["b", "a"],
        onUpdate: "CASCADE",
        onDelete: "SET NULL",
      });
      expect(tableOf("node").relations.map(({ name, kind }) => [name, kind])).toEqual([
        ["parent_by_up", "belongs_to"],
        ["node_by_up", "has_many"],
      ]);
    });

    it("reads other schemas by name, or all of them, and keeps the names of the default one bare", async () => {
      const names = async (settings: Settings) =>
        (await (await connectorOf(db.url, settings)).introspect(signal)).tables.map((table) => table.name);
      expect(await names({ schema: "sales" })).toEqual(["sales.Order"]);
      expect(await names({ schema: "sales, public" })).toContain("keyed");
      expect(await names({ schema: "*" })).toEqual(expect.arrayContaining(["sales.Order", "keyed", "other.secret"]));
      expect(await names({ statements: ["SET search_path TO sales"] })).toEqual(["Order"]);
      expect(await names({ schema: "nothing" })).toEqual([]);
    });

    it("leaves out what the account may not touch", async () => {
      await db.query(`CREATE ROLE "${db.database}" LOGIN PASSWORD 'pw'; GRANT SELECT ON keyed TO "${db.database}";
        GRANT SELECT (id, code) ON child TO "${db.database}"; GRANT USAGE ON SCHEMA sales TO "${db.database}"`);
      const url = new URL(db.url);
      Object.assign(url, { username: db.database, password: "pw" });
      const limited = await connectorOf(url.href, { schema: "*" });
      const { tables } = await limited.introspect(signal);
      expect(tables.map((table) => [table.name, table.columns.length])).toEqual([
        ["child", 2],
        ["keyed", 8],
      ]);
      const plan: Plan = { kind: "delete", table: tableOf("keyed"), where: undefined, returning: [] };
      expect(await failure(limited.run(plan, signal))).toEqual({ kind: "privilege" });
      await limited.close();
      await db.query(`DROP OWNED BY "${db.database}"; DROP ROLE "${db.database}"`);
    });

    it("reads 500 tables in a moment", async () => {
      await db.query(`CREATE SCHEMA many; DO $$ BEGIN FOR i IN 1..500 LOOP
        EXECUTE format('CREATE TABLE many.t%s (id serial PRIMARY KEY, a text UNIQUE, b int, c numeric(9,2), d date, e jsonb, up int REFERENCES many.t%s)', i, i);
        END LOOP; END $$; ANALYZE`);
      const many = await connectorOf(db.url, { schema: "many" });
      await many.introspect(signal);
      const began = performance.now();
      expect((await many.introspect(signal)).tables).toHaveLength(500);
      const took = performance.now() - began;
      expect(took).toBeLessThan(1_000);
    });
  });

  describe("conditions and order", () => {
    const at = (column: string, value: Value, op: "=" | "!=" | "<" | ">" = "="): Predicate => {
      const found = columnOf("node", column);
      return { kind: "compare", left: { column: found, path: [], as: found.family }, op, value };
    };
    const inside = (path: (string | number)[], as: Column["family"], column = "doc") => ({
      column: columnOf("node", column),
      path,
      as,
    });
    const like = (column: string, text: string, how: "pattern" | "contains" | "ends_with" = "contains"): Predicate => {
      const found = columnOf("node", column);
      return { kind: "match", left: { column: found, path: [], as: found.family }, how, text };
    };

    it.each<[string, Value, string[]]>([
      ["doc", '{"a":1,"b":"x"}', ["1"]],
      ["plain", '{"a":1}', ["1"]],
      ["cost", "1234.50", ["1"]],
      ["tags", ["a", "b"], ["1"]],
      ["plains", ['{"a":1}'], ["1"]],
      ["spot", "(1,2)", ["1"]],
      ["note", "<a/>", ["1"]],
      ["state", "sad", ["1"]],
      ["nick", "ANN", ["1"]],
      ["padded", "ab", ["1"]],
    ])("%s = %j", async (column, value, expected) => {
      expect(await find("node", at(column, value))).toEqual(expected);
      const found = columnOf("node", column);
      expect(
        await find("node", { kind: "in", left: { column: found, path: [], as: found.family }, values: [value] }),
      ).toEqual(expected);
    });

    it.each<[string, string, "pattern" | "contains" | "ends_with", string[]]>([
      ["id", "1", "contains", ["1"]],
      ["state", "sa%", "pattern", ["1"]],
      ["doc", '"b": "x"', "contains", ["1"]],
      ["cost", "234", "contains", ["1"]],
      ["padded", "b", "ends_with", ["1"]],
      ["nick", "aN", "contains", ["1"]],
      ["tags", "a,b", "contains", ["1"]],
      ["spot", "(1", "contains", ["1"]],
      ["label", "100%_!", "contains", ["2"]],
    ])("%s is matched as text with %s", async (column, text, how, expected) => {
      expect(await find("node", like(column, text, how))).toEqual(expected);
    });

    it.each(["doc", "plain"])("reaches into %s", async (column) => {
      const compare = (path: (string | number)[], as: Column["family"], value: Value, op: "=" | "<" | ">" = "=") =>
        find("node", { kind: "compare", left: inside(path, as, column), op, value });
      await db.query(`UPDATE node SET doc = s.v::jsonb, plain = s.v FROM (VALUES
        (1, '{"a": 1, "t": "x", "ok": true, "list": [10, {"k \\"q\\"": "deep"}], "n": null}'::json),
        (2, '{"a": "1", "t": "y, z", "ok": false}'::json)) s (id, v) WHERE node.id = s.id`);
      expect(await compare(["a"], "float", "1.0")).toEqual(["1"]);
      expect(await compare(["a"], "float", "0", ">")).toEqual(["1"]);
      expect(await compare(["a"], "string", "1")).toEqual(["1", "2"]);
      expect(await compare(["t"], "string", "y, z")).toEqual(["2"]);
      expect(await compare(["ok"], "boolean", true)).toEqual(["1"]);
      expect(await compare(["list", 0], "float", "10")).toEqual(["1"]);
      expect(await compare(["list", 1, 'k "q"'], "string", "deep")).toEqual(["1"]);
      expect(await find("node", { kind: "null", left: inside(["n"], "json", column) })).toEqual(["1", "2", "3"]);
      expect(await find("node", { kind: "null", left: inside(["missing"], "json", column) })).toEqual(["1", "2", "3"]);
      expect(await find("node", { kind: "in", left: inside(["a"], "float", column), values: ["1", "7"] })).toEqual([
        "1",
      ]);
      expect(
        await find("node", { kind: "match", left: inside(["t"], "json", column), how: "starts_with", text: "y," }),
      ).toEqual(["2"]);
    });

    it.each(["doc", "plain", "cost", "spot", "note", "tags", "plains", "state"])("orders by %s", async (column) => {
      const order = (descending: boolean): Order => ({ column: columnOf("node", column), descending, nulls: "last" });
      expect((await find("node", undefined, [order(true)])).length).toBe(3);
    });

    it("pages with bound numbers, and counts", async () => {
      const plan: Plan = {
        kind: "read",
        table: tableOf("node"),
        columns: [columnOf("node", "id")],
        where: undefined,
        order: [{ column: columnOf("node", "id"), descending: true }],
        limit: 1,
        offset: 1,
      };
      expect(await rows(plan)).toEqual([["2"]]);
      expect(await connector.run({ kind: "count", table: tableOf("node"), where: undefined }, signal)).toEqual({
        rows: [],
        count: 3,
      });
    });

    it("a name keeps its case", () => {
      expect(findTable(catalog, "mixed case")).toBeUndefined();
      expect(findTable(catalog, "Mixed Case")?.columns[0]?.name).toBe('The "Id"');
    });
  });

  describe("writes", () => {
    const insert = (table: string, row: Record<string, Value>, upsert = false): Plan => ({
      ...insertOf(tableOf(table), [
        Object.entries(row).map(([name, value]) => ({ column: columnOf(table, name), value })),
      ]),
      upsert,
      returning: tableOf(table).key,
    });

    it("names what a constraint refuses", async () => {
      await rows(insert("parent", { a: "1", b: "1" }));
      await rows(insert("child", { id: "1", code: "x", parent_b: "1", parent_a: "1" }));
      expect(await failure(rows(insert("child", { id: "2", code: "x" })))).toEqual({
        kind: "unique",
        constraint: "child_code_key",
      });
      expect(await failure(rows(insert("child", { id: "2", parent_b: "9", parent_a: "9" })))).toEqual({
        kind: "foreign_key",
        columns: ["parent_b", "parent_a"],
      });
      expect(await failure(rows(insert("child", { id: "2", code: null })))).toEqual({
        kind: "not_null",
        columns: ["code"],
      });
      expect(await failure(rows(insert("child", { id: "-1", code: "y" })))).toEqual({
        kind: "check",
        constraint: "child_id_check",
      });
      expect(await failure(rows(insert("measure", { id: "-1" })))).toEqual({ kind: "check" });
      expect(await failure(rows(insert("keyed", { id: "1" })))).toEqual({ kind: "rejected" });
      expect(await failure(rows(insert("totals", { n: "1" })))).toEqual({ kind: "rejected" });
      expect(await failure(rows(insert("node", { id: "99" })))).toEqual({ kind: "rejected" });
    });

    it("upserts by the key, twice the same", async () => {
      const column = columnOf("child", "code");
      await rows(insert("child", { id: "50", code: "first" }, true));
      await rows(insert("child", { id: "50", code: "second" }, true));
      const where: Predicate = { kind: "keys", columns: tableOf("child").key, keys: [["50"]] };
      const read: Plan = {
        kind: "read",
        table: tableOf("child"),
        columns: [column],
        where,
        order: [],
        limit: undefined,
        offset: 0,
      };
      expect(await rows(read)).toEqual([['"second"']]);
    });

    it("a transaction holds whole or not at all, deferred constraints included", async () => {
      const count = async () =>
        (await connector.run({ kind: "count", table: tableOf("child"), where: undefined }, signal)).count;
      const before = await count();
      const work = connector.transaction(async (inside) => {
        await inside.run(insert("child", { id: "70", code: "70" }), signal);
        throw new Error("changed my mind");
      }, signal);
      await expect(work).rejects.toThrow("changed my mind");
      const swallowed = connector.transaction(async (inside) => {
        await inside.run(insert("child", { id: "71", code: "71" }), signal);
        await inside.run(insert("child", { id: "71", code: "71" }), signal).catch(() => undefined);
      }, signal);
      expect(await failure(swallowed)).toEqual({ kind: "conflict" });
      const deferred = connector.transaction(
        (inside) => inside.run(insert("node", { id: "80", up: "999" }), signal),
        signal,
      );
      expect(await failure(deferred)).toEqual({ kind: "foreign_key", columns: ["up"] });
      expect(await count()).toBe(before);
    });

    const readOf = async (fresh: Connector, name: string): Promise<Extract<Plan, { kind: "read" }>> => {
      const table = findTable(await fresh.introspect(signal), name) as Table;
      return { kind: "read", table, columns: table.columns, where: undefined, order: [], limit: 5, offset: 0 };
    };

    // Read three times before, the statement is prepared; not at all, it is not.
    it("a table that is made again with another type takes values of that type, however often the statement ran", async () => {
      const driver = driverOf(db.url, { pool: { max: 1 } });
      const look = (value: string) => run(driver, "SELECT a FROM remade WHERE a = $1", [value]);
      await db.query("CREATE TABLE remade (a INTEGER); INSERT INTO remade VALUES (1)");
      for (let n = 0; n < 3; n++) expect((await look("1")).rows).toEqual([["1"]]);
      await db.query("DROP TABLE remade; CREATE TABLE remade (a TEXT); INSERT INTO remade VALUES ('one')");
      for (let n = 0; n < 3; n++) expect((await look("one")).rows).toEqual([["one"]]);
    });

    it.each([0, 3])("a table that changes after %i reads is stale until its catalog is read again", async (before) => {
      await db.query("CREATE TABLE changing (id int, j json); INSERT INTO changing VALUES (1, '{}')");
      const fresh = await connectorOf(db.url, { pool: { max: 1 } });
      const known = await readOf(fresh, "changing");
      for (let n = 0; n < before; n++) await fresh.run(known, signal);
      await db.query("ALTER TABLE changing ALTER j TYPE text USING 'hello'");
      for (let n = 0; n < 3; n++) expect(await failure(fresh.run(known, signal))).toEqual({ kind: "stale_plan" });
      const renewed = await readOf(fresh, "changing");
      expect((await fresh.run(renewed, signal)).rows).toEqual([["1", '"hello"']]);
      await db.query("ALTER TABLE changing DROP j");
      expect(await failure(fresh.run(renewed, signal))).toEqual({ kind: "undefined_object" });
      await db.query("DROP TABLE changing");
      expect(await failure(fresh.run(renewed, signal))).toEqual({ kind: "undefined_object" });
    });

    it("a write into a table that has changed is done once, and answers by the new types", async () => {
      await db.query("CREATE TABLE turned (id int, j json, b bytea, f boolean, n text, a int, l int[])");
      const fresh = await connectorOf(db.url);
      const { table } = await readOf(fresh, "turned");
      await db.query(`ALTER TABLE turned ALTER j TYPE text, ALTER b TYPE text, ALTER f TYPE text, ALTER n TYPE numeric USING 0,
        ALTER a TYPE int[] USING NULL, ALTER l TYPE text USING NULL; ALTER TABLE turned ALTER j SET DEFAULT 'hello',
        ALTER b SET DEFAULT 'hey', ALTER f SET DEFAULT 'no', ALTER n SET DEFAULT 1.50, ALTER a SET DEFAULT '{1}', ALTER l SET DEFAULT 'x'`);
      const [id] = table.columns;
      if (id === undefined) throw new Error("There is no column.");
      const plan: Plan = { ...insertOf(table, [[{ column: id, value: "1" }]]), returning: table.columns };
      const answer = ["1", '"hello"', '"hey"', '"no"', "1.50", '"{1}"', '"x"'];
      for (let n = 0; n < 3; n++) expect((await fresh.run(plan, signal)).rows).toEqual([answer]);
      expect((await fresh.run({ kind: "count", table, where: undefined }, signal)).count).toBe(3);
    });

    it("domains, enums, arrays and money are no change of types", async () => {
      await db.query(`CREATE DOMAIN small AS int CHECK (VALUE < 10); CREATE DOMAIN smaller AS small; CREATE DOMAIN list AS small[];
        CREATE TYPE shade AS ENUM ('dark'); CREATE TABLE kinds (a small, b smaller, c list, d small[], e shade, f shade[], g money,
        h money[], i varchar(5), j "char", k name, l bit(3), m inet, n int[][], o tsvector, p point, q shade);
        INSERT INTO kinds DEFAULT VALUES; CREATE VIEW kinds_view AS SELECT *, 'x' AS r, NULL AS s, 1 + a AS t FROM kinds`);
      for (const name of ["kinds", "kinds_view"]) {
        const plan = await readOf(connector, name);
        expect((await connector.run(plan, signal)).rows.length).toBe(1);
      }
    });
  });

  describe("the family", () => {
    it.each([pgsql, alloydb, neon])("opens and tests a service", async (type) => {
      const log = { writes: () => false, log: () => {} };
      const host = { name: "db", log, env: () => undefined };
      const service = await type.open(configOf(db.url), host);
      await service.test(signal);
      await service.close();
      const lost = await type.open(configOf(db.url.replace(/:\d+\//, ":1/")), host);
      await expect(lost.test(signal)).rejects.toThrow("The connection was refused");
      await lost.close();
    });

    it("Neon asks for TLS unless told otherwise", () => {
      const mode = (settings: Settings) => readTarget(configOf(db.url, settings), "require").tls.mode;
      expect(mode({})).toBe("require");
      expect(mode({ ssl: { mode: "verify-full" } })).toBe("verify-full");
      expect(mode({ sslmode: "disable" })).toBe("disable");
      expect([pgsql, alloydb, neon].map(({ name, label }) => [name, label])).toEqual([
        ["pgsql", "PostgreSQL"],
        ["alloydb", "AlloyDB"],
        ["neon", "Neon"],
      ]);
    });
  });

  describe("connections", () => {
    const withUrl = (
      change: Partial<Pick<URL, "password" | "username" | "pathname" | "port" | "hostname" | "search">>,
    ) => {
      const url = new URL(db.url);
      return Object.assign(url, change).href;
    };
    const attempt = (url: string, settings: Settings = {}) => failure(run(driverOf(url, settings), "SELECT 1"));

    it("say why they can not be made", async () => {
      expect(await attempt(withUrl({ password: "wrong" }))).toEqual({ kind: "unavailable", connect: "password" });
      expect(await attempt(withUrl({ password: "" }))).toEqual({ kind: "unavailable", connect: "password" });
      expect(await attempt(withUrl({ username: "nobody" }))).toEqual({ kind: "unavailable", connect: "password" });
      expect(await attempt(withUrl({ pathname: "/nowhere" }))).toEqual({ kind: "unavailable", connect: "no_database" });
      expect(await attempt(withUrl({ port: "1" }))).toEqual({ kind: "unavailable", connect: "refused" });
      expect(await attempt(withUrl({ hostname: "no-such-host.invalid" }))).toEqual({
        kind: "unavailable",
        connect: "name_not_found",
      });
      expect(await attempt(db.url, { statements: ["SELECT nonsense"] })).toEqual({ kind: "unavailable" });
      expect(await attempt(db.url, { timezone: "Mars/Olympus" })).toEqual({ kind: "unavailable" });
      expect(await attempt(db.url, { pool: { wait_ms: 300 }, statements: ["SELECT pg_sleep(5)"] })).toEqual({
        kind: "unavailable",
        connect: "unreachable",
      });
    });

    it("give up on a server that accepts and says nothing", async () => {
      const silent = createServer(() => {});
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const { port } = silent.address() as { port: number };
      const driver = driverOf(withUrl({ port: String(port) }), { pool: { max: 1, wait_ms: 200 } });
      const both = await Promise.all([failure(run(driver, "SELECT 1")), failure(run(driver, "SELECT 2"))]);
      expect(both).toEqual([
        { kind: "unavailable", connect: "unreachable" },
        { kind: "unavailable", connect: "unreachable" },
      ]);
      const stop = AbortSignal.timeout(50);
      expect(await failure(run(driver, "SELECT 1", [], stop))).toEqual({ kind: "timeout" });
      silent.close();
    });

    it.skipIf(!("caFile" in SERVER && SERVER.caFile))("are secured as far as is asked", async () => {
      const ca = "caFile" in SERVER && SERVER.caFile ? readFileSync(SERVER.caFile, "utf8") : "";
      const secured = (settings: Settings, url = db.url) =>
        cell(driverOf(url, settings), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
      expect(await secured({ ssl: { mode: "disable" } })).toBe("f");
      expect(await secured({})).toBe("t");
      expect(await secured({ ssl: { mode: "require" } })).toBe("t");
      expect(await secured({ ssl: { mode: "require", ca } })).toBe("t");
      expect(await secured({ ssl: { mode: "verify-full", ca } })).toBe("t");
      expect(await secured({ ssl: { mode: "verify-full", ca } }, withUrl({ hostname: "localhost" }))).toBe("t");
      expect(await secured({ sslmode: "disable", ssl: { mode: "verify-full" } })).toBe("f");
      expect(await secured({}, withUrl({ search: "?sslmode=disable" }))).toBe("f");
      const unnamed = withUrl({ hostname: "127.0.0.2" });
      const tls = { kind: "unavailable", connect: "tls" };
      expect(await attempt(db.url, { ssl: { mode: "verify-full" } })).toEqual(tls);
      expect(await attempt(db.url, { sslmode: "verify-ca" })).toEqual(tls);
      expect(await attempt(db.url, { ssl: { mode: "require", ca: "no certificate" } })).toEqual(tls);
      expect((await attempt(unnamed, { ssl: { mode: "verify-full", ca } })).connect).toMatch(/tls|refused/);
    });

    it("fall back to plain text only where TLS is a wish", async () => {
      const real = new URL(db.url);
      const withoutTls = createServer((client) => {
        client.once("data", (first) => {
          const isTlsRequest = first.length === 8 && first.readInt32BE(4) === 80877103;
          if (isTlsRequest) client.write("N");
          const server = connect(Number(real.port), real.hostname, () => {
            if (!isTlsRequest) server.write(first);
            client.pipe(server).pipe(client);
          });
          for (const each of [client, server]) each.on("error", () => [client, server].map((one) => one.destroy()));
        });
        client.on("error", () => client.destroy());
      });
      await new Promise<void>((resolve) => withoutTls.listen(0, "127.0.0.1", resolve));
      const url = withUrl({ port: String((withoutTls.address() as { port: number }).port) });
      const driver = driverOf(url, { sslmode: "prefer" });
      expect(await Promise.all([1, 2, 3].map(() => cell(driver, "SELECT 1")))).toEqual(["1", "1", "1"]);
      expect(await attempt(url, { sslmode: "require" })).toEqual({ kind: "unavailable", connect: "tls" });
      expect(await attempt(url.replace(/:[^:@]+@/, ":wrong@"))).toEqual({ kind: "unavailable", connect: "password" });
      await driver.close();
      withoutTls.close();
    });

    it("read their URL with care", () => {
      const target = (dsn: string) => readTarget(v.parse(pgConfig, { dsn, username: "u" }), "prefer");
      expect(target("postgres://a%40b:p%2Fw@[::1]:6000/d%20b?sslmode=require&application_name=app")).toMatchObject({
        host: "::1",
        port: 6000,
        user: "a@b",
        password: "p/w",
        database: "d b",
        applicationName: "app",
        tls: { mode: "require" },
      });
      expect(target("postgresql://h")).toMatchObject({ host: "h", port: 5432, user: "u", database: "u" });
      for (const wrong of [
        "mysql://h/d",
        "h:5432",
        "postgres://h/d?sslmode=maybe",
        "postgres://h/d?sslrootcert=/x",
        "postgres://%zz@h/d",
      ]) {
        expect(() => target(wrong)).toThrow(Fault);
      }
      expect(() => readTarget(v.parse(pgConfig, {}), "prefer")).toThrow("needs a user name");
    });

    it("are ready as the decoder needs them, whatever the statements say", async () => {
      const driver = driverOf(db.url, {
        statements: [
          "SET DateStyle TO 'SQL, DMY'",
          "SET IntervalStyle TO 'iso_8601'",
          "SET bytea_output TO 'escape'",
          "SET TIME ZONE 'Asia/Tokyo'",
        ],
        application_name: "a 'quoted' name",
      });
      expect(
        (
          await run(
            driver,
            "SELECT '2024-01-02'::date, '1 day'::interval, '\\x00'::bytea, current_setting('TimeZone'), current_setting('application_name')",
          )
        ).rows[0],
      ).toEqual(["2024-01-02", "1 day", "\\x00", "Asia/Tokyo", "a 'quoted' name"]);
    });

    it("wait for a free one no longer than they may", async () => {
      const driver = driverOf(db.url, { pool: { max: 1, wait_ms: 200 } });
      const slow = run(driver, "SELECT pg_sleep(1)");
      await cell(driver, "SELECT 1").catch(() => undefined);
      const began = performance.now();
      expect(await failure(run(driver, "SELECT 2"))).toEqual({ kind: "saturated" });
      expect(performance.now() - began).toBeLessThan(600);
      await slow;
      expect(await cell(driver, "SELECT 3")).toBe("3");
    });

    it("end a statement at its time, by the server or without it", async () => {
      const driver = driverOf(db.url, { pool: { max: 1 }, statement_timeout_ms: 200 });
      expect(await failure(run(driver, "SELECT pg_sleep(5)"))).toEqual({ kind: "timeout" });
      expect(await cell(driver, "SELECT 1")).toBe("1");
      const deaf = "SELECT set_config('statement_timeout', '0', false)";
      await run(driver, deaf);
      const pid = await cell(driver, "SELECT pg_backend_pid()");
      expect(await failure(run(driver, "SELECT pg_sleep(5)"))).toEqual({ kind: "timeout" });
      expect(await cell(driver, "SELECT pg_backend_pid()")).not.toBe(pid);
    });

    it("stop the work of a cancelled request on the server too", async () => {
      const driver = driverOf(db.url, { pool: { max: 2 } });
      const controller = new AbortController();
      const sleeping = run(driver, "SELECT pg_sleep(20) /* cancelled */", [], controller.signal);
      setTimeout(() => controller.abort(), 100);
      expect(await failure(sleeping)).toEqual({ kind: "timeout" });
      expect(await failure(run(driver, "SELECT 1", [], controller.signal))).toEqual({ kind: "timeout" });
      const left = () => cell(driver, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(20)%'");
      await expect.poll(left, { timeout: 5_000 }).toBe("0");
    });

    it("killed while they idle are replaced in silence; killed at work they fail", async () => {
      const driver = driverOf(db.url, { pool: { max: 3 } });
      const pids = async () =>
        (await Promise.all([1, 2, 3].map((n) => run(driver, `SELECT pg_backend_pid(), pg_sleep(0.05), ${n}`)))).map(
          (each) => each.rows[0]?.[0],
        );
      const before = await pids();
      await db.query(`SELECT ${before.map((pid) => `pg_terminate_backend(${pid})`).join(", ")}`);
      expect(new Set([...before, ...(await pids())]).size).toBe(6);
      const [working] = await Promise.all([
        failure(run(driver, "SELECT pg_sleep(10)")),
        new Promise((resolve) => setTimeout(resolve, 400)).then(() =>
          db.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(10)'"),
        ),
      ]);
      expect(working).toEqual({ kind: "unavailable", connect: "lost" });
      expect(await cell(driver, "SELECT 1")).toBe("1");
      const broken = driver.transaction(async (inside) => {
        const pid = await cell(inside, "SELECT pg_backend_pid()");
        await db.query(`SELECT pg_terminate_backend(${pid})`);
        await run(inside, "SELECT 1");
      }, signal);
      expect(await failure(broken)).toEqual({ kind: "unavailable", connect: "lost" });
    });

    it("a transaction whose time is up is undone", async () => {
      const driver = driverOf(db.url, { pool: { max: 1 }, statement_timeout_ms: 200 });
      const work = driver.transaction(async (inside) => {
        await run(inside, "INSERT INTO measure VALUES (77)");
        await run(inside, "SELECT pg_sleep(5)");
      }, signal);
      expect(await failure(work)).toEqual({ kind: "timeout" });
      expect(await cell(driver, "SELECT count(*) FROM measure WHERE id = 77")).toBe("0");
    });

    it("prepare what comes again, and make way before they hold too much", async () => {
      const driver = driverOf(db.url, { pool: { max: 1 } });
      for (let n = 0; n < 3; n++) await run(driver, "SELECT 'again'");
      expect(await cell(driver, "SELECT count(*) FROM pg_prepared_statements")).toBe("1");
      const pid = await cell(driver, "SELECT pg_backend_pid()");
      for (let n = 0; n < 1_000; n++) for (let twice = 0; twice < 2; twice++) await run(driver, `SELECT ${n}`);
      expect(await cell(driver, "SELECT pg_backend_pid()")).not.toBe(pid);
    });

    it("survive a restart, a crash and a hang of their server", async (context) => {
      const own = await startPrivatePostgres();
      if (!(own instanceof OwnServer)) return context.skip();
      const driver = driverOf(own.url, { pool: { max: 2, wait_ms: 1_000 }, statement_timeout_ms: 500 });
      const pair = () => Promise.all([cell(driver, "SELECT 1"), cell(driver, "SELECT 1")]);
      try {
        await pair();
        await own.restart();
        expect(await pair()).toEqual(["1", "1"]);
        await own.kill();
        expect(await failure(run(driver, "SELECT 1"))).toEqual({ kind: "unavailable", connect: "refused" });
        await own.start();
        // Attempts to connect may still rest for a moment.
        await expect.poll(() => pair().catch(() => []), { timeout: 1_000 }).toEqual(["1", "1"]);
        own.freeze();
        expect(await failure(run(driver, "SELECT 1"))).toEqual({ kind: "timeout" });
        own.thaw();
        await expect.poll(() => cell(driver, "SELECT 1").catch(() => ""), { timeout: 5_000 }).toBe("1");
      } finally {
        own.thaw();
        await own.close();
      }
    });
  });
});

const DDL = `
CREATE EXTENSION citext;
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
CREATE TYPE pair AS (n int, t text);
CREATE DOMAIN email AS text NOT NULL DEFAULT 'a@b' CHECK (VALUE LIKE '%@%');
CREATE DOMAIN any_short AS varchar(20);
CREATE DOMAIN short_email AS any_short CHECK (VALUE LIKE '%@%');
CREATE TABLE every (
  c_smallint smallint, c_integer integer, c_bigint bigint, c_oid oid, c_numeric numeric, c_price numeric(10,2),
  c_hundreds numeric(3,-2), c_real real, c_double double precision, c_money money, c_boolean boolean, c_text text,
  c_varchar varchar(5), c_char char(5), c_inner_char "char", c_name name, c_citext citext, c_bytea bytea, c_date date,
  c_time time, c_timetz timetz, c_timestamp timestamp, c_timestamptz timestamptz, c_uuid uuid, c_json json, c_jsonb jsonb,
  c_mood mood, c_interval interval, c_inet inet, c_bits bit(3), c_range int4range, c_multirange int4multirange, c_xml xml,
  c_point point, c_vector tsvector, c_pair pair, c_email email, c_short short_email, c_integers int[], c_texts text[],
  c_numerics numeric[], c_booleans boolean[], c_stamps timestamptz[], c_jsons jsonb[], c_moods mood[], c_moneys money[],
  c_emails email[], c_byteas bytea[], c_boxes box[]);
CREATE TABLE keyed (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mine int GENERATED BY DEFAULT AS IDENTITY, counted bigserial,
  title varchar(40) DEFAULT 'it''s new', amount int DEFAULT -1, doubled int GENERATED ALWAYS AS (amount * 2) STORED,
  at timestamptz DEFAULT now(), email email);
CREATE TABLE parent (a int, b int, PRIMARY KEY (b, a));
CREATE TABLE child (
  id int PRIMARY KEY CHECK (id > 0), code text NOT NULL DEFAULT gen_random_uuid() UNIQUE, parent_b int, parent_a int,
  FOREIGN KEY (parent_b, parent_a) REFERENCES parent (b, a) ON UPDATE CASCADE ON DELETE SET NULL);
CREATE UNIQUE INDEX child_partial ON child (parent_b) WHERE parent_a IS NULL;
CREATE UNIQUE INDEX child_lower ON child (lower(code));
CREATE TABLE measure (id int) PARTITION BY RANGE (id);
CREATE TABLE measure_1 PARTITION OF measure FOR VALUES FROM (0) TO (1000);
CREATE TABLE node (
  id int PRIMARY KEY, up int REFERENCES node DEFERRABLE INITIALLY DEFERRED, doc jsonb, plain json, cost money, tags text[],
  plains json[], spot point, note xml, state mood, nick citext, padded char(5), label text);
INSERT INTO node VALUES
  (1, NULL, '{"a":1,"b":"x"}', '{"a":1}', 1234.50, '{a,b}', '{"{\\"a\\":1}"}', '(1,2)', '<a/>', 'sad', 'Ann', 'ab', '1000_'),
  (2, 1, '{"a":"x"}', '{"a":"x"}', 2, '{}', '{}', '(2,1)', '<b/>', 'it''s ok', 'Bob', 'cd', '100%_!'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not 99'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON node FOR EACH ROW WHEN (NEW.id = 99) EXECUTE FUNCTION refuse();
CREATE VIEW totals AS SELECT count(*) AS n FROM node;
CREATE MATERIALIZED VIEW tally AS SELECT id FROM node;
CREATE TABLE "Mixed Case" ("The ""Id""" int);
CREATE SCHEMA sales; CREATE TABLE sales."Order" (id int PRIMARY KEY);
CREATE SCHEMA other; CREATE TABLE other.secret (id int);
`;
