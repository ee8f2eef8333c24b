import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get, idsFound, queryOf } from "./reads.ts";
import type { Target } from "./target.ts";

const PARAMS: readonly (readonly [filter: string, params: Readonly<Record<string, Json>>, ids: readonly number[]])[] = [
  ["id = :id", { ":id": 1 }, [1]],
  ["id = :id", { id: 1 }, [1]],
  ["id = :id", { ":id": "1" }, [1]],
  ["id IN (:ids)", { ":ids": [1, 3] }, [1, 3]],
  ["id IN (:ids, 5)", { ":ids": [1, 3] }, [1, 3, 5]],
  ["id NOT IN (:ids)", { ":ids": ["1", 3] }, [2, 4, 5]],
  ["id IN (:ids)", { ":ids": [] }, []],
  ["id NOT IN (:ids)", { ":ids": [] }, [1, 2, 3, 4, 5]],
  ["id IN (:ids)", { ":ids": 2 }, [2]],
  ["id BETWEEN :low AND :high", { ":low": 2, ":high": 3 }, [2, 3]],
  ["id between (:low,:high)", { ":low": 2, ":high": 3 }, [2, 3]],
  ["first_name LIKE :p", { ":p": "A%" }, [1, 2]],
  ["notes CONTAINS :p", { ":p": "%" }, [3]],
  ["active = :yes", { ":yes": true }, [1, 2, 5]],
  ["active = :yes", { ":yes": 0 }, [3]],
  ["age = :none", { ":none": null }, [4]],
  ["age != :none", { ":none": null }, [1, 2, 3, 5]],
  ["NOT age = :none", { ":none": null }, [1, 2, 3, 5]],
  ["born = :day", { ":day": "1912-06-23" }, [2]],
  ["notes = :text", { ":text": "O'Brien, (x) AND y" }, [4]],
  ["notes = :text", { ":text": "x' OR '1'='1" }, []],
  ["notes = :text", { ":text": ":text" }, []],
  ["first_name = ':id' OR id = :id", { ":id": 1 }, [1]],
  ["id = :größe", { ":größe": 1 }, [1]],
  ["id = :id AND id = :id", { ":id": 1 }, [1]],
];

/** Values of a filter that stand elsewhere: in `params`, and in what is known of the caller. */
export function filterValueCases(fixture: () => Fixture, target: Target): void {
  describe("takes the value of a parameter", () => {
    test.each(PARAMS)("%s with %j", async (filter, params, ids) => {
      expect(await idsFound(fixture(), "customers", filter, params)).toEqual(ids);
      const byBody = await fixture().ask("POST", "_table/customers?fields=id&order=id", {
        body: { filter, params },
        headers: { "X-HTTP-Method": "GET" },
      });
      expect(byBody.body).toEqual({ resource: ids.map((id) => ({ id })) });
    });

    test.each<readonly [filter: string, params: string, message: string]>([
      ["id = :id", "{", "The parameter 'params' is not valid JSON."],
      ["id = :id", "[1]", "The parameter 'params' must be a JSON object."],
      ["id = :id", "1", "The parameter 'params' must be a JSON object."],
      ["id = :id", "{}", "The filter names ':id', which 'params' does not hold."],
      ["id = :toString", "{}", "The filter names ':toString', which 'params' does not hold."],
      ["id = :id", '{":id":"x"}', "Field 'id' must be a valid integer."],
      ["id = :id", '{":id":[1]}', "Field 'id' must be a valid integer."],
      ["id = :id", '{":id":{"a":1}}', "Field 'id' must be a valid integer."],
      ["id > :id", '{":id":null}', "Field 'id' can not be compared with null here: say IS NULL."],
      ["notes LIKE :p", '{":p":[1]}', "Field 'notes' can only be matched with a text."],
    ])("but refuses %s with %s", async (filter, params, message) => {
      expect(await get(fixture(), "_table/customers", { filter, params })).toEqual({
        status: 400,
        body: failure(400, message),
      });
    });
  });

  describe("takes the value of a lookup", () => {
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    beforeAll(async () => {
      const { database, house } = fixture();
      const app = (await house.ask("GET", "system/app?filter=name=all")).body.resource[0];
      const said = new Set([app.name, `${app.id}`, `${app.role_id}`, "admin@example.com", "x' OR '1'='1", "true"]);
      await database.query(`CREATE TABLE said (id ${target.words.autoKey}, words VARCHAR(100))`);
      const rows = [...said].map((words, index) => `(${index + 1}, ${quoted(words)})`);
      await database.query(`INSERT INTO said (id, words) VALUES ${rows.join(", ")}`);
    });
    afterAll(() => fixture().database.query("DROP TABLE said"));

    const read = async (filter: string, options: object) => {
      const query = queryOf({ filter, fields: "words" });
      const { status, body } = await fixture().house.ask("GET", `${SERVICE}/_table/said?${query}`, options);
      return status === 200 ? body.resource.map((row: { readonly words: string }) => row.words) : body.error.message;
    };

    test.each(["app.name", "role.name", " app.name "])("{%s} of a key", async (name) => {
      expect(await read(`words = {${name}}`, { key: fixture().key })).toEqual(["all"]);
    });

    test("{app.id} and {role.id} of a key", async () => {
      const app = (await fixture().house.ask("GET", "system/app?filter=name=all")).body.resource[0];
      expect(await read("words = {app.id}", { key: fixture().key })).toEqual([String(app.id)]);
      expect(await read("words = {role.id}", { key: fixture().key })).toEqual([String(app.role_id)]);
    });

    test("{user.email} and {user.is_sys_admin} of an administrator", async () => {
      expect(await read("words = {user.email}", {})).toEqual(["admin@example.com"]);
      expect(await read("words = {user.is_sys_admin}", {})).toEqual(["true"]);
      expect((await read("words = {user.id}", {})).length).toBeGreaterThan(0);
      expect(await read("words IN ({user.email}, x)", {})).toEqual(["admin@example.com"]);
      expect(await read("words STARTS WITH {user.email}", {})).toEqual(["admin@example.com"]);
    });

    test("as a value that can not become syntax", async () => {
      const { house, serviceId } = fixture();
      const key = await makeKey(house, "x' OR '1'='1", [{ service_id: serviceId, component: "*", verb_mask: 1 }]);
      expect(await read("words = {app.name}", { key })).toEqual(["x' OR '1'='1"]);
    });

    test.each([
      "user.email",
      "user.id",
      "session.id",
      "app.key",
      "nosuch",
      "role",
      "toString",
      "__proto__",
    ])("but refuses {%s}, which a key does not have", async (name) => {
      expect(await read(`words = {${name}}`, { key: fixture().key })).toBe(
        `The filter names an unknown lookup '{${name}}'.`,
      );
    });

    test.each(["{app.id", "{}"])("and reads %s as text", async (text) => {
      expect(await read(`words = ${text}`, { key: fixture().key })).toEqual([]);
    });
  });

  test.each(["filter", "where"])("takes the filter from the parameter %s", async (name) => {
    expect((await get(fixture(), "_table/customers", { [name]: "id = 2", fields: "id" })).body).toEqual({
      resource: [{ id: 2 }],
    });
  });

  test("takes the filter from the body of a read through POST, the query first", async () => {
    const ask = (path: string) =>
      fixture().ask("POST", path, { body: { filter: "id = 2", fields: "id" }, headers: { "X-HTTP-Method": "GET" } });
    expect((await ask("_table/customers")).body).toEqual({ resource: [{ id: 2 }] });
    expect((await ask("_table/customers?filter=id=3")).body).toEqual({ resource: [{ id: 3 }] });
    expect((await ask("_table/customers?where=id=4")).body).toEqual({ resource: [{ id: 4 }] });
  });
}
