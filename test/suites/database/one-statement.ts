import { beforeAll, describe, expect, test } from "vitest";
import { makeService } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import { get } from "./reads.ts";
import type { Target } from "./target.ts";

const READS: readonly (readonly [path: string, statements: number])[] = [
  ["_table/customers", 1],
  ["_table/customers?limit=2&offset=1&order=age desc", 1],
  ["_table/customers?filter=age > 30 AND (country = 'US' OR born < 1900-01-01)", 1],
  ["_table/customers?filter=orders_by_customer_id.total > 10", 1],
  ["_table/orders?filter=products_by_order_items.name = Gear", 1],
  ["_table/customers?filter=profile->level = 3", 1],
  ["_table/customers/1", 1],
  ["_table/customers/99", 1],
  ["_table/customers?ids=1,2,3", 1],
  ["_table/customers?ids=1,2,99", 1],
  ["_table/customers?ids=1,2,99&continue=true", 1],
  ["_table/customers?ids=1,2&include_count=true", 1],
  ["_table/order_items?ids=(1,1),(1,2)", 1],
  ["_table/order_items/1,2", 1],
  ["_table/customers?count_only=true", 1],
  ["_table/customers?count_only=true&filter=age > 30", 1],
  ["_table/customers?include_count=true", 2],
  ["_table/customers?include_count=true&limit=2&filter=age > 30", 2],
  ["_table/customers?include_schema=true", 1],
  ["_table/customer_names", 1],
  ["_table/customers?limit=0", 0],
  ["_table", 0],
  ["_table?as_list=true", 0],
  ["_schema", 0],
  ["_schema/customers", 0],
  ["_schema?ids=customers,orders", 0],
  ["_schema/customers/_field/age", 0],
  ["_schema/customers/_related", 0],
  ["", 0],
];

/** What a read costs the database, and how values leave it. */
export function oneStatementCases(fixture: () => Fixture, target: Target): void {
  beforeAll(() => get(fixture(), "_table/customers", { limit: 1 }));

  describe("costs as many statements as it must", () => {
    test.each(READS)("%s: %i", async (path, count) => {
      const statements = await fixture().statements(() => fixture().ask("GET", path));
      expect(statements).toHaveLength(count);
      for (const sql of statements) expect(sql).toMatch(/^SELECT /);
    });
  });

  test("selects the columns that are asked for, and no more", async () => {
    const { quote, selected = (names: string) => names.split(", ") } = target.words;
    const [sql = ""] = await fixture().statements(() => fixture().ask("GET", "_table/customers?fields=id,age"));
    const list = sql.slice("SELECT ".length, sql.indexOf(" FROM "));
    expect(selected(list)).toEqual([quote("id"), quote("age")]);
  });

  test("binds every value, and writes none into a statement or the log", async () => {
    const filter = "first_name = 'Adaxyz' OR last_name LIKE 'Lovexyz%' OR age IN (987654) OR email CONTAINS 'mailxyz'";
    const statements = await fixture().statements(() => get(fixture(), "_table/customers", { filter, limit: 87_654 }));
    expect(statements).toHaveLength(1);
    expect(statements[0]).not.toMatch(/xyz|98765|8765/);
    const lines = (await fixture().house.log()).map((line) => JSON.stringify(line));
    expect(lines.filter((line) => line.includes("Adaxyz"))).toEqual([]);
  });

  describe('with exact_numbers = "string"', () => {
    beforeAll(async () => {
      const config = { ...fixture().database.config, exact_numbers: "string" };
      await makeService(fixture().house, "exact", target.type, config);
    });
    const ask = async (path: string) => (await fixture().house.ask("GET", `exact/_table/${path}`)).body;

    test("gives decimals as strings, other numbers as they are", async () => {
      expect(await ask("customers/1?fields=balance,active")).toEqual({ balance: "1234.50", active: true });
      expect(await ask("customers/2?fields=balance")).toEqual({ balance: "-0.01" });
      expect(await ask("customers?fields=balance&filter=balance=10")).toEqual({ resource: [{ balance: "10.00" }] });
      expect(await ask("orders?fields=total&ids=1,2")).toEqual({ resource: [{ total: "30.00" }, { total: "12.50" }] });
    });

    test("keeps NULL as null, and counts as numbers", async () => {
      expect(await ask("customers/4?fields=age,balance")).toEqual({ age: null, balance: "0.00" });
      expect(await ask("customers?count_only=true")).toBe(5);
      expect(await ask("customers?fields=country&limit=1&include_count=true")).toMatchObject({ meta: { count: 5 } });
    });
  });

  test("gives decimals with all their digits as numbers by default", async () => {
    const text = async (id: number) => (await fixture().ask("GET", `_table/customers/${id}?fields=balance`)).text;
    expect([await text(1), await text(2), await text(4)]).toEqual([
      '{"balance":1234.50}',
      '{"balance":-0.01}',
      '{"balance":0.00}',
    ]);
  });
}
