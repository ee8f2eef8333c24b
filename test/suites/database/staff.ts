import type { TargetDatabase, Words } from "./target.ts";

/** Tables with a reference to themselves, two keys to one table, a key to one row each, and a key of two columns. */
export async function createStaff(database: TargetDatabase, words: Words): Promise<void> {
  for (const sql of [
    `CREATE TABLE teams (id ${words.autoKey}, name VARCHAR(20) NOT NULL)`,
    `CREATE TABLE lockers (id ${words.autoKey}, place VARCHAR(20))`,
    `CREATE TABLE staff (
      id ${words.autoKey},
      name VARCHAR(20) NOT NULL,
      boss_id INTEGER,
      home_team INTEGER,
      away_team INTEGER,
      locker_id INTEGER UNIQUE,
      FOREIGN KEY (boss_id) REFERENCES staff (id),
      FOREIGN KEY (home_team) REFERENCES teams (id),
      FOREIGN KEY (away_team) REFERENCES teams (id),
      FOREIGN KEY (locker_id) REFERENCES lockers (id)
    )`,
    `CREATE TABLE item_notes (
      id ${words.autoKey},
      order_id INTEGER,
      product_id INTEGER,
      words VARCHAR(20),
      FOREIGN KEY (order_id, product_id) REFERENCES order_items (order_id, product_id) ON DELETE CASCADE
    )`,
    "INSERT INTO teams (id, name) VALUES (1, 'Red'), (2, 'Blue')",
    "INSERT INTO lockers (id, place) VALUES (1, 'left'), (2, 'right')",
    "INSERT INTO staff (id, name, boss_id, home_team, away_team, locker_id) VALUES (1, 'Ann', NULL, 1, 2, 1)",
    "INSERT INTO staff (id, name, boss_id, home_team, away_team, locker_id) VALUES (2, 'Bob', 1, 1, NULL, 2), (3, 'Cem', 1, 2, 1, NULL)",
    "INSERT INTO staff (id, name, boss_id, home_team, away_team, locker_id) VALUES (4, 'Dan', 2, NULL, NULL, NULL)",
    "INSERT INTO item_notes (id, order_id, product_id, words) VALUES (1, 1, 2, 'one'), (2, 1, 1, 'two'), (3, NULL, 1, 'none')",
  ])
    await database.query(sql);
}

export async function dropStaff(database: TargetDatabase): Promise<void> {
  for (const table of ["item_notes", "staff", "lockers", "teams"]) await database.query(`DROP TABLE ${table}`);
}
