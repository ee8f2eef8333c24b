import { expect, test } from "vitest";
import type { Cases } from "./suite.ts";
import { answerOf, refused, rowsOf, SEEDED, tasksOf, withTasks } from "./tasks.ts";

const LIST = "takes only the expressions NOW(), CURRENT_TIMESTAMP, CURRENT_DATE and UUID().";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/;

/** `{"expression":"…"}` as a value: a fixed list, never SQL. */
export const expressionCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const ask = (verb: string, path: string, body: string | object) =>
    fixture().ask(verb, `_table/${path}`, { body: body as never });

  test.each([
    ["NOW()", "due", MOMENT],
    ["now()", "due", MOMENT],
    [" CURRENT_TIMESTAMP ", "due", MOMENT],
    ["CURRENT_TIMESTAMP()", "due", MOMENT],
    ["UUID()", "notes", UUID],
    ["CURRENT_DATE", "born", DAY],
    ["CURRENT_DATE()", "born", DAY],
    ["NOW()", "born", DAY],
  ])("%s is a value of %s, on POST and on PATCH", async (expression, field, shape) => {
    const isTask = field === "due";
    const table = isTask ? "tasks" : "customers";
    const record = isTask ? { title: "eve" } : { first_name: "a", last_name: "b" };
    const made = await ask("POST", `${table}?fields=id,${field}`, { ...record, [field]: { expression } });
    expect({ status: made.status, value: made.body[field] }).toEqual({
      status: 200,
      value: expect.stringMatching(shape),
    });
    const path = `${table}/${made.body.id}?fields=${field}`;
    await ask("PATCH", path, { [field]: null });
    const changed = await ask("PATCH", path, { [field]: { expression } });
    expect(changed.body).toEqual({ [field]: expect.stringMatching(shape) });
    expect((await fixture().ask("GET", `_table/${path}`)).body).toEqual(changed.body);
    await fixture().ask("DELETE", `_table/${table}/${made.body.id}`);
  });

  test("the moment is that of the database", async () => {
    const { body } = await ask("POST", "tasks?fields=due", { title: "eve", due: { expression: "NOW()" } });
    const [now = ""] = await rowsOf(
      fixture(),
      target.type === "sqlite" ? "SELECT datetime()" : "SELECT CAST(CURRENT_TIMESTAMP AS CHAR(19))",
    );
    const seconds = (text: string) => Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`) / 1000;
    expect(Math.abs(seconds(body.due) - seconds(now))).toBeLessThan(120);
  });

  test("each record gets a UUID of its own, as a key too", async () => {
    const id = { expression: "UUID()" };
    const { body } = await ask("POST", "things?fields=*", [
      { id, name: "e1" },
      { id, name: "e2" },
    ]);
    expect(body.resource).toEqual([
      { id: expect.stringMatching(UUID), name: "e1" },
      { id: expect.stringMatching(UUID), name: "e2" },
    ]);
    expect(body.resource[0].id).not.toBe(body.resource[1].id);
    await fixture().database.query("DELETE FROM things WHERE name IN ('e1', 'e2')");
  });

  test("a table without a key answers what it wrote", async () => {
    const { body } = await ask("POST", "logs", { at: { expression: "NOW()" }, line: "x" });
    expect(body).toEqual({ at: expect.stringMatching(MOMENT), line: "x" });
    const changed = await ask("PATCH", "logs?filter=line='x'", { at: { expression: "CURRENT_TIMESTAMP" } });
    expect(changed.body).toEqual({ resource: [{ at: expect.stringMatching(MOMENT), line: "x" }] });
    const { body: found } = await fixture().ask("GET", "_table/logs?filter=line='x'");
    expect(found).toEqual(changed.body);
    await fixture().database.query("DELETE FROM logs");
  });

  test("a JSON field takes such an object as data", async () => {
    const profile = { expression: "NOW()" };
    const { body } = await ask("POST", "customers?fields=id,profile", { first_name: "a", last_name: "b", profile });
    expect(body.profile).toEqual(profile);
    await fixture().ask("DELETE", `_table/customers/${body.id}`);
  });

  test.each<[string, string, unknown, string]>([
    ["another function", "due", { expression: "SLEEP(5)" }, `Field 'due' ${LIST}`],
    ["SQL", "title", { expression: "(SELECT 1)" }, `Field 'title' ${LIST}`],
    ["SQL behind one of the list", "due", { expression: "NOW(); DROP TABLE tasks" }, `Field 'due' ${LIST}`],
    ["an empty text", "due", { expression: "" }, `Field 'due' ${LIST}`],
    ["a name of every object", "due", { expression: "constructor" }, `Field 'due' ${LIST}`],
    ["a number", "due", { expression: 5 }, `Field 'due' ${LIST}`],
    ["null", "due", { expression: null }, `Field 'due' ${LIST}`],
    ["an object", "due", { expression: { expression: "NOW()" } }, `Field 'due' ${LIST}`],
    ["a field beside it", "title", { expression: "NOW()", x: 1 }, "Field 'title' must be a valid text."],
    ["a moment for a number", "points", { expression: "NOW()" }, "Field 'points' can not hold the value of NOW()."],
    [
      "a day for a number",
      "price",
      { expression: "CURRENT_DATE" },
      "Field 'price' can not hold the value of CURRENT_DATE.",
    ],
    ["a UUID for a number", "points", { expression: "UUID()" }, "Field 'points' must be a valid integer."],
    ["a UUID for a short text", "title", { expression: "UUID()" }, "Field 'title' can hold at most 20 characters."],
  ])("%s is refused", async (_title, field, value, message) => {
    expect(await answerOf(ask("POST", "tasks", { title: "eve", [field]: value }))).toEqual(refused(400, message));
    expect(await answerOf(ask("PATCH", "tasks/1", { [field]: value }))).toEqual(refused(400, message));
    expect(await tasksOf(fixture())).toEqual(SEEDED);
  });
};
