import type { Fixture } from "./fixture.ts";
import type { Target } from "./target.ts";

/** The keys of the rows. */
export const KEYS = Array.from({ length: 40 }, (_, index) => index + 1);

/** Orders with ties, NULLs at either end, mixed directions, and values of which no digit may be lost. */
export const ORDERS: readonly string[] = [
  "id",
  "id desc",
  "amount",
  "amount desc",
  "amount nulls first,id desc",
  "amount desc nulls last,name",
  "name,amount desc nulls first",
  "name desc,seen",
  "seen desc",
  "seen nulls last,amount nulls first",
  "day,name desc",
  "ratio desc nulls first,day nulls last",
  "narrow,huge desc",
  "huge nulls last",
  "done,id desc",
  "done desc nulls last,name nulls last,amount nulls first",
  "bytes,name",
  "hour desc nulls last",
  "long_text nulls last,id",
];

const TEXTS = ["a", "b", "B", "ä", "it''s", "Zoë", "a b", "", "%", "null"];

/** A row of which all is decided by its number: with ties and NULLs. */
export function row(id: number, { words }: Target, { long }: { readonly long?: string } = {}): string {
  // The steps of a linear congruential generator: random enough, and the same each time.
  let state = id * 2654435761;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const some = (text: () => string) => (random(5) === 0 ? "NULL" : text());
  const two = (number: number) => String(number).padStart(2, "0");
  const bool = (value: number) => (words.boolean === "boolean" ? (value ? "TRUE" : "FALSE") : String(value));
  const bytes = (value: number) => (words.binary === "BYTEA" ? `'\\x0${value}ff'` : `X'0${value}FF'`);
  const values = [
    id,
    some(() => `'${TEXTS[random(TEXTS.length)]}'`),
    some(() => `${random(4) - 1}.${two(random(3) * 10 + 5)}`),
    some(() => `9007199254740${990 + random(5)}`),
    some(() => `${random(3)}.1`),
    some(() => `${random(4) - 2}.1`),
    some(() => `'2024-02-0${1 + random(4)}'`),
    some(() => `'2024-02-01 03:04:05.67890${random(6)}'`),
    some(() => `'0${random(3)}:30:00'`),
    some(() => bool(random(2))),
    some(() => bytes(random(4))),
    long === undefined ? some(() => `'${"long ".repeat(random(3))}'`) : `'${long}'`,
  ];
  return `INSERT INTO journeys (id, name, amount, huge, ratio, narrow, day, seen, hour, done, bytes, long_text) VALUES (${values.join(", ")})`;
}

/** A table with a column of every kind that can be sorted by. */
export async function createJourneys(fixture: Fixture, target: Target): Promise<void> {
  const { words } = target;
  await fixture.database.query(`CREATE TABLE journeys (
    id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20), amount ${words.decimal(20, 2)}, huge ${words.bigint}, ratio ${words.double},
    narrow ${words.float}, day ${words.date}, seen ${words.datetime}, hour ${words.time}, done ${words.boolean},
    bytes ${words.binary}, long_text ${words.text}, extra ${words.json})`);
  for (const id of KEYS) await fixture.database.query(row(id, target));
}

/** The rows as they were. */
export async function refill(fixture: Fixture, target: Target): Promise<void> {
  await fixture.database.query("DELETE FROM journeys");
  for (const id of KEYS) await fixture.database.query(row(id, target));
}
