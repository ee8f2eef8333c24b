import { describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";

const COUNTS: readonly (readonly [query: string, count: number])[] = [
  ["count_only=true", 5],
  ["count_only=1", 5],
  ["count_only=yes&filter=id>3", 2],
  ["count_only=on&filter=id>99", 0],
  ["count_only=true&limit=1", 5],
  ["count_only=true&offset=3", 5],
  ["count_only=true&ids=1,2,99", 2],
  ["count_only=true&ids=1,1", 1],
  ["count_only=true&ids=1,2&filter=id=5", 2],
  ["count_only=true&include_count=true", 5],
  ["count_only=true&filter=orders_by_customer_id.total>1", 2],
];

/** Counts, and what else may stand beside the rows. */
export function countCases(fixture: () => Fixture): void {
  describe("gives a bare number for", () => {
    test.each(COUNTS)("%s", async (query, count) => {
      const { status, text } = await fixture().ask("GET", `_table/customers?${query}`);
      expect({ status, text }).toEqual({ status: 200, text: String(count) });
    });
  });

  test.each(["true", "1", "yes", "on", "TRUE"])("include_count=%s gives the count beside the rows", async (said) => {
    const { body } = await get(fixture(), "_table/customers", { fields: "id", ids: "1,2", include_count: said });
    expect(body).toEqual({ resource: [{ id: 1 }, { id: 2 }], meta: { count: 2 } });
    const filtered = await get(fixture(), "_table/customers", { fields: "id", filter: "id = 1", include_count: said });
    expect(filtered.body).toEqual({ resource: [{ id: 1 }], meta: { count: 1 } });
  });

  test.each(["false", "0", "no", "off", ""])("include_count=%s gives none", async (said) => {
    const { body } = await get(fixture(), "_table/customers", { fields: "id", ids: 1, include_count: said });
    expect(body).toEqual({ resource: [{ id: 1 }] });
  });

  test("include_schema gives the description of the table beside the rows", async () => {
    const schema = (await get(fixture(), "_schema/countries")).body;
    const read = await get(fixture(), "_table/countries", { filter: "code='DE'", include_schema: true });
    const rows = { resource: [{ code: "DE", name: "Germany" }], meta: { schema } };
    expect(read).toEqual({ status: 200, body: rows });
    expect((await get(fixture(), "_table/countries", { ids: "DE", include_schema: true })).body).toEqual(rows);
    expect(schema.primary_key).toEqual(["code"]);
  });

  test("ignores an unknown parameter unless strict=true", async () => {
    expect((await get(fixture(), "_table/customers/1", { fields: "id", nosuch: 1 })).body).toEqual({ id: 1 });
    expect(await get(fixture(), "_table/customers/1", { fields: "id", nosuch: 1, strict: true })).toEqual({
      status: 400,
      body: failure(400, "Unknown parameter 'nosuch'."),
    });
  });

  test("strict=true takes every parameter of the dialect", async () => {
    const { status, body } = await fixture().ask(
      "GET",
      "_table/customers?strict=true&select=id&where=id>0&sort=id&top=1&skip=1&include_count=1&continue=0&as_list=0" +
        "&params={}&accept=application/json&refresh=0&id_type=int&related=&include_access=0",
    );
    expect({ status, body }).toEqual({ status: 200, body: { resource: [{ id: 2 }], meta: { count: 5, next: 2 } } });
  });

  test("refuses continue together with rollback", async () => {
    expect(await get(fixture(), "_table/customers", { ids: 1, continue: true, rollback: true })).toEqual({
      status: 400,
      body: failure(400, "The parameters 'continue' and 'rollback' exclude each other."),
    });
  });
}
