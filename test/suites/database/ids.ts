import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";

const NOT_ALL = "Batch Error: Not all requested records could be retrieved.";
const missing = (id: string) => ({ code: 404, message: `Record with identifier '${id}' not found.`, status_code: 404 });

const FOUND: readonly (readonly [query: string, ids: readonly number[]])[] = [
  ["ids=1", [1]],
  ["ids=3,1,2", [3, 1, 2]],
  ["ids=%203%20,%201", [3, 1]],
  ["ids=1,1,2,1", [1, 2]],
  ["ids='1',\"2\"", [1, 2]],
  ["ids=1.0", [1]],
  ["ids=[2,1]", [2, 1]],
  ['ids=[{"id":2},{"id":1}]', [2, 1]],
  ["ids=2,1&filter=id=5", [2, 1]],
  ["ids=2,1&limit=1&offset=1", [2, 1]],
  ["ids=2,1&order=id", [2, 1]],
  ["ids=ada@example.com,emmy@example.com&id_field=email", [1, 5]],
  ["ids=DE&id_field=country&order=id", [4, 5]],
  ["ids=US,DE&id_field=country&order=id", [2, 3, 4, 5]],
  ["ids=(Ada,Lovelace),(Alan,Turing)&id_field=first_name,last_name", [1, 2]],
];

/** Rows named by their keys. */
export function idCases(fixture: () => Fixture): void {
  describe("gives the records in the order of their ids, each once", () => {
    test.each(FOUND)("%s", async (query, ids) => {
      const { status, body } = await fixture().ask("GET", `_table/customers?fields=id&${query}`);
      expect({ status, body }).toEqual({ status: 200, body: { resource: ids.map((id) => ({ id })) } });
    });

    test.each<readonly [path: string, records: readonly object[]]>([
      [
        "_table/countries?ids=US,DE",
        [
          { code: "US", name: "United States" },
          { code: "DE", name: "Germany" },
        ],
      ],
      ["_table/things?ids=00000000-0000-4000-8000-000000000002&fields=name", [{ name: "second" }]],
      ["_table/order_items?ids=(3,3),(1,2)&fields=quantity", [{ quantity: 1 }, { quantity: 2 }]],
      ["_table/order_items?ids=[[1,2],[1,1]]&fields=quantity", [{ quantity: 2 }, { quantity: 4 }]],
      ['_table/order_items?ids=[{"order_id":1,"product_id":2}]&fields=quantity', [{ quantity: 2 }]],
      ["_table/order_items?ids=2&id_field=order_id", [{ order_id: 2, product_id: 1, quantity: 5 }]],
    ])("%s", async (path, records) => {
      const { status, body } = await fixture().ask("GET", path);
      expect({ status, body }).toEqual({ status: 200, body: { resource: records } });
    });
  });

  describe("gives one record by", () => {
    test.each<readonly [path: string, record: object]>([
      ["customers/1?fields=id", { id: 1 }],
      ["customers/%201?fields=id", { id: 1 }],
      ["customers/001?fields=id", { id: 1 }],
      ["countries/FR", { code: "FR", name: "France" }],
      ["things/00000000-0000-4000-8000-000000000001?fields=name", { name: "first" }],
      ["order_items/1,2", { order_id: 1, product_id: 2, quantity: 2 }],
      ["order_items/(1,2)", { order_id: 1, product_id: 2, quantity: 2 }],
      ["order_items/1%2C2?fields=quantity", { quantity: 2 }],
      ["customers/grace@example.com?id_field=email&fields=id", { id: 3 }],
      ["countries/France?id_field=name", { code: "FR", name: "France" }],
      ["customers/Alan,Turing?id_field=first_name,last_name&fields=id", { id: 2 }],
      ["customer_names/2?id_field=id", { id: 2, first_name: "Alan", last_name: "Turing" }],
      ["customers/1?fields=id&filter=id=2&limit=5&order=age", { id: 1 }],
    ])("%s", async (path, record) => {
      const { status, body } = await fixture().ask("GET", `_table/${path}`);
      expect({ status, body }).toEqual({ status: 200, body: record });
    });
  });

  describe("refuses", () => {
    test.each<readonly [path: string, status: number, message: string]>([
      ["order_items/1", 400, "An identifier of this table has 2 parts: (order_id,product_id)."],
      ["order_items/1,2,3", 400, "An identifier of this table has 2 parts: (order_id,product_id)."],
      ["order_items/1,99", 404, "Record with identifier '1,99' not found."],
      ["order_items/1,x", 400, "Field 'product_id' must be a valid integer."],
      ["order_items?ids=1,2", 400, "An identifier of this table has 2 parts: (order_id,product_id)."],
      ['order_items?ids=[{"order_id":1}]', 400, "Field 'product_id' of an identifier can not be NULL."],
      ["customers?ids=[null]", 400, "Field 'id' of an identifier can not be NULL."],
      ["customers?ids=1,x", 400, "Field 'id' must be a valid integer."],
      ["customers?ids=1,", 400, "Field 'id' must be a valid integer."],
      ["customers?ids=[1", 400, "The parameter 'ids' is not valid JSON."],
      ["customers?ids=1&id_field=nosuch", 400, "Invalid field requested: 'nosuch'."],
      ["customers/1?id_field=nosuch", 400, "Invalid field requested: 'nosuch'."],
      ["logs?ids=1", 400, "Table 'logs' has no primary key: name a field by 'id_field'."],
      ["customer_names/2", 400, "Table 'customer_names' has no primary key: name a field by 'id_field'."],
      [`countries/${"x".repeat(70)}`, 404, `Record with identifier '${"x".repeat(64)}…' not found.`],
    ])("%s", async (path, status, message) => {
      const answer = await fixture().ask("GET", `_table/${path}`);
      expect({ status: answer.status, body: answer.body }).toEqual({ status, body: failure(status, message) });
    });

    test("more than a thousand ids", async () => {
      const ids = Array.from({ length: 1001 }, (_, id) => id);
      const { status, body } = await readByBody(fixture(), "customers", { ids });
      expect({ status, body }).toEqual({
        status: 400,
        body: failure(400, "The parameter 'ids' holds more than 1000 values."),
      });
    });
  });

  describe("answers an id without a record by the batch error", () => {
    test("that ends with the first one", async () => {
      expect(await get(fixture(), "_table/customers", { ids: "1,98,2,99", fields: "id" })).toEqual({
        status: 400,
        body: failure(400, NOT_ALL, { error: [1], resource: [{ id: 1 }, missing("98")] }),
      });
    });

    test("that with continue holds all records found", async () => {
      expect(await get(fixture(), "_table/customers", { ids: "1,98,2,99", fields: "id", continue: true })).toEqual({
        status: 400,
        body: failure(400, NOT_ALL, { error: [1, 3], resource: [{ id: 1 }, missing("98"), { id: 2 }, missing("99")] }),
      });
    });

    test("also for a single id in the list, and for composite keys", async () => {
      expect((await get(fixture(), "_table/customers", { ids: 99 })).body).toEqual(
        failure(400, NOT_ALL, { error: [0], resource: [missing("99")] }),
      );
      const items = await get(fixture(), "_table/order_items", { ids: "(1,2),(9,9)", fields: "quantity" });
      expect(items.body).toEqual(failure(400, NOT_ALL, { error: [1], resource: [{ quantity: 2 }, missing("9,9")] }));
    });
  });

  describe("reads ids from the body of a POST that stands for GET", () => {
    test.each<readonly [title: string, body: Json, records: readonly object[]]>([
      ["a list", { ids: [2, 1] }, [{ id: 2 }, { id: 1 }]],
      ["a text", { ids: "2,1" }, [{ id: 2 }, { id: 1 }]],
      ["a number", { ids: 2 }, [{ id: 2 }]],
      ["texts", { ids: ["2", "1"] }, [{ id: 2 }, { id: 1 }]],
      ["objects", { ids: [{ id: 2 }] }, [{ id: 2 }]],
      ["another field", { ids: ["ada@example.com"], id_field: "email" }, [{ id: 1 }]],
      ["a bare list", [2, 1], [{ id: 2 }, { id: 1 }]],
      ["records", { resource: [{ id: 2 }, { id: 1 }] }, [{ id: 2 }, { id: 1 }]],
    ])("%s", async (_, body, records) => {
      const answer = await readByBody(fixture(), "customers", body);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: { resource: records } });
    });

    test("composite keys", async () => {
      const { body } = await readByBody(fixture(), "order_items", {
        ids: [[1, 2], "3,3", { order_id: 1, product_id: 1 }],
      });
      expect(body).toEqual({ resource: [{ quantity: 2 }, { quantity: 1 }, { quantity: 4 }] });
    });
  });
}

function readByBody(fixture: Fixture, table: string, body: Json) {
  const fields = table === "order_items" ? "quantity" : "id";
  return fixture.ask("POST", `_table/${table}?fields=${fields}`, { body, headers: { "X-HTTP-Method": "GET" } });
}
