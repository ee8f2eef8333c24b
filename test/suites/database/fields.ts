import { describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";

const ALL = [
  "id",
  "first_name",
  "last_name",
  "email",
  "country",
  "age",
  "balance",
  "active",
  "born",
  "created",
  "notes",
  "profile",
];

const CHOICES: readonly (readonly [query: string, names: readonly string[]])[] = [
  ["", ALL],
  ["fields=", ALL],
  ["fields=*", ALL],
  ["fields=id,*", ALL],
  ["fields=id", ["id"]],
  ["fields=last_name,id", ["last_name", "id"]],
  ["fields=id,id,age", ["id", "age"]],
  ["fields=%20id%20,%20age%20", ["id", "age"]],
  ["fields=%60id%60,[age]", ["id", "age"]],
  ["select=id,age", ["id", "age"]],
  ["fields=id&select=age", ["id"]],
];

const UNKNOWN: readonly (readonly [fields: string, name: string])[] = [
  ["nosuch", "nosuch"],
  ["id,nosuch,other", "nosuch"],
  ["id;DROP TABLE customers", "id;DROP TABLE customers"],
  ["MEDIAN(age)", "MEDIAN(age)"],
  ["id,", ""],
  ["x".repeat(80), `${"x".repeat(64)}…`],
];

/** Which columns an answer holds. */
export function fieldCases(fixture: () => Fixture): void {
  test.each(CHOICES)("'%s' gives these columns in this order", async (query, names) => {
    const one = await fixture().ask("GET", `_table/customers/1?${query}`);
    expect(Object.keys(one.body)).toEqual(names);
    const list = await fixture().ask("GET", `_table/customers?filter=id=1&${query}`);
    expect(list.body.resource.map(Object.keys)).toEqual([names]);
  });

  describe("names a field that is unknown", () => {
    test.each(UNKNOWN)("%s", async (fields, name) => {
      const expected = { status: 400, body: failure(400, `Invalid field requested: '${name}'.`) };
      expect(await get(fixture(), "_table/customers", { fields })).toEqual(expected);
      expect(await get(fixture(), "_table/customers/1", { fields })).toEqual(expected);
      expect(await get(fixture(), "_table/customers", { fields, ids: 1 })).toEqual(expected);
    });
  });

  test("leaves the key out where only other fields are asked for", async () => {
    expect(await get(fixture(), "_table/customers", { ids: "2,1", fields: "first_name" })).toEqual({
      status: 200,
      body: { resource: [{ first_name: "Alan" }, { first_name: "Ada" }] },
    });
  });

  test("takes fields from the body of a read through POST, the query first", async () => {
    const ask = (path: string) =>
      fixture().ask("POST", path, { body: { fields: ["id", "age"] }, headers: { "X-HTTP-Method": "GET" } });
    expect((await ask("_table/customers?ids=1")).body).toEqual({ resource: [{ id: 1, age: 36 }] });
    expect((await ask("_table/customers?ids=1&fields=id")).body).toEqual({ resource: [{ id: 1 }] });
  });
}
