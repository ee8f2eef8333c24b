import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import type { RoutineWords } from "./routine-words.ts";
import { routineAccessCases } from "./routines-access.ts";
import { changeCases, listCases } from "./routines-lists.ts";
import { mariadbOnlyCases, postgresOnlyCases } from "./routines-own.ts";
import { mariadbRaisedCases, postgresRaisedCases } from "./routines-raised.ts";
import type { Target } from "./target.ts";

/** A call's answer: what it gave, or status and message of its failure. */
export type Call = (path: string, body?: Json) => Promise<unknown>;

/** GET without a body, POST with one; `POST path` says it too. */
export function callerOf(fixture: () => Fixture): Call {
  return async (said, body) => {
    const [verb, path] = said.startsWith("POST ")
      ? ["POST", said.slice(5)]
      : [body === undefined ? "GET" : "POST", said];
    const answer = await fixture().ask(verb, path, body === undefined ? {} : { body });
    return answer.status === 200 ? answer.body : `${answer.status} ${answer.body?.error?.message}`;
  };
}

/** Routines: `_proc` and `_func`. A database without any has empty lists. */
export function routineCases(fixture: () => Fixture, target: Target): void {
  const words = target.words.routines;
  const call = callerOf(fixture);
  if (words === undefined) noRoutineCases(fixture, call);
  else allCases(fixture, call, words);
}

function allCases(fixture: () => Fixture, call: Call, words: RoutineWords): void {
  beforeAll(async () => {
    for (const sql of words.create) await fixture().database.query(sql);
  });
  describe("calls", () => callCases(call));
  describe("results", () => resultCases(call, words));
  describe("arguments that do not suit", () => argumentErrorCases(call));
  describe("changes", () => changeCases(fixture, call, words));
  describe("lists", () => listCases(fixture, call, words));
  routineAccessCases(fixture, words);
  if (words.overloads) postgresOnlyCases(fixture, call);
  if (words.overloads) postgresRaisedCases(fixture, call);
  if (words.manySets) mariadbOnlyCases(call);
  if (words.manySets) mariadbRaisedCases(fixture, call);
}

function noRoutineCases(fixture: () => Fixture, call: Call): void {
  test.each(["_proc", "_func"])("%s is an empty list", async (resource) => {
    expect(await call(resource)).toEqual({ resource: [] });
    expect(await call(`${resource}?as_list=true`)).toEqual({ resource: [] });
  });

  test("no routine exists", async () => {
    expect(await call("_proc/any(1)")).toBe("404 Procedure 'any' does not exist in the database.");
    expect(await call("_func/any", { params: [1] })).toBe("404 Function 'any' does not exist in the database.");
    expect(await call("_proc?ids=any")).toBe("404 Procedure 'any' does not exist in the database.");
  });

  test("the root does not list what there is none of", async () => {
    const { body } = await fixture().ask("GET", "?as_list=true");
    expect(body).toEqual({ resource: ["_schema", "_table"] });
  });
}

function callCases(call: Call): void {
  test.each<[string, string, Json | undefined]>([
    ["in the path", "_func/add_up(1,2)", undefined],
    ["in the path with spaces", "_func/add_up(%201%20,%202%20)", undefined],
    ["quoted in the path", "_func/add_up('1',\"2\")", undefined],
    ["by the query", "_func/add_up?a=1&b=2", undefined],
    ["by the query in any case", "_func/ADD_UP?A=1&B=2", undefined],
    ["in the path and by the query", "_func/add_up(1)?b=2", undefined],
    ["one left out in the path", "_func/add_up(,2)?a=1", undefined],
    ["as an object", "_func/add_up", { params: { a: 1, b: 2 } }],
    ["as an object in any case", "_func/add_up", { params: { A: 1, B: "2" } }],
    [
      "as a list of names",
      "_func/add_up",
      {
        params: [
          { name: "b", value: 2 },
          { name: "a", value: 1 },
        ],
      },
    ],
    [
      "as a list of names and types",
      "_func/add_up",
      {
        params: [
          { name: "a", value: 1, param_type: "IN" },
          { name: "b", value: 2 },
        ],
      },
    ],
    ["by position", "_func/add_up", { params: [1, 2] }],
    ["as a bare list", "_func/add_up", [1, 2]],
    ["by position and by the query", "_func/add_up?b=2", { params: [1] }],
    ["in the body before the path", "_func/add_up(9,2)", { params: { a: 1 } }],
    ["in the path before the query", "_func/add_up(1,2)?a=9&b=9", undefined],
    ["in the body before the query", "_func/add_up?a=9&b=9", { params: [1, 2] }],
    ["by the path of the other kind", "_proc/add_up(1,2)", undefined],
    ["by POST in the path", "POST _func/add_up(1,2)", undefined],
  ])("a function takes its arguments %s", async (_, path, body) => {
    expect(await call(path, body)).toBe(3);
  });

  test.each<[string, string]>([
    ["_func/shout('a,b')", "a,b!"],
    ['_func/shout("it\'s")', "it's!"],
    ["_func/shout('it''s')", "it's!"],
    ["_func/shout(plain%20text)", "plain text!"],
    ["_func/shout('a/b')", "a/b!"],
    ["_func/shout('50%25')", "50%!"],
    ["_func/shout('(')", "(!"],
    ["_func/shout('null')", "null!"],
    ["_func/shout('')", "!"],
    ["_func/shout('%C3%A9%F0%9F%98%80')", "é😀!"],
    [
      "_func/shout('a');%20DROP%20TABLE%20countries;%20--')",
      "400 Invalid arguments in the path: the text in argument 1 does not end.",
    ],
    ["_func/shout(?t=x", "400 Invalid arguments in the path: expected ')' at the end."],
    ["_func/shout('a)", "400 Invalid arguments in the path: the text in argument 1 does not end."],
    ["_func/odd%20name(5)", 5 as never],
    ["_func/odd%20name?some%20arg=5", 5 as never],
  ])("%s → %s", async (path, expected) => {
    expect(await call(path)).toBe(expected);
  });

  test("what is SQL in an argument is a text like any other", async () => {
    const evil = "x'); DROP TABLE countries; --";
    expect(await call("_func/shout", { params: [evil] })).toBe(`${evil}!`);
    expect(await call("_table/countries?fields=code&limit=1")).toHaveProperty("resource");
  });
}

function resultCases(call: Call, { rows }: RoutineWords): void {
  test.each<[string, Json, unknown]>([
    ["is_even", 4, true],
    ["is_even", 5, false],
    ["flip", true, false],
    ["flip", "no", true],
    ["next_day", "2024-02-28", "2024-02-29"],
    ["moment", "2024-01-02 03:04:05.678901", "2024-01-02 03:04:05.678901"],
    ["bytes_of", "AP8=", "AP8="],
    ["city_of", { city: "Zürich" }, "Zürich"],
    ["no_value", 1, null],
    ["shout", null, null],
  ])("the scalar of %s(%s) is %s", async (name, argument, expected) => {
    expect(await call(`_func/${name}`, { params: [argument] })).toEqual(expected);
  });

  test("no digit of a number is lost", async () => {
    expect(JSON.stringify(await call("_func/big(9223372036854775807)"))).toBe("9223372036854775807");
    expect(JSON.stringify(await call("_func/exactly('12345678901234567890.0123456789')"))).toBe(
      "12345678901234567890.0123456789",
    );
  });

  test("rows come as a bare list, their values as a table's", async () => {
    const table = (await call(
      "_table/customers?fields=id,first_name,balance,active,born,created,profile&filter=country=FR&order=id",
    )) as { resource: unknown[] };
    expect(table.resource.length).toBeGreaterThan(0);
    expect(await call(`${rows}/customers_in('FR')`)).toEqual(table.resource);
    expect(await call(`${rows}/customers_in`, { params: { c: "FR" } })).toEqual(table.resource);
  });

  test("no rows are an empty list", async () => {
    expect(await call(`${rows}/customers_in('XX')`)).toEqual([]);
  });

  test("one row whose single column is named like the routine is a scalar", async () => {
    expect(await call(`${rows}/lone`)).toBe(42);
    expect(await call(`${rows}/LONE()`)).toBe(42);
  });

  test("what goes in and out comes back by its name", async () => {
    expect(await call("_proc/double_it(4)")).toEqual({ v: 8 });
    expect(await call("_proc/double_it", { params: { V: 5 } })).toEqual({ v: 10 });
    expect(await call("_proc/double_it", { params: { v: null } })).toEqual({ v: null });
  });

  test("what only comes out need not be given, and may be named", async () => {
    const expected = { head: "Ada", tail: "Lovelace" };
    expect(await call("_proc/split_name('Ada Lovelace')")).toEqual(expected);
    const named = ["whole", "head", "tail"].map((name) => ({ name, value: name === "whole" ? "Ada Lovelace" : null }));
    expect(await call("_proc/split_name", { params: named })).toEqual(expected);
  });

  test("a procedure that gives nothing answers an empty list", async () => {
    expect(await call("_proc/looks")).toEqual([]);
  });

  test("a wrapper stands around whatever there is", async () => {
    expect(await call("_func/add_up(1,2)?wrapper=sum")).toEqual({ sum: 3 });
    expect(await call(`${rows}/customers_in('XX')?wrapper=people`)).toEqual({ people: [] });
    expect(await call("_func/add_up", { params: [1, 2], wrapper: "sum" })).toEqual({ sum: 3 });
  });

  test.each<[string, unknown]>([
    ["string", "3"],
    ["integer", 3],
    ["int", 3],
    ["boolean", 3],
    ["table", 3],
  ])("a scalar can be cast: returns=%s", async (type, expected) => {
    expect(await call(`_func/add_up(1,2)?returns=${type}`)).toBe(expected);
  });

  test("of rows a cast takes the first value", async () => {
    expect(await call(`${rows}/lone?returns=string`)).toBe("42");
  });

  test("columns of rows can be cast", async () => {
    const body = { params: ["FR"], schema: { id: "string", active: "integer", born: "date" } };
    const [first] = (await call(`${rows}/customers_in`, body)) as readonly Record<string, unknown>[];
    expect(first).toMatchObject({ id: "1", active: 1, born: "1815-12-10" });
  });

  test.each<[Json, string]>([
    [{ params: [1, 2], returns: "integre" }, "400 Unknown type 'integre' in 'returns'."],
    [{ params: [1, 2], schema: { a: "no" } }, "400 Unknown type 'no' in 'schema'."],
    [{ params: [1, 2], schema: [] }, "400 The field 'schema' must be an object of types by column."],
    [{ params: [1, 2], wrapper: 5 }, "400 The option 'wrapper' must be a text."],
    [{ params: 5 }, "400 The field 'params' must be an object or a list."],
    [{ a: 1, b: 2 }, "400 The body holds 'a': arguments stand in 'params'."],
  ])("the body %j is refused", async (body, message) => {
    expect(await call("_func/add_up", body)).toBe(message);
  });
}

function argumentErrorCases(call: Call): void {
  test.each<[string, Json | undefined, string]>([
    ["_func/add_up(1)", undefined, "400 Function 'add_up' needs a value for its parameter 'b'."],
    ["_func/add_up", { params: { a: 1 } }, "400 Function 'add_up' needs a value for its parameter 'b'."],
    ["_proc/double_it", {}, "400 Procedure 'double_it' needs a value for its parameter 'v'."],
    ["_func/add_up(1,2,3)", undefined, "400 Function 'add_up' takes at most 2 arguments."],
    ["_func/shout(a,b)", undefined, "400 Function 'shout' takes at most 1 argument."],
    ["_func/add_up", { params: { a: 1, b: 2, c: 3 } }, "400 Function 'add_up' has no parameter 'c'."],
    [
      "_func/add_up",
      {
        params: [
          { name: "a", value: 1 },
          { name: "A", value: 2 },
        ],
      },
      "400 The parameter 'A' is given twice.",
    ],
    ["_func/add_up(x,2)", undefined, "400 Parameter 'a' must be a valid integer."],
    ["_func/add_up(1.5,2)", undefined, "400 Parameter 'a' must be a valid integer."],
    ["_func/add_up(1,99999999999)", undefined, "400 Parameter 'b' must be between -2147483648 and 2147483647."],
    ["_func/add_up", { params: [[1], 2] }, "400 Parameter 'a' must be a valid integer."],
    ["_func/flip", { params: ["maybe"] }, "400 Parameter 'flag' must be a valid boolean."],
    ["_func/next_day('2024-02-30')", undefined, "400 Parameter 'd' must be a valid date (YYYY-MM-DD)."],
    ["_func/bytes_of('%3F')", undefined, "400 Parameter 'b' must be a valid base64 text."],
  ])("%s %j → %s", async (path, body, message) => {
    expect(await call(path, body)).toBe(message);
  });

  test.each([
    ["_proc/no_such(1,'a')", "404 Procedure 'no_such' does not exist in the database."],
    ["_func/no_such", "404 Function 'no_such' does not exist in the database."],
    ["_func?ids=add_up,no_such", "404 Function 'no_such' does not exist in the database."],
    ["_func/add_up/5?a=1&b=2", "404 Resource '5' not found for service 'under_test'."],
  ])("%s → %s", async (path, message) => {
    expect(await call(path)).toBe(message);
  });
}
