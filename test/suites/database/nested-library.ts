import { beforeAll, beforeEach, expect } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import type { Words } from "./target.ts";
import { answerOf } from "./tasks.ts";

/**
 * Makes the tables of a library that cases on nested writes change freely, and fills them before each case: authors with a
 * boss, a publisher and a genre (its key no database makes), books that need an author, notes that do not, one passport and
 * one profile (whose key refers to the author) each, tags and shelves through junctions, chapters with a key of two
 * columns, and pages that refer to them.
 */
export function withLibrary(fixture: () => Fixture, words: Words): void {
  beforeAll(async () => {
    for (const sql of tables(words)) await fixture().database.query(sql);
  });
  beforeEach(async () => {
    const { database } = fixture();
    const isFilled = UNCHANGED.delete(database);
    if (!isFilled) for (const sql of SEEDS) await database.query(sql);
  });
}

function tables({ autoKey }: Words): readonly string[] {
  return [
    `CREATE TABLE publishers (id ${autoKey}, name VARCHAR(20) NOT NULL UNIQUE)`,
    "CREATE TABLE genres (code VARCHAR(4) NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    `CREATE TABLE authors (
      id ${autoKey}, name VARCHAR(20) NOT NULL, boss_id INTEGER, publisher_id INTEGER, genre VARCHAR(4),
      FOREIGN KEY (boss_id) REFERENCES authors (id),
      FOREIGN KEY (publisher_id) REFERENCES publishers (id),
      FOREIGN KEY (genre) REFERENCES genres (code)
    )`,
    `CREATE TABLE books (
      id ${autoKey}, title VARCHAR(20) NOT NULL, author_id INTEGER NOT NULL, leaves INTEGER, isbn VARCHAR(10) UNIQUE,
      CONSTRAINT thin CHECK (leaves < 5000),
      FOREIGN KEY (author_id) REFERENCES authors (id)
    )`,
    `CREATE TABLE notes (id ${autoKey}, author_id INTEGER, line VARCHAR(20), FOREIGN KEY (author_id) REFERENCES authors (id))`,
    `CREATE TABLE passports (id ${autoKey}, author_id INTEGER UNIQUE, code VARCHAR(20), FOREIGN KEY (author_id) REFERENCES authors (id))`,
    `CREATE TABLE profiles (author_id INTEGER NOT NULL PRIMARY KEY, bio VARCHAR(20), FOREIGN KEY (author_id) REFERENCES authors (id))`,
    `CREATE TABLE tags (id ${autoKey}, label VARCHAR(20) NOT NULL UNIQUE)`,
    `CREATE TABLE book_tags (
      book_id INTEGER NOT NULL, tag_id INTEGER NOT NULL, PRIMARY KEY (book_id, tag_id),
      FOREIGN KEY (book_id) REFERENCES books (id), FOREIGN KEY (tag_id) REFERENCES tags (id)
    )`,
    `CREATE TABLE shelves (id ${autoKey}, place VARCHAR(20))`,
    `CREATE TABLE shelf_books (
      id ${autoKey}, shelf_id INTEGER, book_id INTEGER,
      FOREIGN KEY (shelf_id) REFERENCES shelves (id), FOREIGN KEY (book_id) REFERENCES books (id)
    )`,
    `CREATE TABLE chapters (
      book_id INTEGER NOT NULL, place INTEGER NOT NULL, title VARCHAR(20), PRIMARY KEY (book_id, place),
      FOREIGN KEY (book_id) REFERENCES books (id)
    )`,
    `CREATE TABLE pages (
      id ${autoKey}, book_id INTEGER, chapter INTEGER, line VARCHAR(20),
      FOREIGN KEY (book_id, chapter) REFERENCES chapters (book_id, place)
    )`,
  ];
}

const SEEDS = [
  "DELETE FROM pages",
  "DELETE FROM chapters",
  "DELETE FROM shelf_books",
  "DELETE FROM shelves",
  "DELETE FROM book_tags",
  "DELETE FROM tags",
  "DELETE FROM profiles",
  "DELETE FROM passports",
  "DELETE FROM notes",
  "DELETE FROM books",
  "UPDATE authors SET boss_id = NULL",
  "DELETE FROM authors",
  "DELETE FROM genres",
  "DELETE FROM publishers",
  "INSERT INTO publishers (id, name) VALUES (1, 'Ace'), (2, 'Bell')",
  "INSERT INTO genres (code, name) VALUES ('sf', 'Science'), ('dr', 'Drama')",
  "INSERT INTO authors (id, name, boss_id, publisher_id, genre) VALUES (1, 'Ann', NULL, 1, 'sf')",
  "INSERT INTO authors (id, name, boss_id, publisher_id, genre) VALUES (2, 'Bob', 1, NULL, NULL), (3, 'Cem', 1, 2, 'dr')",
  "INSERT INTO books (id, title, author_id, leaves, isbn) VALUES (1, 'A1', 1, 100, 'i1'), (2, 'A2', 1, 200, NULL), (3, 'B1', 2, 300, NULL)",
  "INSERT INTO notes (id, author_id, line) VALUES (1, 1, 'n1'), (2, 1, 'n2'), (3, 2, 'n3'), (4, NULL, 'n4')",
  "INSERT INTO passports (id, author_id, code) VALUES (1, 1, 'p1'), (2, NULL, 'p2')",
  "INSERT INTO profiles (author_id, bio) VALUES (1, 'bio1')",
  "INSERT INTO tags (id, label) VALUES (1, 'red'), (2, 'blue'), (3, 'gold')",
  "INSERT INTO book_tags (book_id, tag_id) VALUES (1, 1), (1, 2), (2, 1)",
  "INSERT INTO shelves (id, place) VALUES (1, 'top'), (2, 'low')",
  "INSERT INTO shelf_books (id, shelf_id, book_id) VALUES (1, 1, 1)",
  "INSERT INTO chapters (book_id, place, title) VALUES (1, 1, 'c1'), (1, 2, 'c2'), (2, 1, 'c3')",
  "INSERT INTO pages (id, book_id, chapter, line) VALUES (1, 1, 1, 'w1'), (2, 1, 2, 'w2')",
];

/** What the tables hold, without the keys that a database makes: the columns of each, and where they are read. */
const VIEWS = {
  publishers: [["name"], "publishers"],
  genres: [["code", "name"], "genres"],
  authors: [
    ["a.name", "b.name", "p.name", "a.genre"],
    "authors a LEFT JOIN authors b ON b.id = a.boss_id LEFT JOIN publishers p ON p.id = a.publisher_id",
  ],
  books: [["b.title", "a.name", "b.leaves"], "books b JOIN authors a ON a.id = b.author_id"],
  notes: [["n.line", "a.name"], "notes n LEFT JOIN authors a ON a.id = n.author_id"],
  passports: [["p.code", "a.name"], "passports p LEFT JOIN authors a ON a.id = p.author_id"],
  profiles: [["p.bio", "a.name"], "profiles p JOIN authors a ON a.id = p.author_id"],
  tags: [["label"], "tags"],
  tagged: [["b.title", "t.label"], "book_tags j JOIN books b ON b.id = j.book_id JOIN tags t ON t.id = j.tag_id"],
  shelved: [
    ["b.title", "s.place"],
    "shelf_books j JOIN books b ON b.id = j.book_id JOIN shelves s ON s.id = j.shelf_id",
  ],
  chapters: [["b.title", "c.place", "c.title"], "chapters c JOIN books b ON b.id = c.book_id"],
  pages: [["p.line", "b.title", "p.chapter"], "pages p LEFT JOIN books b ON b.id = p.book_id"],
} as const;

const WIDTH = 4;

/** Each of them, which looks at texts alone. */
const SELECTS = Object.entries(VIEWS).map(([view, [columns, from]]) => {
  const texts = Array.from({ length: WIDTH }, (_, at) => `CAST(${columns[at] ?? "NULL"} AS CHAR(20)) AS c${at}`);
  return `SELECT '${view}' AS v, ${texts.join(", ")} FROM ${from}`;
});
/** As many at once as D1 takes. */
const TOGETHER = 5;

type StateRow = Readonly<Record<string, string | null>>;

function stateOf(rows: readonly StateRow[]): State {
  const state: Record<string, string[]> = {};
  for (const [view, [columns]] of Object.entries(VIEWS)) {
    const own = rows.filter((row) => row.v === view);
    state[view] = own.map((row) => columns.map((_, at) => String(row[`c${at}`]).trimEnd()).join(" ")).sort();
  }
  return state;
}

export type View = keyof typeof VIEWS;
export type State = Readonly<Partial<Record<View, readonly string[]>>>;

/** What every case finds. */
export const FULL = {
  publishers: ["Ace", "Bell"],
  genres: ["dr Drama", "sf Science"],
  authors: ["Ann null Ace sf", "Bob Ann null null", "Cem Ann Bell dr"],
  books: ["A1 Ann 100", "A2 Ann 200", "B1 Bob 300"],
  notes: ["n1 Ann", "n2 Ann", "n3 Bob", "n4 null"],
  passports: ["p1 Ann", "p2 null"],
  profiles: ["bio1 Ann"],
  tags: ["blue", "gold", "red"],
  tagged: ["A1 blue", "A1 red", "A2 red"],
  shelved: ["A1 top"],
  chapters: ["A1 1 c1", "A1 2 c2", "A2 1 c3"],
  pages: ["w1 A1 1", "w2 A1 2"],
} as const satisfies Record<View, readonly string[]>;

/** Databases that hold what every case finds, as the last look at them said. */
const UNCHANGED = new WeakSet<Fixture["database"]>();

/** Expects the tables to hold what they held, but for some of them. Looks past Millrace. */
export async function expectState(fixture: Fixture, changed: State = {}): Promise<void> {
  const rows: StateRow[] = [];
  for (let at = 0; at < SELECTS.length; at += TOGETHER) {
    const sql = SELECTS.slice(at, at + TOGETHER).join(" UNION ALL ");
    rows.push(...((await fixture.database.query(sql)) as readonly StateRow[]));
  }
  expect(stateOf(rows)).toEqual({ ...FULL, ...changed });
  if (Object.keys(changed).length === 0) UNCHANGED.add(fixture.database);
  else UNCHANGED.delete(fixture.database);
}

/** Rows with some of them replaced: by the row itself, `null` = gone; rows that are new are added. */
export function rowsWith(view: View, changes: Readonly<Record<string, string | null>>): readonly string[] {
  const kept = FULL[view].map((row) => (Object.hasOwn(changes, row) ? changes[row] : row));
  const known: readonly string[] = FULL[view];
  const added = Object.entries(changes).flatMap(([row, to]) => (known.includes(row) ? [] : [to]));
  return [...kept, ...added].filter((row) => row !== null && row !== undefined).sort();
}

/** Asks for a write below `_table/`. */
export function write(fixture: Fixture, said: string, body: Json, key?: string) {
  const [verb = "", path = ""] = said.split(" ");
  return answerOf(fixture.ask(verb, `_table/${path}`, key === undefined ? { body } : { body, key }));
}

/** A case: what is asked, what it answers, and what is different afterwards. */
export type NestedCase = readonly [title: string, said: string, body: Json, answer: unknown, changed: State];

export const made = { id: expect.any(Number) };

interface Failed {
  readonly error: {
    readonly message: string;
    readonly context?: { readonly resource?: readonly { readonly message?: string }[] };
  };
}

/** The message of a failure, or that of the one record of a list that failed. */
export function errorOf(body: unknown): string | undefined {
  const { error } = body as Failed;
  return error.context?.resource?.find((each) => each.message !== undefined)?.message ?? error.message;
}
