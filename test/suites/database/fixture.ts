import { type Answer, type AskOptions, makeKey, makeService, startHouse, type TestHouse } from "../../house.ts";
import type { Target, TargetDatabase } from "./target.ts";

/** The database under test behind a house, filled with the tables below. */
export interface Fixture {
  readonly house: TestHouse;
  readonly database: TargetDatabase;
  readonly serviceId: number;
  /** A key that may do everything on the service under test. */
  readonly key: string;
  /** Asks the service under test, below its name: `ask("GET", "_table/customers")`. */
  ask(verb: string, path: string, options?: AskOptions): Promise<Answer>;
  /** The statements that `work` cost. */
  statements(work: () => Promise<unknown>): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The name of the service under test. */
export const SERVICE = "under_test";

/** Opens a database of the target with the fixture tables, and a house that serves it. `config` is laid over the target's. */
export async function openFixture(
  target: Target,
  config: Readonly<Record<string, never>> | object = {},
): Promise<Fixture> {
  const house = await startHouse();
  const database = await target.open(house);
  for (const sql of fixtureSql(target)) await database.query(sql);
  const serviceId = await makeService(house, SERVICE, target.type, {
    ssl: { mode: "disable" },
    ...database.config,
    ...config,
  });
  const key = await makeKey(house, "all", [{ service_id: serviceId, component: "*", verb_mask: 31 }]);
  return {
    house,
    database,
    serviceId,
    key,
    ask: (verb, path, options = {}) => house.ask(verb, `${SERVICE}/${path}`, { key, ...options }),
    statements: (work) => house.statements(SERVICE, work),
    close: async () => {
      await house.close();
      await database.drop();
    },
  };
}

/**
 * The tables that all cases share:
 * - countries: text key; customers: automatic key, unique e-mail, foreign key to countries, a check-free mix of types and NULLs;
 * - orders: automatic key, foreign key to customers (ON DELETE CASCADE); products; order_items: junction with a composite key;
 * - `order details (new)`, `Mixed"Case`, `select`: hostile names; customer_names: a view; logs: no key; things: uuid key.
 */
export function fixtureSql({ words }: Target): readonly string[] {
  const q = words.quote;
  return [
    `CREATE TABLE countries (code VARCHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL UNIQUE)`,
    `CREATE TABLE customers (
      id ${words.autoKey},
      first_name VARCHAR(40) NOT NULL,
      last_name VARCHAR(40) NOT NULL,
      email VARCHAR(100) UNIQUE,
      country VARCHAR(2),
      age INTEGER,
      balance ${words.decimal(20, 2)} DEFAULT 0,
      active ${words.boolean},
      born ${words.date},
      created ${words.datetime},
      notes ${words.text},
      profile ${words.json},
      FOREIGN KEY (country) REFERENCES countries (code) ON UPDATE CASCADE ON DELETE SET NULL
    )`,
    "CREATE INDEX customers_last_name ON customers (last_name)",
    `CREATE TABLE orders (
      id ${words.autoKey},
      customer_id INTEGER NOT NULL,
      placed ${words.date} NOT NULL,
      total ${words.decimal(10, 2)} NOT NULL,
      FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
    )`,
    `CREATE TABLE products (id ${words.autoKey}, name VARCHAR(60) NOT NULL, price ${words.decimal(10, 2)} NOT NULL)`,
    `CREATE TABLE order_items (
      order_id INTEGER NOT NULL,
      product_id INTEGER NOT NULL,
      quantity INTEGER NOT NULL DEFAULT 1,
      PRIMARY KEY (order_id, product_id),
      FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
      FOREIGN KEY (product_id) REFERENCES products (id)
    )`,
    `CREATE TABLE ${q("order details (new)")} (id ${words.autoKey}, ${q("unit price")} ${words.decimal(10, 2)}, ${q("it's")} VARCHAR(20), ${q("a.b")} INTEGER)`,
    `CREATE TABLE ${q('Mixed"Case')} (id ${words.autoKey}, ${q('Na"me')} VARCHAR(20), ${q("from")} VARCHAR(20))`,
    `CREATE TABLE ${q("select")} (id ${words.autoKey}, ${q("order")} INTEGER, ${q("group")} VARCHAR(20))`,
    `CREATE TABLE logs (at ${words.datetime}, line ${words.text})`,
    `CREATE TABLE things (id ${words.uuid} NOT NULL PRIMARY KEY, name VARCHAR(40))`,
    "CREATE VIEW customer_names AS SELECT id, first_name, last_name FROM customers",
    "INSERT INTO countries (code, name) VALUES ('DE', 'Germany'), ('FR', 'France'), ('US', 'United States')",
    `INSERT INTO customers (id, first_name, last_name, email, country, age, balance, active, born, created, notes, profile) VALUES
      (1, 'Ada', 'Lovelace', 'ada@example.com', 'FR', 36, 1234.50, ${bool(words, true)}, '1815-12-10', '2024-01-02 03:04:05.678901', 'wrote: "notes"', '{"level":3,"tags":["math","engine"],"address":{"city":"London"}}'),
      (2, 'Alan', 'Turing', 'alan@example.com', 'US', 41, -0.01, ${bool(words, true)}, '1912-06-23', '2024-02-29 00:00:00.000001', NULL, '{"level":5,"tags":[],"address":{"city":"Wilmslow"}}'),
      (3, 'Grace', 'Hopper', 'grace@example.com', 'US', 85, 99999999999999.99, ${bool(words, false)}, '1906-12-09', '2023-12-31 23:59:59.999999', '100% sure_thing', '{"level":null}'),
      (4, 'Kurt', 'Gödel', NULL, 'DE', NULL, 0.00, NULL, NULL, NULL, 'O''Brien, (x) AND y', NULL),
      (5, 'Emmy', 'Noether', 'emmy@example.com', 'DE', 53, 10.00, ${bool(words, true)}, '1882-03-23', '2024-01-02 03:04:05', '', '{"level":"high"}')`,
    `INSERT INTO orders (id, customer_id, placed, total) VALUES (1, 1, '2024-01-10', 30.00), (2, 1, '2024-02-10', 12.50), (3, 2, '2024-03-10', 7.25)`,
    `INSERT INTO products (id, name, price) VALUES (1, 'Card', 2.50), (2, 'Gear', 10.00), (3, 'Tape', 7.25)`,
    `INSERT INTO order_items (order_id, product_id, quantity) VALUES (1, 1, 4), (1, 2, 2), (2, 1, 5), (3, 3, 1)`,
    `INSERT INTO ${q("order details (new)")} (id, ${q("unit price")}, ${q("it's")}, ${q("a.b")}) VALUES (1, 1.50, 'x', 7), (2, 2.50, 'y', 8)`,
    `INSERT INTO ${q('Mixed"Case')} (id, ${q('Na"me')}, ${q("from")}) VALUES (1, 'one', 'here')`,
    `INSERT INTO ${q("select")} (id, ${q("order")}, ${q("group")}) VALUES (1, 10, 'a'), (2, 20, 'b')`,
    "INSERT INTO things (id, name) VALUES ('00000000-0000-4000-8000-000000000001', 'first'), ('00000000-0000-4000-8000-000000000002', 'second')",
  ];
}

function bool({ boolean }: Target["words"], value: boolean): string {
  if (boolean === "boolean") return value ? "TRUE" : "FALSE";
  return value ? "1" : "0";
}
