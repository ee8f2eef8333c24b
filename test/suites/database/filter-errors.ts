import { describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";

const SYNTAX: readonly (readonly [filter: string, problem: string])[] = [
  ["age =", "expected a value after '=' at 5"],
  ["age = ", "expected a value after '=' at 5"],
  ["age", "expected an operator after 'age' at 3"],
  ["age 5", "expected an operator but found '5' at 4"],
  ["1=1", "expected a field but found '1' at 0"],
  ["'a' = 'a'", "expected a field but found ''a'' at 0"],
  ["null = null", "expected a field but found 'null' at 0"],
  ["age = 'x", "expected a closing quote for the ' that opens at 6"],
  ['age = "x', 'expected a closing quote for the " that opens at 6'],
  ["`age = 1", "expected a closing quote for the ` that opens at 0"],
  ["(age = 1", "expected ')' after '1' at 8"],
  ["age = 1)", "expected AND, OR or the end but found ')' at 7"],
  ["age = 1 AND", "expected a field after 'AND' at 11"],
  ["age = 1 OR OR age = 2", "expected a field but found 'OR' at 11"],
  ["age => 1", "an unquoted value can not begin with '>' at 5"],
  ["age IN 1", "expected '(' but found '1' at 7"],
  ["age IN ()", "expected a value after '(' at 8"],
  ["age IN (1,)", "expected a value after ',' at 10"],
  ["age IN (1", "expected ',' or ')' after '1' at 9"],
  ["age BETWEEN 1", "expected AND after '1' at 13"],
  ["age BETWEEN (1)", "expected ',' but found ')' at 14"],
  ["age IS 5", "expected NULL but found '5' at 7"],
  ["first_name STARTS 'A'", "expected WITH but found ''A'' at 18"],
  ["upper(first_name) = 'ADA'", "a filter can not call a function at 5"],
  ["age = abs(1)", "an unquoted value can not hold '(' at 9"],
  ["age IN (SELECT id FROM customers)", "a filter can not hold a subquery at 8"],
  ["age = 1; DROP TABLE customers", "an unquoted value can not hold ';' at 7"],
  ["age = 1 -- x", "an unquoted value can not hold '--' at 8"],
  ["`` = 1", "a quoted name can not be empty at 0"],
  ["profile-> = 1", "expected a key but found '=' at 10"],
];

const MEANING: readonly (readonly [filter: string, message: string])[] = [
  ["nosuch = 1", "Invalid field requested: 'nosuch'."],
  ["age = 1 OR nosuch IS NULL", "Invalid field requested: 'nosuch'."],
  ["`first_name; DROP TABLE customers` = 1", "Invalid field requested: 'first_name; DROP TABLE customers'."],
  ["nosuch_by_id.name = 1", "Invalid relationship requested: 'nosuch_by_id'."],
  ["countries_by_country.nosuch = 1", "Invalid field requested: 'nosuch'."],
  ["age = old", "Field 'age' must be a valid integer."],
  ["age = 1.5", "Field 'age' must be a valid integer."],
  ["age = ''", "Field 'age' must be a valid integer."],
  ["age = true", "Field 'age' must be a valid integer."],
  ["age IN (1, x)", "Field 'age' must be a valid integer."],
  ["age BETWEEN 1 AND z", "Field 'age' must be a valid integer."],
  ["balance = much", "Field 'balance' must be a valid decimal number."],
  ["born = yesterday", "Field 'born' must be a valid date (YYYY-MM-DD)."],
  ["born = 2023-02-29", "Field 'born' must be a valid date (YYYY-MM-DD)."],
  ["created = noon", "Field 'created' must be a valid date and time (YYYY-MM-DD HH:MM:SS) without a time zone."],
  ["active = maybe", "Field 'active' must be a valid boolean."],
  ["age > null", "Field 'age' can not be compared with null here: say IS NULL."],
  ["age BETWEEN null AND 3", "Field 'age' can not be compared with null here: say IS NULL."],
  ["first_name LIKE null", "Field 'first_name' can only be matched with a text."],
  ["first_name->x = 1", "Field 'first_name' is not JSON: '->' can not reach into it."],
  ["age = :nosuch", "The filter names ':nosuch', which 'params' does not hold."],
  ["age = {no.such}", "The filter names an unknown lookup '{no.such}'."],
  ["id = {user.id}", "The filter names an unknown lookup '{user.id}'."],
];

const LARGE: readonly (readonly [title: string, filter: string, message: string])[] = [
  ["a text of more than 64 KiB", `first_name = '${"x".repeat(65_536)}'`, "it is longer than 65536 bytes."],
  ["more than 64 levels", `${"(".repeat(65)}id = 1${")".repeat(65)}`, "groups nest deeper than 64 levels at 65."],
  ["more than 64 NOTs", `${"NOT ".repeat(65)}id = 1`, "groups nest deeper than 64 levels at 259."],
  ["more than 1000 comparisons", Array(1001).fill("id=1").join(" or "), "it holds more than 1000 comparisons at 8004."],
  [
    "more than 1000 values",
    `id IN (${Array(1001).fill(1).join(",")})`,
    "an IN list holds more than 1000 values at 2007.",
  ],
];

/** A filter that is wrong is refused with a sentence that says where, and nothing reaches the database. */
export function filterErrorCases(fixture: () => Fixture): void {
  describe("names the place of a mistake", () => {
    test.each(SYNTAX)("%s", async (filter, problem) => {
      expect(await get(fixture(), "_table/customers", { filter })).toEqual({
        status: 400,
        body: failure(400, `Invalid filter: ${problem}.`),
      });
    });
  });

  describe("names the field or value that does not fit", () => {
    test.each(MEANING)("%s", async (filter, message) => {
      expect(await get(fixture(), "_table/customers", { filter })).toEqual({
        status: 400,
        body: failure(400, message),
      });
    });
  });

  describe("refuses", () => {
    test.each(LARGE)("%s", async (_, filter, message) => {
      const { status, body } = await askByBody(fixture(), { filter });
      expect({ status, body }).toEqual({ status: 400, body: failure(400, `Invalid filter: ${message}`) });
    });

    test("a list parameter of more than 1000 values", async () => {
      const params = { ids: Array.from({ length: 1001 }, (_, id) => id) };
      const { status, body } = await askByBody(fixture(), { filter: "id IN (:ids)", params });
      expect({ status, body }).toEqual({
        status: 400,
        body: failure(400, "The IN list of field 'id' holds more than 1000 values."),
      });
    });

    test("more values in all than one statement can bind", async () => {
      const params = { ids: Array.from({ length: 1000 }, (_, id) => id) };
      const filter = Array(70).fill("id IN (:ids)").join(" OR ");
      const { status, body } = await askByBody(fixture(), { filter, params });
      expect({ status, body }).toEqual({
        status: 400,
        body: failure(400, "The request holds more values than one statement can take."),
      });
    });
  });

  test("takes as many comparisons and values as are allowed", async () => {
    const filter = Array(1000).fill("id = 1").join(" OR ");
    const list = `id IN (${Array.from({ length: 1000 }, (_, id) => id).join(",")})`;
    expect((await askByBody(fixture(), { filter, fields: "id" })).body).toEqual({ resource: [{ id: 1 }] });
    expect((await askByBody(fixture(), { filter: list, count_only: true })).body).toBe(5);
    const deep = `${"(".repeat(64)}id = 1${")".repeat(64)}`;
    expect((await askByBody(fixture(), { filter: deep, fields: "id" })).body).toEqual({ resource: [{ id: 1 }] });
    const alternating = Array.from({ length: 900 }, (_, n) => `id = ${n} ${n % 2 ? "AND" : "OR"}`).join(" ");
    expect((await askByBody(fixture(), { filter: `${alternating} id = 1`, count_only: true })).status).toBe(200);
  });

  test("runs no statement for a filter that is refused", async () => {
    await get(fixture(), "_table/customers", { limit: 1 });
    const statements = await fixture().statements(async () => {
      await get(fixture(), "_table/customers", { filter: "age =" });
      await get(fixture(), "_table/customers", { filter: "age = old" });
      await get(fixture(), "_table/customers", { filter: "age = :nosuch" });
    });
    expect(statements).toEqual([]);
  });
}

function askByBody(fixture: Fixture, body: Parameters<Fixture["ask"]>[2] extends infer _ ? object : never) {
  return fixture.ask("POST", "_table/customers", {
    body: body as Readonly<Record<string, never>>,
    headers: { "X-HTTP-Method": "GET" },
  });
}
