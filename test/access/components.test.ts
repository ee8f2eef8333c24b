import { describe, expect, test } from "vitest";
import { entry, mask } from "./house.ts";

const GET = 1;
const ALL = 31;

/** Which of a fixed set of components an entry alone opens. */
function opened(component: string): string[] {
  const asked = [[], ["_table"], ["_table", "x"], ["_table", "x", "5"], ["_table", "y"], ["_schema"], ["_schema", "x"]];
  return asked.filter((path) => mask([entry(component, GET)], path) === GET).map((path) => path.join("/"));
}

describe("the component of an entry", () => {
  test("that is empty opens the root alone", () => {
    expect(opened("")).toEqual([""]);
  });

  test("that is an asterisk opens everything", () => {
    expect(opened("*")).toHaveLength(7);
  });

  test.each(["_table", "_table/"])("%s opens the listing alone", (component) => {
    expect(opened(component)).toEqual(["_table"]);
  });

  test("_table/* opens all tables and their listing", () => {
    expect(opened("_table/*")).toEqual(["_table", "_table/x", "_table/x/5", "_table/y"]);
  });

  test.each(["_table/x", "_table/x/"])("%s opens the collection alone", (component) => {
    expect(opened(component)).toEqual(["_table/x"]);
  });

  test("_table/x/* opens the table and everything below it", () => {
    expect(opened("_table/x/*")).toEqual(["_table/x", "_table/x/5"]);
  });

  test("compares without regard to letter case, on both sides", () => {
    expect(mask([entry("_TABLE/Straße/*", GET)], ["_table", "STRAßE", "5"])).toBe(GET);
  });

  test("does not match a name that only begins like its own", () => {
    expect(mask([entry("_table/x/*", GET)], ["_table", "xy"])).toBe(0);
    expect(mask([entry("_table/*", GET)], ["_tables"])).toBe(0);
  });

  test("names a table with a slash by %2F, which is no way into another table", () => {
    expect(mask([entry("_table/a%2Fb", GET)], ["_table", "a/b"])).toBe(GET);
    expect(mask([entry("_table/a%2Fb", GET)], ["_table", "a", "b"])).toBe(0);
    expect(mask([entry("_table/a/b", GET)], ["_table", "a/b"])).toBe(0);
  });

  test("names a table that is called * by %2A", () => {
    expect(mask([entry("_table/%2A", GET)], ["_table", "*"])).toBe(GET);
    expect(mask([entry("_table/%2A", GET)], ["_table", "x"])).toBe(0);
  });

  test("takes a percent sign that encodes nothing as it is", () => {
    expect(mask([entry("_table/100%", GET)], ["_table", "100%"])).toBe(GET);
  });

  test("is not confused by names that objects have of themselves", () => {
    expect(mask([entry("_table/__proto__/*", GET)], ["_table", "constructor"])).toBe(0);
    expect(mask([entry("_table/__proto__/*", GET)], ["_table", "__proto__", "5"])).toBe(GET);
  });
});

describe("a request", () => {
  test("with an asterisk means a name, not everything", () => {
    expect(mask([entry("_table/x", ALL)], ["_table", "*"])).toBe(0);
    expect(mask([entry("_table/*", GET), entry("_table/x", 0)], ["_table", "*"])).toBe(GET);
    expect(mask([entry("*", GET), entry("_table/*", 0)], ["*"])).toBe(GET);
  });

  test("is not decoded a second time", () => {
    expect(mask([entry("_table/a b", GET)], ["_table", "a%20b"])).toBe(0);
  });
});
