import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, openFixture } from "../suites/database/fixture.ts";
import { failure } from "../suites/database/reads.ts";
import { databaseSuite } from "../suites/database/suite.ts";
import { postgresTarget } from "../suites/database/targets.ts";

const target = postgresTarget();
databaseSuite(target);

describe.skipIf(target.unavailable !== undefined)("what PostgreSQL alone has", () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openFixture(target);
    await fixture.database.query(`
      CREATE TABLE numbered (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name VARCHAR(10));
      CREATE TABLE serials (id SERIAL PRIMARY KEY, name VARCHAR(10))`);
  });
  afterAll(() => fixture?.close());
  const post = async (path: string, body: string) => {
    const { status, body: answer } = await fixture.ask("POST", `_table/${path}`, { body });
    return { status, body: answer };
  };

  test("an identity that is always the database's can not be given: it is ignored, or refused with strict", async () => {
    expect(await post("numbered?fields=*", '{"id":77,"name":"a"}')).toEqual({
      status: 200,
      body: { id: 1, name: "a" },
    });
    expect(await post("numbered?strict=true", '{"id":77,"name":"a"}')).toEqual({
      status: 400,
      body: failure(400, "Field 'id' is unknown or computed by the database."),
    });
    expect(await post("numbered", '{"id":77}')).toEqual({
      status: 400,
      body: failure(400, "No valid fields were found in record."),
    });
  });

  test("a serial can be given or left out", async () => {
    expect(await post("serials", '[{"id":77,"name":"a"},{"id":78,"name":"b"}]')).toEqual({
      status: 200,
      body: { resource: [{ id: 77 }, { id: 78 }] },
    });
    expect(await post("serials", '[{"id":null,"name":"c"},{"name":"d"}]')).toEqual({
      status: 200,
      body: { resource: [{ id: 1 }, { id: 2 }] },
    });
  });
});
