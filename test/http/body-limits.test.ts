import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey, makeService } from "../house.ts";
import { type HouseWithTables, openHouseWith } from "./database.ts";

let at: HouseWithTables;
beforeAll(async () => {
  at = await openHouseWith(["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"]);
});
afterAll(() => at.close());

const MOST = 10 * 1024 * 1024;
const send = (verb: string, type: string, body: string, key = at.key) =>
  at.house.ask(verb, "db/_table/notes", { key, body, headers: { "Content-Type": type } });
/** As much of a pattern as a body may hold. */
const filled = (head: string, pattern: string, tail = "") =>
  head + pattern.repeat(Math.floor((MOST - head.length - tail.length) / pattern.length)) + tail;
const MANY = "The request holds more than 100000 records.";
const WIDE = "Line 1 of the CSV names more than 2000 columns.";
const FULL = "The request holds more than 1000000 values.";
const names = (count: number) => Array.from({ length: count }, (_, name) => `c${name}`);

/** A body of each would cost seconds, and some of them gigabytes, if all of it were kept: what is wrong at its end is not found. */
describe("a body of many small parts is refused before it is read to its end", () => {
  test.each<[string, string, () => string, string]>([
    ["lines of CSV", "text/csv", () => filled("id\n", "\n", '"a"b'), MANY],
    ["lines of NDJSON", "application/x-ndjson", () => filled("", "{}\n", "{"), MANY],
    ["records of JSON", "application/json", () => `[{}${",{}".repeat(100_000)}]`, MANY],
    [
      "objects of JSON",
      "application/json",
      () => filled("[{}", ",{}"),
      "The JSON of the request holds more than 1000000 arrays and objects.",
    ],
    ["elements of XML", "application/xml", () => filled("<a>", "<resource/>"), MANY],
    ["columns of CSV", "text/csv", () => `${names(100_000)}\n${`${",".repeat(99_999)}\n`.repeat(90)}`, WIDE],
    ["columns without names", "text/csv", () => filled("", ",", "\n"), WIDE],
    ["cells of CSV", "text/csv", () => `${names(1_500)}\n${`${",".repeat(1_499)}\n`.repeat(700)}`, FULL],
    [
      "values of NDJSON",
      "application/x-ndjson",
      () => `{${names(90).map((name) => `"${name}":1`)}}\n`.repeat(12_000),
      FULL,
    ],
    [
      "fields of a form",
      "application/x-www-form-urlencoded",
      () => filled("a", "&b=1"),
      "The form of the request has more than 2000 fields.",
    ],
  ])("%s", async (_what, type, body, message) => {
    const { status, body: said } = await send("PATCH", type, body());
    expect([status, said.error.message]).toEqual([
      type === "application/json" && message !== MANY ? 400 : 413,
      message,
    ]);
  });

  test("an upload with as many columns, too", async () => {
    const { status, body } = await send("POST", "text/csv", `${names(2_001)}\n`);
    expect([status, body.error.message]).toEqual([413, WIDE]);
  });
});

describe("a body of who may not do what the call says is not read", () => {
  test.each([
    ["sees another service only", "db", 404],
    ["may only read", "own", 403],
  ])("the caller %s", async (_what, service, status) => {
    const other = await makeService(at.house, `other_${status}`, at.type, at.database.config);
    const grants = [{ service_id: service === "db" ? other : at.serviceId, component: "*", verb_mask: 1 }];
    const key = await makeKey(at.house, `key ${status}`, grants);
    for (const [type, body] of [
      ["text/csv", '"'],
      ["application/json", "{"],
      ["application/xml", "<"],
      ["text/none", "x"],
    ] as const)
      expect((await send("PATCH", type, body, key)).status).toBe(status);
    expect((await send("PATCH", "application/json", "{")).status).toBe(400);
  });
});

describe("a body in another encoding is refused", () => {
  test.each([
    ["text/csv; charset=iso-8859-1", 415],
    ['text/csv; header=present; Charset="UTF-16"', 415],
    ["application/json;charset=latin1", 415],
    ["application/x-www-form-urlencoded; charset=windows-1252", 415],
    ["application/json; charset=utf-8", 400],
    ['application/json; charset="UTF8"', 400],
    ["text/csv; charset=us-ascii", 400],
  ])("%s: %s", async (type, status) => {
    for (const verb of ["POST", "PATCH"]) expect((await send(verb, type, '"')).status).toBe(status);
  });

  test.each([
    ['<?xml version="1.0" encoding="iso-8859-1"?><a><text>x</text></a>', 415],
    ["<?xml version='1.0' encoding='UTF-16'?><a/>", 415],
    ['<?xml version="1.0" encoding="utf-8"?><a><text>x</text></a>', 200],
    ['<?xml version="1.0"?><a><text>x</text></a>', 200],
  ])("%s: %s", async (body, status) => {
    expect((await send("POST", "application/xml", body)).status).toBe(status);
  });
});
