import type { Fixture } from "./fixture.ts";
import type { Target } from "./target.ts";

/** Sales by region and kind: of every type, with NULLs and ties, and digits that no double holds. */
export async function createSales({ database }: Fixture, { words }: Target): Promise<void> {
  const [yes, no] = words.boolean === "boolean" ? ["TRUE", "FALSE"] : ["1", "0"];
  const q = words.quote;
  await database.query(`CREATE TABLE sales (
    id INTEGER NOT NULL PRIMARY KEY, region VARCHAR(10), kind VARCHAR(10) NOT NULL, units INTEGER, huge ${words.bigint},
    price ${words.decimal(20, 2)}, ratio ${words.double}, sold ${words.date}, seen ${words.datetime},
    paid ${words.boolean}, extra ${words.json}, photo ${words.binary}, ${q("odd, (name)")} INTEGER)`);
  await database.query(`INSERT INTO sales (id, region, kind, units, huge, price, ratio, sold, seen, paid, extra, ${q("odd, (name)")}) VALUES
    (1, 'north', 'a', 10, 9007199254740993, 0.10, 0.5, '2024-01-01', '2024-01-01 00:00:00.000001', ${yes}, '{"a":1}', 1),
    (2, 'north', 'a', 20, 9007199254740993, 0.20, 0.25, '2024-01-02', '2024-01-02 03:04:05.678901', ${yes}, '{"a":2}', 1),
    (3, 'north', 'b', 30, 1, 12345678901.23, NULL, '2024-01-03', '2024-01-02 03:04:05.678902', ${no}, NULL, 2),
    (4, 'south', 'a', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2),
    (5, 'south', 'b', 5, 2, 0.01, 1.5, '2023-12-31', '2023-12-31 23:59:59.999999', ${no}, NULL, 3),
    (6, NULL, 'b', 7, 3, 1.00, 2.5, '2024-01-03', '2024-01-03 00:00:00.000000', ${yes}, NULL, 3),
    (7, 'south', 'b', 5, 4, 0.02, -1.5, '2023-12-31', NULL, ${no}, NULL, 3)`);
}
