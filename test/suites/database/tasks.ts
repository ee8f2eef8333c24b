import { beforeAll, beforeEach, expect } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Answer } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import { failure } from "./reads.ts";
import type { Target } from "./target.ts";

/** The rows that every case finds: title, code and points, by title. Their ids are 1 to 4. */
export const SEEDED = ["ann a 10", "bob b 20", "cid c 30", "dan null null"] as const;

/** A key that the database made. */
export const made = { id: expect.any(Number) };

/** Makes the tables `tasks` and `slots` (composite key) that write cases change freely, and fills them before each case. */
export function withTasks(fixture: () => Fixture, target: Target): void {
  beforeAll(async () => {
    for (const sql of tables(target)) await fixture().database.query(sql);
  });
  beforeEach(async () => {
    for (const sql of SEEDS) await fixture().database.query(sql);
  });
}

function tables({ words }: Target): readonly string[] {
  return [
    `CREATE TABLE tasks (
      id ${words.autoKey},
      title VARCHAR(20) NOT NULL,
      code VARCHAR(10) UNIQUE,
      points INTEGER,
      country VARCHAR(2),
      amount INTEGER DEFAULT 1 NOT NULL,
      price ${words.decimal(6, 2)},
      due ${words.datetime},
      twice INTEGER GENERATED ALWAYS AS (points * 2) STORED,
      CONSTRAINT few_points CHECK (points < 1000),
      CONSTRAINT of_country FOREIGN KEY (country) REFERENCES countries (code)
    )`,
    "CREATE TABLE slots (a INTEGER NOT NULL, b VARCHAR(10) NOT NULL, note VARCHAR(20), PRIMARY KEY (a, b))",
  ];
}

const SEEDS = [
  "DELETE FROM tasks",
  `INSERT INTO tasks (id, title, code, points, country) VALUES
    (1, 'ann', 'a', 10, 'DE'), (2, 'bob', 'b', 20, 'FR'), (3, 'cid', 'c', 30, NULL), (4, 'dan', NULL, NULL, NULL)`,
  "DELETE FROM slots",
  "INSERT INTO slots (a, b, note) VALUES (1, 'x', 'one'), (1, 'y', 'two'), (2, 'x,z', 'three')",
];

/** The rows of `tasks` as they stand in the database, as {@link SEEDED} shows them. */
export function tasksOf(fixture: Fixture): Promise<readonly string[]> {
  return rowsOf(fixture, "SELECT title, code, points FROM tasks ORDER BY title");
}

/** The rows of `slots` as they stand in the database. */
export function slotsOf(fixture: Fixture): Promise<readonly string[]> {
  return rowsOf(fixture, "SELECT a, b, note FROM slots ORDER BY a, b");
}

/** The rows of a statement that runs past Millrace, each as its values with spaces between. */
export async function rowsOf(fixture: Fixture, sql: string): Promise<readonly string[]> {
  return (await fixture.database.query(sql)).map((row) => Object.values(row).map(String).join(" "));
}

/** The tasks with some replaced, added or (`null`) gone, by title. */
export function tasksWith(changes: Readonly<Record<string, string | null>>): readonly string[] {
  const rows = new Map<string, string | null>(SEEDED.map((row) => [row.slice(0, 3), row]));
  for (const [title, row] of Object.entries(changes)) rows.set(title, row);
  return [...rows.values()].filter((row) => row !== null).sort();
}

/** One failed record inside of a batch error. */
export function refusal(status: number, message: string): Json {
  return { code: status, message, status_code: status };
}

type Done = "created" | "updated" | "deleted";

/** The body of a batch error: what became of each record, and which of them failed. */
export function batchFailure(done: Done, error: readonly number[], resource: readonly unknown[]) {
  return failure(400, `Batch Error: Not all requested records could be ${done}.`, { error, resource });
}

/** The body of a batch error after which nothing holds. */
export function undoneFailure({ traits }: Target, done: Done, error: readonly number[], resource: readonly unknown[]) {
  const told = traits.tellsUndone ? resource : resource.map((each, index) => (error.includes(index) ? each : {}));
  const message = `Batch Error: Not all requested records could be ${done}. All changes rolled back.`;
  return failure(400, message, { error, resource: told });
}

/** What a request answers, as one object. */
export async function answerOf(asked: Promise<Answer>): Promise<{ readonly status: number; readonly body: unknown }> {
  const { status, body } = await asked;
  return { status, body };
}

export const ok = (body: unknown) => ({ status: 200, body });
export const refused = (status: number, message: string) => ({ status, body: failure(status, message) });
