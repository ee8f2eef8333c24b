import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import { get } from "./reads.ts";

type Call = (path: string, body?: Json) => Promise<unknown>;

const raising = (code: string) =>
  `CREATE FUNCTION raised_${code.toLowerCase()}() RETURNS integer LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'No stock' USING ERRCODE = '${code}'; END$$`;
const CODES = ["MY001", "28000", "P0002", "57014", "26000", "42883", "08006", "23505"];

const POSTGRES = [
  ...CODES.map(raising),
  "CREATE FUNCTION asserted() RETURNS integer LANGUAGE plpgsql AS $$BEGIN ASSERT false, 'hidden'; END$$",
  "CREATE FUNCTION log_in(n text) RETURNS text LANGUAGE sql AS $$SELECT set_config('app.caller', n, false)$$",
  `CREATE PROCEDURE leave_all() LANGUAGE plpgsql AS $$BEGIN
    SET statement_timeout = 0; SET search_path = pg_catalog; SET default_transaction_read_only = on;
    SET DateStyle = 'German'; CREATE TEMP TABLE left_over (a integer); PERFORM pg_advisory_lock(4711); COMMIT; END$$`,
  `CREATE FUNCTION found_of_others() RETURNS text LANGUAGE sql AS $$SELECT concat_ws(',',
    nullif(current_setting('app.caller', true), ''), to_regclass('pg_temp.left_over'),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
    current_setting('default_transaction_read_only'), current_setting('DateStyle'), current_setting('search_path'))$$`,
  "CREATE FUNCTION unnamed_last(integer, integer DEFAULT 5, integer DEFAULT 7) RETURNS integer LANGUAGE sql AS 'SELECT $1*100+$2*10+$3'",
  "CREATE FUNCTION many(n integer) RETURNS SETOF integer LANGUAGE sql AS $$SELECT generate_series(1, n)$$",
  "CREATE FUNCTION long_text(n integer) RETURNS text LANGUAGE sql AS $$SELECT repeat('x', n)$$",
];

/** What authors raise, and what a call leaves behind on its connection, on PostgreSQL. */
export function postgresRaisedCases(fixture: () => Fixture, call: Call): void {
  beforeAll(async () => {
    for (const sql of POSTGRES) await fixture().database.query(sql);
  });

  describe("what an author raises", () => {
    test.each(CODES)("is said, whatever the code: %s", async (code) => {
      const name = `raised_${code.toLowerCase()}`;
      expect(await call(`_func/${name}`, {})).toBe(`400 Function '${name}' refused: No stock`);
    });

    test("is told from what the database says itself", async () => {
      expect(await call("_func/asserted", {})).toBe("400 The database refused the change.");
    });
  });

  test("a call leaves nothing of its session to others, whether it may change data or not", async () => {
    const before = await call("_func/found_of_others");
    await call("_func/log_in('alice')");
    await call("_func/log_in('bob')", {});
    await call("_proc/leave_all", {});
    for (let n = 0; n < 3; n++) expect(await call("_func/found_of_others")).toBe(before);
    const path = "_table/countries";
    expect((await fixture().ask("POST", path, { body: { code: "ZZ", name: "Z" } })).status).toBe(200);
    expect((await fixture().ask("DELETE", `${path}/ZZ`)).status).toBe(200);
    expect((await get(fixture(), "_table/customers/1", { fields: "born" })).status).toBe(200);
  });

  test.each([
    ["_func/unnamed_last(1)", 157],
    ["_func/unnamed_last(1,,2)", "400 Function 'unnamed_last' needs all values before that of its parameter 3."],
    ["_func/total", "400 Function 'total' needs a value for its parameter 'v'."],
    ["_func/lone?returns=constructor", "400 Unknown type 'constructor' in 'returns'."],
    ["_func/many(100001)", "400 Function 'many' gives more than the 100000 rows that a call may answer with."],
    ["_func/long_text(70000000)", "400 Function 'long_text' gives more than the 64 MiB that a call may answer with."],
  ])("%s is answered with %j", async (path, expected) => {
    expect(JSON.parse(JSON.stringify(await call(path)))).toEqual(expected);
  });
}

const MARIADB = [
  "CREATE PROCEDURE signal_45001() SIGNAL SQLSTATE '45001' SET MESSAGE_TEXT = 'No stock'",
  "CREATE PROCEDURE signal_08s01() SIGNAL SQLSTATE '08S01' SET MESSAGE_TEXT = 'No stock'",
  "CREATE PROCEDURE out_resource(OUT resource INT) BEGIN SET resource = 5; SELECT 1 AS a; END",
  "CREATE PROCEDURE leave_all() BEGIN SET SESSION sql_mode = ''; SET @app_caller = 'alice'; SET time_zone = '+05:00'; DO GET_LOCK('left', 1); END",
  "CREATE PROCEDURE found_of_others() SELECT CONCAT_WS(',', @app_caller, @@sql_mode, @@time_zone, IS_USED_LOCK('left'), @@character_set_client, @@character_set_results, @@collation_connection) AS found",
  "CREATE PROCEDURE many() WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT a.i FROM n a JOIN n b",
];

/** The same on MySQL and MariaDB. */
export function mariadbRaisedCases(fixture: () => Fixture, call: Call): void {
  beforeAll(async () => {
    for (const sql of MARIADB) await fixture().database.query(sql);
  });

  test.each(["signal_45001", "signal_08s01"])("what an author signals is said: %s", async (name) => {
    expect(await call(`_proc/${name}`, {})).toBe(`400 Procedure '${name}' refused: No stock`);
  });

  test("a value that comes back is not put in the place of the rows", async () => {
    const why = "has a parameter 'resource': set 'wrapper' to another name for its rows.";
    expect(await call("_proc/out_resource", {})).toBe(`400 Procedure 'out_resource' ${why}`);
    expect(await call("_proc/out_resource?wrapper=rows", {})).toEqual({ rows: [{ a: 1 }], resource: 5 });
  });

  test("a call that gives more rows than an answer may hold is refused", async () => {
    const why = "gives more than the 100000 rows that a call may answer with.";
    expect(await call("_proc/many")).toBe(`400 Procedure 'many' ${why}`);
  });

  test("a call leaves nothing of its session to others", async () => {
    const before = await call("_proc/found_of_others");
    await call("_proc/leave_all", {});
    for (let n = 0; n < 3; n++) expect(await call("_proc/found_of_others")).toEqual(before);
  });
}
