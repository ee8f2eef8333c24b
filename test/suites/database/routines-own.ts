import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";

type Call = (path: string, body?: Json) => Promise<unknown>;

const POSTGRES = [
  "CREATE FUNCTION raise(a integer, by integer DEFAULT 10, note text DEFAULT 'x') RETURNS text LANGUAGE sql AS $$SELECT a + by || note$$",
  "CREATE FUNCTION over(a integer) RETURNS text LANGUAGE sql AS $$SELECT 'integer'$$",
  "CREATE FUNCTION over(a text) RETURNS text LANGUAGE sql AS $$SELECT 'text'$$",
  "CREATE FUNCTION over(a date) RETURNS text LANGUAGE sql AS $$SELECT 'date'$$",
  "CREATE FUNCTION over(a integer, b integer) RETURNS text LANGUAGE sql AS $$SELECT 'two'$$",
  "CREATE FUNCTION alike(a integer) RETURNS text LANGUAGE sql AS $$SELECT 'a'$$",
  "CREATE FUNCTION alike(a smallint) RETURNS text LANGUAGE sql AS $$SELECT 'b'$$",
  "CREATE FUNCTION total(VARIADIC v integer[]) RETURNS integer LANGUAGE sql AS $$SELECT coalesce(sum(x), 0)::integer FROM unnest(v) x$$",
  "CREATE FUNCTION any_rows() RETURNS SETOF record LANGUAGE sql AS $$SELECT 1, 'a'::text, 2.50$$",
  "CREATE FUNCTION series(n integer) RETURNS SETOF integer LANGUAGE sql AS $$SELECT generate_series(1, n)$$",
  "CREATE FUNCTION whole(c text) RETURNS countries LANGUAGE sql AS $$SELECT * FROM countries WHERE code = c$$",
  "CREATE FUNCTION all_of() RETURNS SETOF countries LANGUAGE sql AS $$SELECT * FROM countries WHERE code = 'FR'$$",
  "CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS $$SELECT 1$$",
  "CREATE FUNCTION dear(n money) RETURNS money LANGUAGE sql AS $$SELECT n$$",
  "CREATE FUNCTION reversed(v integer[]) RETURNS integer[] LANGUAGE sql AS $$SELECT array_agg(x ORDER BY x DESC) FROM unnest(v) x$$",
  "CREATE FUNCTION same(v anyelement) RETURNS anyelement LANGUAGE sql AS $$SELECT v$$",
  "CREATE FUNCTION unnamed(integer, integer) RETURNS integer LANGUAGE sql AS $$SELECT $1 - $2$$",
  "CREATE TYPE mood AS ENUM ('sad', 'happy')",
  "CREATE FUNCTION feel(m mood) RETURNS mood LANGUAGE sql AS $$SELECT m$$",
  "CREATE FUNCTION padded(c char) RETURNS text LANGUAGE sql AS $$SELECT c::text$$",
  "CREATE PROCEDURE cursors(INOUT one refcursor, INOUT two refcursor) LANGUAGE plpgsql AS $$BEGIN OPEN one FOR SELECT 1 AS a, '\\x00ff'::bytea AS b; OPEN two FOR SELECT 2.50 AS c; END$$",
  "CREATE PROCEDURE costs(INOUT n money) LANGUAGE plpgsql AS $$BEGIN n := n * 2; END$$",
  "CREATE AGGREGATE my_sum(integer) (sfunc = int4pl, stype = integer)",
  "CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$",
  "CREATE FUNCTION private() RETURNS integer LANGUAGE sql AS $$SELECT 1$$",
  "CREATE SCHEMA other",
  "CREATE FUNCTION other.far() RETURNS integer LANGUAGE sql AS $$SELECT 1$$",
];

/** Overloads, defaults, sets of records and cursors. */
export function postgresOnlyCases(fixture: () => Fixture, call: Call): void {
  describe("functions of many forms", () => {
    beforeAll(async () => {
      for (const sql of POSTGRES) await fixture().database.query(sql);
    });

    test.each<[string, Json | undefined, unknown]>([
      ["_func/raise(1)", undefined, "11x"],
      ["_func/raise(1,2)", undefined, "3x"],
      ["_func/raise(1,,'y')", undefined, "11y"],
      ["_func/raise?a=1&note=z", undefined, "11z"],
      ["_func/raise", { params: { a: 1, note: null } }, null],
      ["_func/over(1)", undefined, "integer"],
      ["_func/over('1')", undefined, "text"],
      ["_func/over('2024-01-02')", undefined, "date"],
      ["_func/over(1,2)", undefined, "two"],
      ["_func/over", { params: { b: 1, a: 2 } }, "two"],
      ["_func/over", { params: { a: 5 } }, "integer"],
      [
        "_func/alike(1)",
        undefined,
        "400 Function 'alike' can not be told by these arguments: alike(a integer); alike(a smallint).",
      ],
      ["_func/alike(99999)", undefined, "a"],
      [
        "_func/alike('x')",
        undefined,
        "400 Function 'alike' has no signature that takes these arguments: alike(a integer); alike(a smallint).",
      ],
      ["_func/total(1,2,3)", undefined, 6],
      ["_func/total", { params: { v: [1, 2] } }, 3],
      ["_func/total", { params: [[4, 5]] }, 9],
      ["_func/series(3)", undefined, [{ series: 1 }, { series: 2 }, { series: 3 }]],
      ["_func/series(1)", undefined, 1],
      ["_func/series(0)", undefined, []],
      ["_func/whole('FR')", undefined, [{ code: "FR", name: "France" }]],
      ["_func/all_of", undefined, [{ code: "FR", name: "France" }]],
      ["_func/nothing", undefined, null],
      ["_func/reversed", { params: [[1, 3, 2]] }, [3, 2, 1]],
      ["_func/same", { params: ["x"] }, "x"],
      ["_func/unnamed(5,3)", undefined, 2],
      ["_func/feel(happy)", undefined, "happy"],
      ["_func/feel(angry)", undefined, "400 Parameter 'm' must be one of 'sad', 'happy'."],
      ["_func/padded('abc')", undefined, "abc"],
      ["_proc/cursors", {}, [[{ a: 1, b: "AP8=" }], [{ c: 2.5 }]]],
      ["_proc/cursors", undefined, [[{ a: 1, b: "AP8=" }], [{ c: 2.5 }]]],
      [
        "_func/any_rows",
        undefined,
        "400 Function 'any_rows' gives any rows: 'schema' has to name their columns and types.",
      ],
      ["_func/any_rows", { schema: { a: "integer", b: "string", c: "decimal" } }, [{ a: 1, b: "a", c: 2.5 }]],
      [
        "_func/any_rows",
        { schema: { a: "integer" } },
        "400 The function does not give the columns that 'schema' says: 'a'.",
      ],
    ])("%s %j", async (path, body, expected) => {
      expect(plain(await call(path, body))).toEqual(expected);
    });

    test("money keeps its digits, as a result and as a parameter that comes back", async () => {
      expect(JSON.stringify(await call("_func/dear('12.50')"))).toBe("12.50");
      expect(JSON.stringify(await call("_proc/costs('12.50')"))).toBe('{"n":25.00}');
    });

    test("aggregates, triggers and the routines of other schemas are not listed", async () => {
      const { resource } = (await call("_func?as_list=true")) as { resource: string[] };
      for (const name of ["my_sum", "on_change", "far", "other.far"]) expect(resource).not.toContain(name);
      expect(await call("_func/other.far")).toBe("404 Function 'other.far' does not exist in the database.");
    });

    test("what a function gives is described", async () => {
      const { resource } = (await call("_func?ids=all_of,series,whole,raise")) as { resource: Record<string, Json>[] };
      expect(resource.map((each) => each.return_type)).toEqual(["table", "table", "row", "text"]);
      expect(resource[0]?.return_schema).toEqual([
        expect.objectContaining({ name: "code", position: 1 }),
        expect.objectContaining({ name: "name", position: 2 }),
      ]);
      expect(resource[3]?.params).toEqual([
        expect.objectContaining({ name: "a", default: null }),
        expect.objectContaining({ name: "by", default: "10" }),
        expect.objectContaining({ name: "note", default: "x" }),
      ]);
    });
  });
}

/** Numbers that are kept as their digits, as numbers. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Several result sets, beside values that come back too. */
export function mariadbOnlyCases(call: Call): void {
  test("several result sets are a list of lists", async () => {
    const sets = [
      [{ a: 1 }],
      [
        { b: 2.5, c: "x" },
        { b: 3, c: "y" },
      ],
    ];
    expect(plain(await call("_proc/two_sets"))).toEqual(sets);
    expect(plain(await call("_proc/two_sets?wrapper=sets"))).toEqual({ sets });
  });

  test("rows stand beside the values that come back, under the wrapper or as resource", async () => {
    expect(await call("_proc/set_and_out")).toEqual({ resource: [{ a: 1 }], n: 5 });
    expect(await call("_proc/set_and_out?wrapper=rows")).toEqual({ rows: [{ a: 1 }], n: 5 });
  });
}
