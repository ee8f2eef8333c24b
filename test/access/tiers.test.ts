import { describe, expect, test } from "vitest";
import { DB, entry, FILES, mask } from "./house.ts";

const GET = 1;
const POST = 2;
const ALL = 31;
const everywhere = { serviceId: null };
const X = ["_table", "x"];

describe("of the entries that match a component", () => {
  test("the exact one decides", () => {
    expect(mask([entry("_table/x", GET), entry("_table/x/*", POST), entry("_table/*", ALL)], X)).toBe(GET);
  });

  test("the longest wildcard decides where nothing exact matches", () => {
    expect(mask([entry("_table/*", ALL), entry("_table/x/*", GET), entry("*", ALL)], [...X, "5"])).toBe(GET);
  });

  test("those that are equally specific add up", () => {
    expect(mask([entry("_table/X/*", GET), entry("_table/x/*", POST)], X)).toBe(GET | POST);
  });

  test("one with mask 0 takes away what a wider one gives", () => {
    const access = [entry("_table/*", ALL), entry("_table/x/*", 0)];
    expect(mask(access, X)).toBe(0);
    expect(mask(access, ["_table", "y"])).toBe(ALL);
  });

  test("one on the collection alone says nothing of its rows", () => {
    const access = [entry("_table/*", ALL), entry("_table/x", GET)];
    expect(mask(access, X)).toBe(GET);
    expect(mask(access, [...X, "5"])).toBe(ALL);
  });

  test("none means that nothing is allowed", () => {
    expect(mask([], X)).toBe(0);
    expect(mask([entry("_table/y", ALL)], X)).toBe(0);
  });

  test("bits that are no verbs count for nothing", () => {
    expect(mask([entry("*", 0xff)], X)).toBe(ALL);
    expect(mask([entry("*", 32)], X)).toBe(0);
  });
});

describe("an entry for all services", () => {
  test("holds on every service", () => {
    expect(mask([entry("_table/*", GET, everywhere)], X, "api", DB)).toBe(GET);
    expect(mask([entry("_table/*", GET, everywhere)], X, "api", FILES)).toBe(GET);
  });

  test("still speaks of its component alone", () => {
    expect(mask([entry("_table/*", GET, everywhere)], ["_schema"])).toBe(0);
  });

  test("ranks below every entry of the service itself, however exact it is", () => {
    expect(mask([entry("_table/x", ALL, everywhere), entry("*", GET)], X)).toBe(GET);
    expect(mask([entry("_table/x", ALL, everywhere), entry("*", 0)], X)).toBe(0);
  });

  test("decides where the entries of the service say nothing", () => {
    expect(mask([entry("*", GET, everywhere), entry("_table/y/*", 0)], X)).toBe(GET);
  });

  test("ranks among its like by the same rules", () => {
    expect(mask([entry("*", ALL, everywhere), entry("_table/x/*", 0, everywhere)], X)).toBe(0);
  });
});

describe("an entry of another", () => {
  test("service says nothing", () => {
    expect(mask([entry("*", ALL, { serviceId: FILES.id })], X)).toBe(0);
  });

  test("requestor neither gives nor takes", () => {
    const access = [entry("_table/*", ALL), entry("_table/x", 0, { requestorMask: 2 })];
    expect(mask(access, X, "api")).toBe(ALL);
    expect(mask(access, X, "script")).toBe(0);
    expect(mask(access, ["_table", "y"], "script")).toBe(0);
  });

  test("requestor besides the own one counts for both", () => {
    const access = [entry("*", GET, { requestorMask: 3 })];
    expect([mask(access, X, "api"), mask(access, X, "script")]).toEqual([GET, GET]);
  });
});
