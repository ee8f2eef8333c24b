import { afterEach, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import type { Target } from "./target.ts";

/** What a change of a column's type does to the very next request. */
export function changedTypeCases(fixture: () => Fixture, { traits }: Target): void {
  let made = 0;
  let shapes = "";

  afterEach(() => fixture().database.query(`DROP TABLE ${shapes}`));

  const canAlter = !traits.isStrict;

  async function make(column: string): Promise<void> {
    made++;
    shapes = `shapes_${made}`;
    await fixture().database.query(`CREATE TABLE ${shapes} (id INTEGER PRIMARY KEY, value ${column})`);
    const body: JsonObject = { id: 1 };
    expect((await fixture().ask("POST", `_table/${shapes}`, { body })).status).toBe(200);
  }

  async function alter(column: string): Promise<void> {
    const { database } = fixture();
    if (!canAlter) {
      await database.query(alterSql(column));
      return;
    }
    await database.query(`DROP TABLE ${shapes}`);
    await database.query(`CREATE TABLE ${shapes} (id INTEGER PRIMARY KEY, value ${column})`);
    await database.query(`INSERT INTO ${shapes} (id) VALUES (1)`);
  }

  function alterSql(column: string): string {
    return fixture().database.config.port === undefined || traits.nullsFirst
      ? `ALTER TABLE ${shapes} MODIFY value ${column}`
      : `ALTER TABLE ${shapes} ALTER COLUMN value TYPE ${column}`;
  }

  test("a text that has become longer takes what did not fit before", async () => {
    await make("VARCHAR(3)");
    expect((await fixture().ask("PATCH", `_table/${shapes}/1`, { body: { value: "abc" } })).status).toBe(200);
    await alter("VARCHAR(20)");
    const { status, body } = await fixture().ask("PATCH", `_table/${shapes}/1?fields=*`, {
      body: { value: "longer than before" },
    });
    expect({ status, body }).toEqual({ status: 200, body: { id: 1, value: "longer than before" } });
  });

  test("a number that has become wider takes what was out of range before", async () => {
    await make("SMALLINT");
    await alter("BIGINT");
    const { status, body } = await fixture().ask("PATCH", `_table/${shapes}?fields=*`, {
      body: [{ id: 1, value: 5_000_000_000 }],
    });
    expect({ status, body }).toEqual({ status: 200, body: { resource: [{ id: 1, value: 5_000_000_000 }] } });
  });

  test("rows are read as what their columns are now", async () => {
    await make("INTEGER");
    await fixture().ask("PATCH", `_table/${shapes}/1`, { body: { value: 7 } });
    for (let times = 0; times < 3; times++) await fixture().ask("GET", `_table/${shapes}`);
    await alter("VARCHAR(20)");
    await fixture().database.query(`UPDATE ${shapes} SET value = 'hello'`);
    for (const path of [`_table/${shapes}/1`, `_table/${shapes}/1`]) {
      const { status, text } = await fixture().ask("GET", path);
      expect({ status, text }).toEqual({ status: 200, text: '{"id":1,"value":"hello"}' });
    }
  });
}
