import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get, queryOf } from "./reads.ts";
import type { Target } from "./target.ts";

/** Names that mean something else in SQL, in a path, in a filter or in a list. */
const HOSTILE = [
  "two words",
  "select",
  "from where",
  "null",
  "true",
  "and",
  "in",
  "it's",
  'say "hi"',
  "back`tick",
  "[brackets]",
  "a.b",
  "a,b",
  "a;b -- c",
  "a/b",
  "back\\slash",
  "100%",
  "under_score",
  "question?",
  "hash#tag",
  "a&b=c",
  "(group)",
  "{brace}",
  ":colon",
  "$1",
  "@at",
  "plus+",
  "007",
  "größe",
  "日本語",
  "MixedCase",
  "x".repeat(63),
];

const inBackticks = (name: string) => `\`${name.replaceAll("`", "``")}\``;
const inBrackets = (name: string) => `[${name.replaceAll("]", "]]")}]`;

/** Names of every kind, everywhere that a name may stand. */
export function nameCases(fixture: () => Fixture, target: Target): void {
  const table = (name: string) => `t ${name}`.slice(0, 63);
  const quote = target.words.quote;

  describe("serves a table and a column of the name", () => {
    beforeAll(async () => {
      for (const name of HOSTILE) {
        const place = quote(table(name));
        await fixture().database.query(
          `CREATE TABLE ${place} (${quote("key of it")} VARCHAR(80) PRIMARY KEY, ${quote(name)} INTEGER)`,
        );
        const resource = [
          { "key of it": name, [name]: 1 },
          { "key of it": "other", [name]: 2 },
        ];
        const { status, text } = await fixture().ask("POST", `_table/${encodeURIComponent(table(name))}`, {
          body: { resource },
        });
        if (status !== 200) throw new Error(text);
      }
    });
    afterAll(async () => {
      for (const name of HOSTILE) await fixture().database.query(`DROP TABLE ${quote(table(name))}`);
    });

    test.each(HOSTILE)("%s", async (name) => {
      const path = `_table/${encodeURIComponent(table(name))}`;
      const rows = [{ [name]: 2 }, { [name]: 1 }];
      for (const said of [inBackticks(name), inBrackets(name)]) {
        const read = { fields: said, order: `${said} desc`, filter: `${said} >= 1` };
        expect(await get(fixture(), path, read)).toEqual({ status: 200, body: { resource: rows } });
      }
      const record = { "key of it": name, [name]: 1 };
      expect(await get(fixture(), `${path}/${encodeURIComponent(name)}`)).toEqual({ status: 200, body: record });
      const ids = JSON.stringify([name]);
      expect(await get(fixture(), path, { ids })).toEqual({ status: 200, body: { resource: [record] } });
      expect(
        await get(fixture(), path, {
          filter: `\`key of it\` = '${name.replaceAll("'", "''")}'`,
          fields: inBackticks(name),
        }),
      ).toEqual({
        status: 200,
        body: { resource: [{ [name]: 1 }] },
      });
      const field = await get(
        fixture(),
        `_schema/${encodeURIComponent(table(name))}/_field/${encodeURIComponent(name)}`,
      );
      expect([field.status, field.body.name]).toEqual([200, name]);
      const listed = await get(fixture(), "_table", { ids: `"${table(name).replaceAll('"', '""')}"`, as_list: true });
      expect(listed.body).toEqual({ resource: [table(name)] });
    });
  });

  describe("serves the fixture's own hostile names", () => {
    test.each<readonly [path: string, params: Readonly<Record<string, string>>, records: readonly object[]]>([
      ["order details (new)", { filter: "`unit price` > 2" }, [{ id: 2, "unit price": 2.5, "it's": "y", "a.b": 8 }]],
      ["order details (new)", { filter: "[it's] = 'x'", fields: "a.b" }, [{ "a.b": 7 }]],
      ["order details (new)", { order: "a.b desc", fields: "it's" }, [{ "it's": "y" }, { "it's": "x" }]],
      [
        "order details (new)",
        { order: "unit price desc", fields: "unit price" },
        [{ "unit price": 2.5 }, { "unit price": 1.5 }],
      ],
      ["order details (new)", { ids: "8", id_field: "`a.b`", fields: "id" }, [{ id: 2 }]],
      ['Mixed"Case', {}, [{ id: 1, 'Na"me': "one", from: "here" }]],
      ['Mixed"Case', { filter: '`Na"me` = one AND from = here', fields: "from" }, [{ from: "here" }]],
      ["select", { filter: "order > 10 and group = b", fields: "order,group" }, [{ order: 20, group: "b" }]],
      ["select", { order: "group desc,order", fields: "order" }, [{ order: 20 }, { order: 10 }]],
    ])("%s with %j", async (path, params, records) => {
      const { status, text } = await fixture().ask("GET", `_table/${encodeURIComponent(path)}?${queryOf(params)}`);
      expect({ status, body: JSON.parse(text) }).toEqual({ status: 200, body: { resource: records } });
    });
  });

  describe("compares names as the database does:", () => {
    test("columns", async () => {
      const { status, body } = await get(fixture(), "_table/customers/1", { fields: "ID,First_Name" });
      const found = { status: 200, body: { id: 1, first_name: "Ada" } };
      const missed = { status: 400, body: failure(400, "Invalid field requested: 'ID'.") };
      expect({ status, body }).toEqual(target.traits.namesKeepCase ? missed : found);
    });

    test("tables", async () => {
      const { status } = await get(fixture(), "_table/Countries/DE");
      expect(status).toBe(target.traits.namesKeepCase ? 404 : 200);
    });
  });

  test("never takes a name of the request into SQL", async () => {
    const name = 'customers" WHERE 1=0; DROP TABLE customers; --';
    const message = `Table '${name}' does not exist in the database.`;
    const statements = await fixture().statements(async () => {
      expect(await get(fixture(), `_table/${encodeURIComponent(name)}`)).toEqual({
        status: 404,
        body: failure(404, message),
      });
    });
    expect(statements.filter((sql) => sql.includes("DROP"))).toEqual([]);
    expect((await fixture().house.ask("GET", `${SERVICE}/_table/customers?count_only=true`)).body).toBe(5);
  });
}
