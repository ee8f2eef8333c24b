import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { get, idsFound } from "./reads.ts";
import type { Target } from "./target.ts";

/** Neighbours that a double can not tell apart. */
const DECIMALS = ["123456789012345678.91", "123456789012345678.92", "-123456789012345678.91"];
const INTEGERS = ["9007199254740992", "9007199254740993", "-9223372036854775808", "9223372036854775807"];

/** Filters on numbers with more digits than a double has, and on instants. */
export function exactFilterCases(fixture: () => Fixture, target: Target): void {
  const { autoKey, bigint, decimal, datetime } = target.words;
  const query = (sql: string) => fixture().database.query(sql);

  beforeAll(async () => {
    await query(
      `CREATE TABLE wide (id ${autoKey}, i ${bigint}, d ${decimal(20, 2)}, at ${datetime}, code VARCHAR(10))`,
    );
    const rows = INTEGERS.map((integer, index) => `(${index + 1}, ${integer})`);
    await query(`INSERT INTO wide (id, i) VALUES ${rows.join(", ")}`);
    await query("UPDATE wide SET code = '007' WHERE id = 1");
    await query("UPDATE wide SET code = '7' WHERE id = 2");
  });
  afterAll(() => query("DROP TABLE wide"));

  test.each<readonly [filter: string, ids: readonly number[]]>([
    ["i = 9007199254740992", [1]],
    ["i = 9007199254740993", [2]],
    ["i = '9007199254740993'", [2]],
    ["i != 9007199254740993", [1, 3, 4]],
    ["i > 9007199254740992", [2, 4]],
    ["i IN (9007199254740993, -9223372036854775808)", [2, 3]],
    ["i BETWEEN 9007199254740993 AND 9007199254740993", [2]],
    ["i = 9223372036854775807", [4]],
    ["i <= -9223372036854775808", [3]],
    ["code = 007", [1]],
    ["code = 7", [2]],
    ["code IN (7)", [2]],
    ["code = '007'", [1]],
  ])("%s", async (filter, ids) => {
    expect(await idsFound(fixture(), "wide", filter)).toEqual(ids);
  });

  test("finds integers of 64 bits by a parameter and by ids, with all their digits", async () => {
    const params = '{":i":9007199254740993}';
    expect((await get(fixture(), "_table/wide", { filter: "i = :i", params, fields: "id" })).body).toEqual({
      resource: [{ id: 2 }],
    });
    const found = await fixture().ask(
      "GET",
      "_table/wide?ids=9007199254740993,9007199254740992&id_field=i&fields=id,i",
    );
    expect(found.text).toBe('{"resource":[{"id":2,"i":9007199254740993},{"id":1,"i":9007199254740992}]}');
    const one = await fixture().ask("GET", "_table/wide/9223372036854775807?id_field=i&fields=i");
    expect(one.text).toBe('{"i":9223372036854775807}');
  });

  test("refuses an integer that the column can not hold", async () => {
    const message = "400 Field 'i' must be between -9223372036854775808 and 9223372036854775807.";
    expect(await idsFound(fixture(), "wide", "i = 9223372036854775808")).toBe(message);
  });

  if (!target.traits.isStrict) return;

  describe("where the database has decimals and instants of its own", () => {
    beforeAll(async () => {
      for (const [index, digits] of DECIMALS.entries())
        await query(`UPDATE wide SET d = ${digits} WHERE id = ${index + 1}`);
      await query("UPDATE wide SET at = '2024-01-02 03:04:05.5' WHERE id = 1");
      await query("UPDATE wide SET at = '2024-01-02 03:04:05' WHERE id = 2");
    });

    test.each<readonly [filter: string, ids: readonly number[]]>([
      ["d = 123456789012345678.91", [1]],
      ["d = '123456789012345678.91'", [1]],
      ["d = 123456789012345678.910", [1]],
      ["d != 123456789012345678.91", [2, 3]],
      ["d > 123456789012345678.91", [2]],
      ["d >= 123456789012345678.92", [2]],
      ["d <= 123456789012345678.91", [1, 3]],
      ["d IN (123456789012345678.92, 1)", [2]],
      ["d NOT IN (123456789012345678.92)", [1, 3]],
      ["d NOT IN (123456789012345678.92, 0, null)", []],
      ["d IN (123456789012345678.92, null)", [2]],
      ["d BETWEEN 123456789012345678.92 AND 123456789012345678.92", [2]],
      ["d = -123456789012345678.91", [3]],
      ["d = 123456789012345678.915", []],
      ["at = '2024-01-02 03:04:05.500000'", [1]],
      ["at = '2024-01-02T03:04:05.50Z'", [1]],
      ["at = '2024-01-02 03:04:05.000'", [2]],
      ["at > '2024-01-02 03:04:05.4999'", [1]],
      ["at < '2024-01-02 03:04:05.500'", [2]],
      ["at IN ('2024-01-02 03:04:05.0')", [2]],
      ["at IN ('2024-01-02 03:04:05.0', 2024-01-02T03:04:05.50)", [1, 2]],
      ["at NOT IN ('2024-01-02 03:04:05.0', 2024-01-02)", [1]],
    ])("%s", async (filter, ids) => {
      expect(await idsFound(fixture(), "wide", filter)).toEqual(ids);
    });

    test("finds decimals by ids, with all their digits", async () => {
      const { text } = await fixture().ask(
        "GET",
        `_table/wide?ids=${DECIMALS[1]},${DECIMALS[0]}&id_field=d&fields=id,d`,
      );
      expect(text).toBe(`{"resource":[{"id":2,"d":${DECIMALS[1]}},{"id":1,"d":${DECIMALS[0]}}]}`);
    });
  });
}
