import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { makeKey } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import type { Target } from "./target.ts";

const ROWS = 600;

/** Cases in which a gateway loses, doubles or mixes up rows without an error, or one request harms all others. */
export function hardCases(fixture: () => Fixture, { words }: Target): void {
  beforeAll(async () => {
    const { database } = fixture();
    await database.query(`CREATE TABLE envelopes (id INTEGER PRIMARY KEY, resource VARCHAR(40), filter VARCHAR(40))`);
    await database.query(`CREATE TABLE versions (name VARCHAR(20) NOT NULL PRIMARY KEY, note VARCHAR(20))`);
    await database.query(`CREATE TABLE ties (id INTEGER PRIMARY KEY, grp INTEGER, status VARCHAR(10))`);
    await database.query(`CREATE TABLE ${words.quote("star*/")} (id INTEGER PRIMARY KEY)`);
    await database.query("INSERT INTO versions (name, note) VALUES ('1.0', 'one'), ('1.00', 'two')");
    const ties = Array.from({ length: ROWS }, (_, n) => `(${(n * 7919) % 10_007}, ${n % 3}, 'open')`);
    await database.query(`INSERT INTO ties (id, grp, status) VALUES ${ties.join(", ")}`);
  });

  afterAll(async () => {
    const { database } = fixture();
    for (const name of ["envelopes", "versions", "ties", "star*/"])
      await database.query(`DROP TABLE ${words.quote(name)}`);
  });

  test("columns named like the envelope or an option are columns in a bare record", async () => {
    const { ask, database } = fixture();
    await database.query(
      "INSERT INTO envelopes (id, resource, filter) VALUES (1, 'r', 'a'), (2, 'r', 'b'), (3, 'r', 'c')",
    );
    const changed = await ask("PUT", "_table/envelopes", { body: { id: 1, resource: "new", filter: "id = 2" } });
    expect({ status: changed.status, body: changed.body }).toEqual({ status: 200, body: { id: 1 } });
    const gone = await ask("DELETE", "_table/envelopes", { body: { id: 3, resource: "r", filter: "id > 0" } });
    expect({ status: gone.status, body: gone.body }).toEqual({ status: 200, body: { id: 3 } });
    expect(await database.query("SELECT * FROM envelopes ORDER BY id")).toMatchObject([
      { id: 1, resource: "new", filter: "id = 2" },
      { id: 2, resource: "r", filter: "b" },
    ]);
  });

  test("ids that the database spells in another way are paired with their own rows", async () => {
    const ids = ["00000000-0000-4000-8000-00000000000B", "00000000-0000-4000-8000-00000000000A"];
    const { ask } = fixture();
    const records = ids.map((id, index) => ({ id: id.toLowerCase(), name: `thing ${index}` }));
    await ask("POST", "_table/things", { body: { resource: records } });
    const found = await ask("GET", `_table/things?fields=name&ids=${records.map(({ id }) => id).join(",")}`);
    expect(found.body.resource).toEqual([{ name: "thing 0" }, { name: "thing 1" }]);
    const partly = await ask("GET", `_table/things?continue=true&ids=${crypto.randomUUID()},${records[1]?.id}`);
    expect(partly.body.error.context).toMatchObject({
      error: [0],
      resource: [{ status_code: 404 }, { name: "thing 1" }],
    });
    await ask("DELETE", `_table/things?ids=${records.map(({ id }) => id).join(",")}`);
  });

  test("text keys that look like equal numbers are different keys", async () => {
    const { body } = await fixture().ask("GET", "_table/versions?ids='1.0','1.00'");
    expect(body.resource).toEqual([
      { name: "1.0", note: "one" },
      { name: "1.00", note: "two" },
    ]);
  });

  test("pages ordered by a field with equal values give each row once", async () => {
    const seen: number[] = [];
    for (let offset = 0; offset < ROWS; offset += 100) {
      const { body } = await fixture().ask("GET", `_table/ties?order=grp desc&fields=id&limit=100&offset=${offset}`);
      seen.push(...body.resource.map(({ id }: { id: number }) => id));
    }
    expect({ rows: seen.length, distinct: new Set(seen).size }).toEqual({ rows: ROWS, distinct: ROWS });
  });

  test.each([
    "limit=1",
    "offset=1",
    "order=id",
  ])("a write by filter refuses %s instead of ignoring it", async (page) => {
    for (const verb of ["DELETE", "PATCH"]) {
      const body = verb === "PATCH" ? { grp: 9 } : undefined;
      const { status } = await fixture().ask(
        verb,
        `_table/ties?filter=id>=0&${page}`,
        body === undefined ? {} : { body },
      );
      expect(status).toBe(400);
    }
    const count = await fixture().ask("GET", "_table/ties?count_only=true&filter=grp<9");
    expect(count.body).toBe(ROWS);
  });

  test("an empty list of ids is refused, also with force", async () => {
    expect((await fixture().ask("DELETE", "_table/ties?ids=&force=true")).status).toBe(400);
    expect((await fixture().ask("GET", "_table/ties?count_only=true")).body).toBe(ROWS);
  });

  test("ids by a field that many rows share are bounded", async () => {
    const { ask } = fixture();
    const one = await ask("GET", "_table/ties/open?id_field=status&fields=status");
    expect(one.body).toEqual({ status: "open" });
    expect((await fixture().statements(() => ask("GET", "_table/ties/open?id_field=status")))[0]).toMatch(/LIMIT/);
    const many = await ask("GET", "_table/ties?id_field=status&ids=open&fields=id");
    expect(many.body.resource).toHaveLength(ROWS);
  });

  test("a field that was added a moment ago is found in any record of a list", async () => {
    const { ask, database } = fixture();
    await ask("GET", "_table/versions?limit=1");
    await database.query("ALTER TABLE versions ADD COLUMN extra VARCHAR(20)");
    const body: JsonObject = { resource: [{ name: "2.0" }, { name: "3.0", extra: "kept" }] };
    const made = await ask("POST", "_table/versions?fields=name,extra", { body });
    expect(made.body.resource).toEqual([
      { name: "2.0", extra: null },
      { name: "3.0", extra: "kept" },
    ]);
  });

  test("too many terms, values and records are refused before they cost anything", async () => {
    const { ask } = fixture();
    const headers = { "X-HTTP-Method": "GET" };
    const order = Array.from({ length: 1000 }, () => `id${" ".repeat(250)}asc`);
    const terms = await ask("POST", "_table/ties", { headers, body: { order } });
    expect(terms.body.error.message).toBe("The parameter 'order' holds more than 64 values.");
    const filter = `id in (${Array.from({ length: 1000 }, () => ":p").join(",")})`;
    const p = Array.from({ length: 20_000 }, (_, n) => n);
    const list = await ask("POST", "_table/ties", { headers, body: { filter, params: { p } } });
    expect(list.status).toBe(400);
    const records = await ask("POST", "_table/ties?continue=true", { body: `[${"{},".repeat(200_000)}{}]` });
    expect(records.status).toBe(413);
  });

  test("tables that the caller may not use are named neither by fields nor by relationships", async () => {
    const { house, serviceId, ask } = fixture();
    const key = await makeKey(house, "narrow", [
      { service_id: serviceId, component: "_table/customers/*", verb_mask: 1 },
      { service_id: serviceId, component: "_schema/customers/*", verb_mask: 1 },
    ]);
    for (const path of [
      "_table/customers?include_schema=true&limit=1",
      "_schema/customers",
      "_schema/customers/_related",
    ]) {
      const { text, status } = await ask("GET", path, { key });
      expect(status).toBe(200);
      expect(text).not.toMatch(/orders|countries/);
    }
    expect((await ask("GET", "_schema/customers/_related/orders_by_customer_id", { key })).status).toBe(404);
  });

  test("the component of a table with an asterisk in its name grants that table alone", async () => {
    const { house, serviceId, ask } = fixture();
    const components = (await ask("GET", "?as_access_list=true")).body.resource as string[];
    const component = components.find((each) => each.includes("star"));
    expect(component).toBe("_schema/star%2A%2F/");
    const key = await makeKey(house, "star", [
      { service_id: serviceId, component: "_table/star%2A%2F/", verb_mask: 1 },
    ]);
    expect((await ask("GET", "_table/star*%2F", { key })).body).toEqual({ resource: [] });
    expect((await ask("GET", "_table/customers", { key })).status).toBe(403);
  });
}
