import { beforeAll, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import type { Fixture } from "./fixture.ts";

/** A role that may write and not read learns nothing of the rows by writing. */
export function writeOnlyCases(fixture: () => Fixture): void {
  let key: string;

  beforeAll(async () => {
    const { house, serviceId } = fixture();
    const grant = { service_id: serviceId, verb_mask: 2 + 4 + 8 + 16 };
    key = await makeKey(house, "writer", [
      { ...grant, component: "_table/customers/*" },
      { ...grant, component: "_table/logs/*" },
    ]);
  });

  test("creates, changes and deletes, and is answered with keys", async () => {
    const record = { first_name: "Emil", last_name: "Post" };
    const made = await fixture().ask("POST", "_table/customers", { key, body: { resource: [record] } });
    expect(made.status).toBe(200);
    const [{ id, ...rest }] = made.body.resource;
    expect(rest).toEqual({});
    const changed = await fixture().ask("PATCH", `_table/customers/${id}`, { key, body: { age: 40 } });
    expect({ status: changed.status, body: changed.body }).toEqual({ status: 200, body: { id } });
    const gone = await fixture().ask("DELETE", `_table/customers?filter=id=${id}`, { key });
    expect({ status: gone.status, body: gone.body }).toEqual({ status: 200, body: { resource: [{ id }] } });
  });

  test.each([
    ["PATCH", "_table/customers/1?fields=*", { age: 36 }],
    ["PUT", "_table/customers?ids=1,2&fields=id,email", { age: 36 }],
    ["DELETE", "_table/customers?filter=id=1&fields=email", undefined],
    ["DELETE", "_table/customers/1?fields=email", undefined],
    ["POST", "_table/customers?upsert=true&fields=*", { id: 1, first_name: "Ada", last_name: "Lovelace" }],
    ["GET", "_table/customers/1", undefined],
  ])("is refused %s %s, and nothing is written", async (verb, path, body) => {
    const before = await fixture().database.query("SELECT * FROM customers ORDER BY id");
    const { status } = await fixture().ask(verb, path, { key, ...(body && { body }) });
    expect(status).toBe(403);
    expect(await fixture().database.query("SELECT * FROM customers ORDER BY id")).toEqual(before);
  });

  test("writes to a table without a key, and is answered with nothing of it", async () => {
    const body = { resource: [{ line: "one" }, { line: "two" }] };
    const made = await fixture().ask("POST", "_table/logs", { key, body });
    expect({ status: made.status, body: made.body }).toEqual({ status: 200, body: { resource: [{}, {}] } });
    expect(await fixture().database.query("SELECT line FROM logs ORDER BY line")).toMatchObject([
      { line: "one" },
      { line: "two" },
    ]);
    const gone = await fixture().ask("DELETE", "_table/logs?filter=line in (one,two)", { key });
    expect({ status: gone.status, body: gone.body }).toEqual({ status: 200, body: { resource: [] } });
    expect(await fixture().database.query("SELECT line FROM logs")).toEqual([]);
  });
}
