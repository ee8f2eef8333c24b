import { describe, expect, test } from "vitest";
import { makeKey, makeService } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const COUNTRIES = [
  { code: "DE", name: "Germany" },
  { code: "FR", name: "France" },
  { code: "US", name: "United States" },
];

/** What a GET of rows looks like, whole. */
export function listCases(fixture: () => Fixture, target: Target): void {
  test("gives the rows of a table in one envelope", async () => {
    const { status, body, headers } = await fixture().ask("GET", "_table/countries?order=code");
    expect({ status, body }).toEqual({ status: 200, body: { resource: COUNTRIES } });
    expect(headers.get("Content-Type")).toBe("application/json; charset=utf-8");
    expect(headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("gives an empty table as an empty list", async () => {
    expect(await get(fixture(), "_table/logs")).toEqual({ status: 200, body: { resource: [] } });
    const none = { status: 200, body: { resource: [] } };
    expect(await get(fixture(), "_table/countries", { filter: "code = 'XX'" })).toEqual(none);
  });

  test("gives one record bare, with every column in the order of the table", async () => {
    const { status, text } = await fixture().ask("GET", "_table/customers/1");
    expect(status).toBe(200);
    expect(text.slice(0, text.indexOf(',"profile":'))).toBe(
      '{"id":1,"first_name":"Ada","last_name":"Lovelace","email":"ada@example.com","country":"FR","age":36,' +
        '"balance":1234.50,"active":true,"born":"1815-12-10","created":"2024-01-02 03:04:05.678901",' +
        '"notes":"wrote: \\"notes\\""',
    );
    const profile = { level: 3, tags: ["math", "engine"], address: { city: "London" } };
    expect(JSON.parse(text).profile).toEqual(profile);
  });

  test("gives NULL as null in every column", async () => {
    const { body } = await get(fixture(), "_table/customers/4", {
      fields: "id,email,age,active,born,created,profile,last_name",
    });
    expect(body).toEqual({
      id: 4,
      email: null,
      age: null,
      active: null,
      born: null,
      created: null,
      profile: null,
      last_name: "Gödel",
    });
  });

  test("gives the rows of a view", async () => {
    expect(await get(fixture(), "_table/customer_names", { filter: "id < 3", order: "id desc" })).toEqual({
      status: 200,
      body: {
        resource: [
          { id: 2, first_name: "Alan", last_name: "Turing" },
          { id: 1, first_name: "Ada", last_name: "Lovelace" },
        ],
      },
    });
  });

  test("answers HEAD as GET, without a body", async () => {
    for (const path of ["_table/countries", "_table/countries/DE", "_schema", ""]) {
      const head = await fixture().ask("HEAD", path);
      const full = await fixture().ask("GET", path);
      expect([head.status, head.text]).toEqual([200, ""]);
      expect(head.headers.get("Content-Type")).toBe(full.headers.get("Content-Type"));
    }
    expect((await fixture().ask("HEAD", "_table/countries/XX")).status).toBe(404);
    expect((await fixture().ask("HEAD", "_table/nosuch")).status).toBe(404);
  });

  test.each([
    "/_table/countries",
    "/_table/countries/DE",
    "/_schema",
    "",
  ])("takes a slash at the end of '%s' for nothing", async (path) => {
    const { house, key } = fixture();
    const slash = await house.ask("GET", `${SERVICE}${path}/`, { key });
    const plain = await house.ask("GET", `${SERVICE}${path}`, { key });
    expect({ status: slash.status, body: slash.body }).toEqual({ status: 200, body: plain.body });
  });

  describe("refuses", () => {
    const CASES: readonly (readonly [path: string, status: number, message: string])[] = [
      ["_table/nosuch", 404, "Table 'nosuch' does not exist in the database."],
      ["_table/nosuch/1", 404, "Table 'nosuch' does not exist in the database."],
      ["_table/customers/99", 404, "Record with identifier '99' not found."],
      ["_table/customers/ada", 400, "Field 'id' must be a valid integer."],
      ["_table/customers/1.5", 400, "Field 'id' must be a valid integer."],
      ["_table/customers/1/orders", 404, `Resource 'orders' not found for service '${SERVICE}'.`],
      ["_table/logs/1", 400, "Table 'logs' has no primary key: name a field by 'id_field'."],
      ["_schema/nosuch", 404, "Table 'nosuch' does not exist in the database."],
      ["_schema/customers/nosuch", 404, `Resource 'nosuch' not found for service '${SERVICE}'.`],
      ["_schema/customers/_field/nosuch", 404, "Field 'nosuch' does not exist in table 'customers'."],
      ["_schema/customers/_field/age/x", 404, `Resource 'x' not found for service '${SERVICE}'.`],
      ["_schema/customers/_related/nosuch", 404, "Relationship 'nosuch' does not exist in table 'customers'."],
      ["nosuch", 404, `Resource 'nosuch' not found for service '${SERVICE}'.`],
      ["_nosuch/customers", 404, `Resource '_nosuch' not found for service '${SERVICE}'.`],
      ["_table//customers", 400, "The path holds an empty segment or dots."],
      ["_table/customers//1", 400, "The path holds an empty segment or dots."],
      ["_table/%E0%A4%A", 400, "The path is not encoded rightly."],
    ];
    test.each(CASES)("%s", async (path, status, message) => {
      const answer = await fixture().ask("GET", path);
      expect({ status: answer.status, body: answer.body }).toEqual({ status, body: failure(status, message) });
      expect(answer.headers.get("X-Request-Id")).toBeTruthy();
    });

    test("a service that does not exist", async () => {
      const { house, key } = fixture();
      const { status, body } = await house.ask("GET", "nosuch/_table/customers", { key });
      expect({ status, body }).toEqual({ status: 404, body: failure(404, "Could not find a service for 'nosuch'.") });
    });

    test("a service for a key of another service, as if it did not exist", async () => {
      const { house } = fixture();
      const other = await makeService(house, "elsewhere", target.type, fixture().database.config);
      const key = await makeKey(house, "elsewhere", [{ service_id: other, component: "*", verb_mask: 31 }]);
      const { status, body } = await house.ask("GET", `${SERVICE}/_table/customers`, { key });
      expect({ status, body }).toEqual({
        status: 404,
        body: failure(404, `Could not find a service for '${SERVICE}'.`),
      });
    });
  });

  test("finds the service whatever the case of its name", async () => {
    const { house, key } = fixture();
    const { status } = await house.ask("GET", `${SERVICE.toUpperCase()}/_table/countries`, { key });
    expect(status).toBe(200);
  });

  const VERBS: readonly (readonly [verb: string, path: string, allow: string])[] = [
    ["PUT", "", "GET"],
    ["DELETE", "", "GET"],
    ["PUT", "_table", "GET"],
    ["DELETE", "_table", "GET"],
  ];
  test.each(VERBS)("says with 405 and Allow that %s of '%s' is not served", async (verb, path, allow) => {
    const { status, body, headers } = await fixture().ask(verb, path);
    expect({ status, body }).toEqual({ status: 405, body: failure(405, `The verb ${verb} is not served here.`) });
    expect(headers.get("Allow")).toBe(allow);
    expect(headers.get("X-Request-Id")).toBeTruthy();
  });

  test("refuses POST of a record that is named in the path", async () => {
    const { status, body } = await fixture().ask("POST", "_table/countries/XX", { body: { name: "x" } });
    expect({ status, body }).toEqual({
      status: 400,
      body: failure(400, "A record is created on its table, without an identifier in the path."),
    });
  });

  test("keeps the request id that the client gave", async () => {
    const { headers } = await fixture().ask("GET", "_table/nosuch", { headers: { "X-Request-Id": "mine-1" } });
    expect(headers.get("X-Request-Id")).toBe("mine-1");
  });

  test("describes a failure as RFC 9457 where the client asks for it", async () => {
    const { status, body, headers } = await fixture().ask("GET", "_table/nosuch", {
      headers: { Accept: "application/problem+json", "X-Request-Id": "mine-2" },
    });
    expect(status).toBe(404);
    expect(headers.get("Content-Type")).toBe("application/problem+json; charset=utf-8");
    expect(body).toEqual({
      type: "about:blank",
      title: "not found",
      status: 404,
      detail: "Table 'nosuch' does not exist in the database.",
      instance: "mine-2",
      context: null,
    });
  });

  test("answers 406 where the client takes no JSON", async () => {
    const { status } = await fixture().ask("GET", "_table/countries", { headers: { Accept: "image/png" } });
    expect(status).toBe(406);
  });
}
