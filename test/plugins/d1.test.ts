import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { D1Binding } from "../../plugins/d1/binding.ts";
import { type D1Driver, d1Driver } from "../../plugins/d1/driver.ts";
import { asDatabaseError } from "../../plugins/d1/errors.ts";
import { Turns } from "../../plugins/d1/turns.ts";
import type { Json } from "../../src/contract/json.ts";
import type { Bound } from "../../src/db/sql/driver.ts";
import { type Answer, makeKey, makeService, startHouse, type TestHouse } from "../house.ts";

const TABLES = [
  "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, points BIGINT, data BLOB, any_thing)",
  "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT)",
  "CREATE TABLE wide (id TEXT PRIMARY KEY, one INTEGER, two INTEGER, three INTEGER)",
  "CREATE TABLE owned (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)",
  "CREATE TABLE folded (code TEXT COLLATE NOCASE PRIMARY KEY, points INTEGER)",
];

let house: TestHouse;
let d1: D1Binding;
let driver: D1Driver;
let key: string;

beforeAll(async () => {
  house = await startHouse({}, "workers");
  d1 = (await house.binding?.("TEST")) as D1Binding;
  driver = d1Driver({ binding: () => d1, statementTimeoutMs: 5_000 });
  for (const sql of TABLES) await d1.prepare(sql).run();
  const serviceId = await makeService(house, "d1", "d1", { binding: "TEST" });
  const upserting = await makeService(house, "upserting", "d1", { binding: "TEST", allow_upsert: true });
  const everything = { component: "*", verb_mask: 31 };
  key = await makeKey(house, "all", [
    { service_id: serviceId, ...everything },
    { service_id: upserting, ...everything },
  ]);
});
afterAll(() => house?.close());

const ask = (verb: string, path: string, body?: Json): Promise<Answer> =>
  house.ask(verb, path, { key, ...(body !== undefined && { body }) });
const titles = async () => (await d1.prepare("SELECT title FROM notes ORDER BY id").raw()).flat();
const clear = () => d1.prepare("DELETE FROM notes").run();

const signal = () => AbortSignal.timeout(5_000);
const LARGEST = 2n ** 63n - 1n;

/** How SQLite sees a value: its type, and itself as text. */
async function seen(value: Bound, others: readonly Bound[]): Promise<readonly unknown[]> {
  const filling = others.map(() => "?").join(", ");
  const text = `SELECT typeof(v), CASE typeof(v) WHEN 'blob' THEN hex(v) WHEN 'text' THEN hex(v) ELSE CAST(v AS TEXT) END
    FROM (SELECT ? AS v, 'what?' AS "why?") WHERE ${filling === "" ? "1" : `1 NOT IN (${filling})`}`;
  const { rows } = await driver.execute({ text, values: [value, ...others] }, signal());
  return rows[0] ?? [];
}

describe("a value that is bound", () => {
  const values: readonly [string, Bound, readonly unknown[]][] = [
    ["an integer of 64 bits", LARGEST, ["integer", String(LARGEST)]],
    ["the smallest integer", -(2n ** 63n), ["integer", String(-(2n ** 63n))]],
    ["a small integer", 1n, ["integer", "1"]],
    ["a double that is whole", 5, ["real", "5.0"]],
    ["a large double", 1e21, ["real", "1.0e+21"]],
    ["a fraction", 0.1, ["real", "0.1"]],
    ["infinity", -Infinity, ["real", "-Inf"]],
    ["true", true, ["integer", "1"]],
    ["nothing", null, ["null", null]],
    ["bytes", Uint8Array.of(0, 255, 16), ["blob", "00FF10"]],
    ["no bytes", new Uint8Array(), ["blob", ""]],
    ["a text of digits", "007", ["text", "303037"]],
    ["a text with NUL and quotes", `a\0'"\\`, ["text", "610027225C"]],
    ["a text of many planes", "ä🔑", ["text", "C3A4F09F9491"]],
  ];

  test.each(values)("is kept exactly, by itself: %s", async (_title, value, expected) => {
    expect(await seen(value, [])).toEqual(expected);
  });

  test.each(values)("is kept exactly among hundreds: %s", async (_title, value, expected) => {
    expect(
      await seen(
        value,
        Array.from({ length: 300 }, (_, index) => BigInt(index + 2)),
      ),
    ).toEqual(expected);
  });

  test("is refused before it is sent when the statement grows too long", async () => {
    const values = Array.from({ length: 6_000 }, (_, index) => BigInt(index));
    const text = `SELECT 1 IN (${values.map(() => "?").join(", ")})`;
    await expect(driver.execute({ text, values }, signal())).rejects.toThrow("more values than one statement can take");
  });
});

describe("a failure", () => {
  test.each([
    ["D1_ERROR: UNIQUE constraint failed: t.a, t.b: SQLITE_CONSTRAINT", "unique", ["a", "b"]],
    [
      "D1_ERROR: NOT NULL constraint failed: t.s: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_NOTNULL)",
      "not_null",
      ["s"],
    ],
    ["D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT", "foreign_key", []],
    ["D1_ERROR: no such column: zz at offset 7: SQLITE_ERROR", "undefined_object", []],
    ["D1_ERROR: string or blob too big: SQLITE_TOOBIG", "too_long", []],
    ["internal error; reference = vsh04u5bufc7399ddorm3dkk", "unknown", []],
    ["D1_ERROR: internal error; reference = vsh04u5bufc7399ddorm3dkk", "unknown", []],
    ["D1_ERROR: Network connection lost.", "unavailable", []],
    ["D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.", "unavailable", []],
    ["D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.", "timeout", []],
    ["D1_ERROR: D1 DB is overloaded. Requests queued for too long.", "saturated", []],
    ["Network connection lost.", "unavailable", []],
  ])("%s", (message, kind, columns) => {
    const error = asDatabaseError(new Error(message));
    expect([error.kind, error.columns]).toEqual([kind, columns]);
  });

  test("of a database that does not answer is a timeout", async () => {
    const never = { prepare: () => never, bind: () => never, raw: () => new Promise(() => undefined) };
    const silent = d1Driver({ binding: () => never as never, statementTimeoutMs: 20 });
    await expect(silent.execute({ text: "SELECT 1", values: [] }, signal())).rejects.toMatchObject({ kind: "timeout" });
  });
});

describe("a service", () => {
  test.each([["NONE"], ["DB"], ["MILLRACE_SECRET"]])("does not reach the binding %s", async (binding) => {
    const own = await startHouse({ DATABASE_URL: "d1:DB" }, "workers");
    await makeService(own, "other", "d1", { binding });
    const { status, body } = await own.ask("GET", "other/_table");
    await own.close();
    expect([status, body.error.message]).toEqual([400, `There is no D1 binding '${binding}' here.`]);
  });

  test("shows no tables that D1 keeps for itself", async () => {
    const { body } = await ask("GET", "d1/_table?as_list=true");
    expect(body.resource).toEqual(["folded", "notes", "owned", "wide"]);
  });
});

describe("a list with 'rollback'", () => {
  test("of records of every shape is kept whole", async () => {
    await clear();
    const records: Json = [{ title: "a" }, { title: "b", points: "9007199254740993" }, { title: "c", data: "AP8=" }];
    const { status, body } = await ask("POST", "d1/_table/notes?rollback=true&fields=title,data", records);
    expect([status, body.resource]).toEqual([
      200,
      [
        { title: "a", data: null },
        { title: "b", data: null },
        { title: "c", data: "AP8=" },
      ],
    ]);
    await clear();
  });

  test.each([0, 1, 2, 5, 30, 39])("is undone whole when record %i fails, and says which", async (wrong) => {
    await clear();
    await d1.prepare("INSERT INTO notes (title) VALUES ('taken')").run();
    const shapes: readonly Json[] = [{ points: 1 }, {}];
    const records = Array.from({ length: 40 }, (_, index) => ({
      ...(shapes[index % 2] as object),
      title: index === wrong ? "taken" : `title ${index}`,
    }));
    const { status, body } = await ask("POST", "d1/_table/notes?rollback=true", records);
    expect([status, body.error.context.error]).toEqual([400, [wrong]]);
    expect(body.error.context.resource).toEqual([
      ...Array(wrong).fill({}),
      { code: 409, message: "A record with the same value of 'title' already exists.", status_code: 409 },
    ]);
    expect(await titles()).toEqual(["taken"]);
  });

  test("that changes several rows by their keys is one request, whole or not at all", async () => {
    await clear();
    const made = await ask("POST", "d1/_table/notes", [{ title: "one" }, { title: "two" }]);
    const ids = made.body.resource.map(({ id }: { id: number }) => id);
    const changes = [...ids, 999_999].map((id, index) => ({ id, title: `changed ${index}` }));
    const { body } = await ask("PATCH", "d1/_table/notes?rollback=true", changes);
    expect(body.error.context).toMatchObject({ error: [2], resource: [{}, {}, { status_code: 404 }] });
    expect(await titles()).toEqual(["one", "two"]);
    const statements = await house.statements("d1", () =>
      ask("PATCH", "d1/_table/notes?rollback=true", changes.slice(0, 2)),
    );
    expect(statements).toHaveLength(1);
    expect(await titles()).toEqual(["changed 0", "changed 1"]);
  });

  test("is refused for its length before any record of it is looked at", async () => {
    const records = [{ title: 1, no_such: true }, ...Array.from({ length: 1_000 }, (_, id) => ({ id }))];
    const { status, body } = await ask("POST", "d1/_table/notes?rollback=true", records);
    expect([status, body.error.message]).toEqual([
      400,
      "At most 1000 records can be written all together or not at all here.",
    ]);
  });

  test("shows in the query log each batch that finds out which record failed", async () => {
    await clear();
    const records = ["a", "b", "c", "c"].map((title) => ({ title }));
    // One statement for all of them at first, then one for each, and of these two and three.
    const sent = await house.statements("d1", () => ask("POST", "d1/_table/notes?rollback=true", records));
    expect(sent.map((sql) => sql.split("; ").length)).toEqual([1, 4, 2, 3]);
  });

  test("is refused where a missing record would be made", async () => {
    await clear();
    const { status } = await ask("PATCH", "upserting/_table/notes?rollback=true", [{ id: 1, title: "x" }]);
    expect([status, await titles()]).toEqual([501, []]);
  });
});

describe("without 'rollback'", () => {
  test("a record that is missing among ids is made where that is allowed", async () => {
    await clear();
    const { status } = await ask("PUT", "upserting/_table/wide?ids=a,b", { one: 1 });
    expect(status).toBe(200);
    expect(await d1.prepare("SELECT id, one FROM wide ORDER BY id").raw()).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  test("hundreds of records are made at once, and read by their ids", async () => {
    const records = Array.from({ length: 800 }, (_, index) => ({
      id: `k${index}`,
      one: index,
      two: "9007199254740993",
      three: null,
    }));
    const statements = await house.statements("d1", () => ask("POST", "d1/_table/wide", { resource: records }));
    expect(statements).toHaveLength(1);
    const ids = records.map(({ id }) => id).join();
    const { body } = await ask("GET", `d1/_table/wide?fields=id,two&ids=${ids}`);
    expect(body.resource).toHaveLength(800);
    expect(body.resource[799]).toEqual({ id: "k799", two: { rawJSON: "9007199254740993" } });
  });

  test("rows whose keys are spelled otherwise are changed all the same", async () => {
    await d1.prepare("INSERT INTO folded VALUES ('DE', 1), ('FR', 2)").run();
    const { status } = await ask("PATCH", "d1/_table/folded?ids=de,fr", { points: 5 });
    expect([status, await d1.prepare("SELECT DISTINCT points FROM folded").raw()]).toEqual([200, [[5]]]);
  });
});

describe("a reference that is only looked at in the end, and is broken", () => {
  test.each(["", "?rollback=true"])("keeps nothing, and reads as no outage: POST%s", async (query) => {
    const { status, headers, body } = await ask("POST", `d1/_table/owned${query}`, [
      { id: 1, owner: null },
      { id: 2, owner: 999_999 },
    ]);
    expect([status, headers.get("Retry-After")]).toEqual([500, null]);
    expect(body.error.message).toBe("The database reported an error. The log has the details.");
    expect(await d1.prepare("SELECT id FROM owned").raw()).toEqual([]);
  });
});

describe("a turn", () => {
  test("comes when the one before it has ended", async () => {
    const turns = new Turns(5_000);
    const order: string[] = [];
    const take = (name: string) =>
      turns.run(async (takeTurn) => {
        await takeTurn();
        await takeTurn();
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`${name} ends`);
      });
    await Promise.all(["a", "b", "c"].map(take));
    expect(order).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  test("that never ends is passed over", async () => {
    const turns = new Turns(20);
    void turns.run(async (takeTurn) => {
      await takeTurn();
      await new Promise(() => undefined);
    });
    expect(
      await turns.run(async (takeTurn) => {
        await takeTurn();
        return "came";
      }),
    ).toBe("came");
  });

  test("is given back by work that fails, and is not waited for by work that takes none", async () => {
    const turns = new Turns(60_000);
    const failing = turns.run(async (takeTurn) => {
      await takeTurn();
      expect(await turns.run(async () => "read")).toBe("read");
      throw new Error("failed");
    });
    await expect(failing).rejects.toThrow("failed");
    await turns.run((takeTurn) => takeTurn());
  });
});

test("a text of more than 50 bytes is found by 'contains', 'starts with' and 'ends with'", async () => {
  await clear();
  const long = "Ä long title that no pattern of LIKE can hold, as it has ma%ny bytes";
  await ask("POST", "d1/_table/notes", { title: `>${long}<` });
  const found = async (condition: string) =>
    (await ask("GET", `d1/_table/notes?filter=${encodeURIComponent(condition)}`)).body.resource?.length;
  expect(await found(`title contains "${long.replace("long", "LONG")}"`)).toBe(1);
  expect(await found(`title starts with ">${long}"`)).toBe(1);
  expect(await found(`title ends with "${long}<"`)).toBe(1);
  expect(await found(`title starts with "${long}"`)).toBe(0);
  expect(await found(`title ends with "${long}"`)).toBe(0);
  expect(await found(`title contains "${long.replace("%", "_")}"`)).toBe(0);
  const pattern = await ask("GET", `d1/_table/notes?filter=${encodeURIComponent(`title like "%${long}%"`)}`);
  expect([pattern.status, pattern.body.error.message]).toEqual([
    400,
    "Field 'title' can not be matched with a pattern of more than 50 bytes.",
  ]);
});
