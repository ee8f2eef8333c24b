import { expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";
import { withTasks } from "./tasks.ts";

/** How many statements a write costs; BEGIN and COMMIT do not count. A database that keeps silent about its rows is asked for them. */
export const writeStatementCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const { updateReturns, insertReturns } = target.traits;
  const told = (speaks: boolean, silent: number) => (speaks ? 1 : silent);

  test.each<[string, string, string, Json | undefined, number]>([
    ["POST of a record", "POST", "tasks", { title: "eve" }, 1],
    ["POST of a record, with fields", "POST", "tasks?fields=*", { title: "eve" }, told(insertReturns, 2)],
    [
      "POST of three records",
      "POST",
      "tasks",
      [{ title: "a" }, { title: "b" }, { title: "c" }],
      told(insertReturns, 3),
    ],
    [
      "POST of three records with keys",
      "POST",
      "slots",
      [
        { a: 7, b: "a" },
        { a: 7, b: "b" },
        { a: 7, b: "c" },
      ],
      1,
    ],
    [
      "POST of records with rollback",
      "POST",
      "slots?rollback=true",
      [
        { a: 7, b: "a" },
        { a: 7, b: "b" },
      ],
      1,
    ],
    [
      "POST with upsert",
      "POST",
      "slots?upsert=true",
      [
        { a: 1, b: "x", note: "n" },
        { a: 7, b: "b", note: "m" },
      ],
      1,
    ],
    ["POST on a table without a key", "POST", "logs", [{ line: "x" }, { line: "y" }], 1],
    ["PATCH by id", "PATCH", "tasks/1", { points: 1 }, 1],
    ["PATCH by id, with fields", "PATCH", "tasks/1?fields=*", { points: 1 }, told(updateReturns, 3)],
    ["PATCH by id of the key", "PATCH", "slots/1,x", { b: "n" }, told(updateReturns, 2)],
    ["PATCH by ids", "PATCH", "tasks?ids=1,2,3", { points: 1 }, told(updateReturns, 2)],
    ["PATCH by one of ids", "PATCH", "tasks?ids=1", { points: 1 }, 1],
    ["PATCH by filter", "PATCH", "tasks?filter=points%3E10", { points: 1 }, told(updateReturns, 2)],
    [
      "PATCH by two records",
      "PATCH",
      "tasks",
      [
        { id: 1, points: 1 },
        { id: 2, points: 2 },
      ],
      2,
    ],
    ["PATCH that is refused", "PATCH", "tasks/1", { points: "x" }, 0],
    ["DELETE by id", "DELETE", "tasks/1", undefined, 1],
    ["DELETE by id, with fields", "DELETE", "tasks/1?fields=*", undefined, told(insertReturns, 2)],
    ["DELETE by ids", "DELETE", "tasks?ids=1,2", undefined, told(insertReturns, 2)],
    ["DELETE by records", "DELETE", "tasks", [{ id: 1 }, { id: 2 }], told(insertReturns, 2)],
    ["DELETE by filter", "DELETE", "tasks?filter=points%3E10", undefined, told(insertReturns, 2)],
    ["DELETE by force", "DELETE", "slots?force=true", undefined, 1],
  ])("%s costs its statements and no more", async (_title, verb, path, body, count) => {
    // Once before, so that the schema is read.
    await fixture().ask("GET", `_table/${path.split(/[/?]/)[0]}?limit=1`);
    let status = 0;
    const write = async () => {
      ({ status } = await fixture().ask(verb, `_table/${path}`, body === undefined ? {} : { body }));
    };
    // The first time that a value is refused the schema is read again, lest it has changed.
    if (count === 0) await write();
    const sql = await fixture().statements(write);
    await fixture().database.query("DELETE FROM logs");
    expect({ status, count: sql.length, sql }).toEqual({ status: count === 0 ? 400 : 200, count, sql });
  });
};
