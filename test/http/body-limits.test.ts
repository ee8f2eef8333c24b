import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey, RUNTIME } from "../house.ts";
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
const names = (count: number) => Array.from({ length: count }, (_, name) => `c${name}`);

/** Each of them would cost seconds and gigabytes if all of it were read. */
describe("a body of many small parts is refused before it is all read", () => {
  test.each<[string, string, () => string, number, string | undefined]>([
    ["lines of CSV", "text/csv", () => filled("id\n", "\n"), 413, MANY],
    ["lines of NDJSON", "application/x-ndjson", () => filled("", "{}\n"), 413, MANY],
    ["records of JSON", "application/json", () => filled('[{"id":1}', ",{}", "]"), 413, MANY],
    ["elements of XML", "application/xml", () => filled("<a>", "<resource/>", "</a>"), 413, MANY],
    ["columns", "text/csv", () => `${names(100_000).join(",")}\n${`${",".repeat(99_999)}\n`.repeat(90)}`, 413, WIDE],
    ["columns without names", "text/csv", () => filled("", ",", "\n"), 413, WIDE],
    ["cells", "text/csv", () => `${names(1_500).join(",")}\n${`${",".repeat(1_499)}\n`.repeat(700)}`, 413, "The request holds more than 1000000 values."],
    ["values of NDJSON", "application/x-ndjson", () => filled("", `{${names(90).map((name) => `"${name}":1`).join(",")}}\n`).replace(/\n$/, ""), 200, undefined],
    ["fields of a form", "application/x-www-form-urlencoded", () => filled("a", "&b=1"), 413, "The form of the request has more than 2000 fields."],
    ["fields of JSON", "application/json", () => `{${names(700_000).map((name) => `"${name}":1`).join(",")}}`, 413, undefined],
  ])("%s", async (_what, type, body, status, message) => {
    const text = body();
    const began = performance.now();
    const answer = await send("PATCH", type, text);
    console.log(_what, answer.status, performance.now() - began, answer.text.slice(0, 150));
    expect(performance.now() - began).toBeLessThan(RUNTIME === "workers" ? 6_000 : 3_000);
  });
});
