import { describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure } from "./reads.ts";

const HEADERS = ["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"] as const;
const PARAMS = ["method", "_method"] as const;
const ONE = { resource: [{ code: "DE" }] };

/** POST that stands for another verb. */
export function tunnelCases(fixture: () => Fixture): void {
  const read = (query: string, headers: Readonly<Record<string, string>>) =>
    fixture().ask("POST", `_table/countries${query}`, { body: { ids: ["DE"], fields: "code" }, headers });

  test.each(HEADERS)("reads through POST with %s", async (header) => {
    for (const verb of ["GET", "get", " Get "]) {
      const { status, body } = await read("", { [header]: verb });
      expect({ status, body }).toEqual({ status: 200, body: ONE });
    }
  });

  test.each(PARAMS)("reads through POST with ?%s=", async (param) => {
    const { status, body } = await read(`?${param}=GET`, {});
    expect({ status, body }).toEqual({ status: 200, body: ONE });
  });

  test("prefers the header to the parameter", async () => {
    const { status, body } = await read("?method=DELETE", { "X-HTTP-Method": "GET" });
    expect({ status, body }).toEqual({ status: 200, body: ONE });
    expect(await fixture().database.query("SELECT code FROM countries")).toHaveLength(3);
  });

  test("reads a record, the schema and the listing through POST", async () => {
    const headers = { "X-HTTP-Method": "GET" };
    const record = await fixture().ask("POST", "_table/countries/DE", { headers });
    expect(record.body).toEqual({ code: "DE", name: "Germany" });
    for (const path of ["_schema/countries", "_table", ""]) {
      const tunnelled = await fixture().ask("POST", path, { headers });
      expect(tunnelled.body).toEqual((await fixture().ask("GET", path)).body);
    }
  });

  describe("takes an override", () => {
    test.each(["GET", "HEAD"])("on POST only: %s stays what it is", async (verb) => {
      const { status } = await fixture().ask(verb, "_table/countries/DE?method=DELETE", {
        headers: { "X-HTTP-Method": "DELETE" },
      });
      expect(status).toBe(200);
      expect(await fixture().database.query("SELECT code FROM countries WHERE code = 'DE'")).toHaveLength(1);
    });

    test("for the verb that is authorised", async () => {
      const { house, serviceId } = fixture();
      const reader = await makeKey(house, "reader", [
        { service_id: serviceId, component: "_table/countries/*", verb_mask: 1 },
      ]);
      const writer = await makeKey(house, "writer", [
        { service_id: serviceId, component: "_table/countries/*", verb_mask: 2 },
      ]);
      const ask = (key: string, verb: string) =>
        house.ask("POST", `${SERVICE}/_table/countries/DE`, { key, headers: { "X-HTTP-Method": verb } });
      expect((await ask(reader, "GET")).body).toEqual({ code: "DE", name: "Germany" });
      for (const [key, verb] of [
        [writer, "GET"],
        [writer, "DELETE"],
        [reader, "DELETE"],
      ] as const) {
        const { status, body } = await ask(key, verb);
        const message = `The role of this caller does not allow ${verb} on this resource of service '${SERVICE}'.`;
        expect({ status, body }).toEqual({ status: 403, body: failure(403, message) });
      }
      expect(await fixture().database.query("SELECT code FROM countries WHERE code = 'DE'")).toHaveLength(1);
    });

    test.each(["BREW", "TRACE", "", "toString"])("'%s' not at all", async (verb) => {
      const { status, headers } = await fixture().ask("POST", `_table/countries?method=${verb}x`);
      expect([status, headers.get("Allow")]).toEqual([405, "GET, POST, PUT, PATCH, DELETE"]);
    });
  });
}
