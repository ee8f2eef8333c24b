import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import { errorOf, expectState, made, type NestedCase, rowsWith, write } from "./nested-library.ts";
import { ok } from "./tasks.ts";

const WRITTEN: readonly NestedCase[] = [
  [
    "makes one that has no key, and refers to it",
    "POST authors",
    { name: "Dan", publishers_by_publisher_id: { name: "Cato" } },
    made,
    {
      publishers: ["Ace", "Bell", "Cato"],
      authors: rowsWith("authors", { new: "Dan null Cato null" }),
    },
  ],
  [
    "makes one whose key is null",
    "POST authors",
    { name: "Dan", publishers_by_publisher_id: { id: null, name: "Cato" } },
    made,
    {
      publishers: ["Ace", "Bell", "Cato"],
      authors: rowsWith("authors", { new: "Dan null Cato null" }),
    },
  ],
  [
    "refers to one that is named by its key, and leaves it alone",
    "POST authors",
    { name: "Dan", publishers_by_publisher_id: { id: 2 } },
    made,
    { authors: rowsWith("authors", { new: "Dan null Bell null" }) },
  ],
  [
    "changes one that has a key and more",
    "POST authors",
    { name: "Dan", publishers_by_publisher_id: { id: 2, name: "Byte" } },
    made,
    {
      publishers: ["Ace", "Byte"],
      authors: ["Ann null Ace sf", "Bob Ann null null", "Cem Ann Byte dr", "Dan null Byte null"],
    },
  ],
  [
    "moves a record that exists to another one",
    "PATCH authors/1",
    { publishers_by_publisher_id: { id: 2 } },
    { id: 1 },
    { authors: rowsWith("authors", { "Ann null Ace sf": "Ann null Bell sf" }) },
  ],
  [
    "makes a new one for a record that exists",
    "PUT authors/1",
    { name: "Ada", publishers_by_publisher_id: { name: "Cato" } },
    { id: 1 },
    {
      publishers: ["Ace", "Bell", "Cato"],
      authors: ["Ada null Cato sf", "Bob Ada null null", "Cem Ada Bell dr"],
      books: ["A1 Ada 100", "A2 Ada 200", "B1 Bob 300"],
      notes: ["n1 Ada", "n2 Ada", "n3 Bob", "n4 null"],
      passports: ["p1 Ada", "p2 null"],
      profiles: ["bio1 Ada"],
    },
  ],
  [
    "lets go of it for null",
    "PATCH authors/1",
    { publishers_by_publisher_id: null },
    { id: 1 },
    { authors: rowsWith("authors", { "Ann null Ace sf": "Ann null null sf" }) },
  ],
  [
    "makes one under a key that no database makes",
    "PATCH authors/2",
    { genres_by_genre: { code: "co", name: "Comedy" } },
    { id: 2 },
    {
      genres: ["co Comedy", "dr Drama", "sf Science"],
      authors: rowsWith("authors", { "Bob Ann null null": "Bob Ann null co" }),
    },
  ],
  [
    "changes one under a key that no database makes",
    "PATCH authors/2",
    { genres_by_genre: { code: "sf", name: "Sci-Fi" } },
    { id: 2 },
    {
      genres: ["dr Drama", "sf Sci-Fi"],
      authors: rowsWith("authors", { "Bob Ann null null": "Bob Ann null sf" }),
    },
  ],
  [
    "takes several at once",
    "POST authors",
    {
      name: "Dan",
      publishers_by_publisher_id: { name: "Cato" },
      genres_by_genre: { code: "dr" },
      parent_by_boss_id: { id: 3 },
    },
    made,
    {
      publishers: ["Ace", "Bell", "Cato"],
      authors: rowsWith("authors", { new: "Dan Cem Cato dr" }),
    },
  ],
  [
    "makes a boss, who is of the same table",
    "PATCH authors/1",
    { parent_by_boss_id: { name: "Zoe" } },
    { id: 1 },
    { authors: ["Ann Zoe Ace sf", "Bob Ann null null", "Cem Ann Bell dr", "Zoe null null null"] },
  ],
  [
    "makes one inside of one",
    "POST books",
    { title: "D1", authors_by_author_id: { name: "Dan", publishers_by_publisher_id: { name: "Cato" } } },
    made,
    {
      publishers: ["Ace", "Bell", "Cato"],
      authors: rowsWith("authors", { new: "Dan null Cato null" }),
      books: rowsWith("books", { new: "D1 Dan null" }),
    },
  ],
  [
    "finds one by a key of two columns",
    "POST pages",
    { line: "w3", chapters_by_book_id_chapter: { book_id: 2, place: 1 } },
    made,
    { pages: rowsWith("pages", { new: "w3 A2 1" }) },
  ],
  [
    "makes one with a key of two columns",
    "PATCH pages/1",
    { chapters_by_book_id_chapter: { book_id: 2, place: 7, title: "c7" } },
    { id: 1 },
    {
      chapters: ["A1 1 c1", "A1 2 c2", "A2 1 c3", "A2 7 c7"],
      pages: ["w1 A2 7", "w2 A1 2"],
    },
  ],
  [
    "may be named by the short form of its name",
    "POST books",
    { title: "D1", authors: { name: "Dan" } },
    made,
    {
      authors: rowsWith("authors", { new: "Dan null null null" }),
      books: rowsWith("books", { new: "D1 Dan null" }),
    },
  ],
  [
    "may be named in another case",
    "POST books",
    { title: "D1", AUTHORS_by_author_id: { id: 3 } },
    made,
    { books: rowsWith("books", { new: "D1 Cem null" }) },
  ],
  [
    "agrees with a foreign key of the same value",
    "PATCH authors/3",
    { publisher_id: 2, publishers_by_publisher_id: { id: 2, name: "Byte" } },
    { id: 3 },
    {
      publishers: ["Ace", "Byte"],
      authors: ["Ann null Ace sf", "Bob Ann null null", "Cem Ann Byte dr"],
    },
  ],
  [
    "may hold records of its own",
    "POST books",
    { title: "D1", authors_by_author_id: { name: "Dan", notes_by_author_id: [{ line: "n5" }, { id: 4 }] } },
    made,
    {
      authors: rowsWith("authors", { new: "Dan null null null" }),
      books: rowsWith("books", { new: "D1 Dan null" }),
      notes: ["n1 Ann", "n2 Ann", "n3 Bob", "n4 Dan", "n5 Dan"],
    },
  ],
];

const REFUSED: readonly (readonly [title: string, said: string, body: Json, status: number, message: string])[] = [
  [
    "null where the foreign key needs a value",
    "PATCH books/1",
    { authors_by_author_id: null },
    400,
    "Field 'authors_by_author_id' can not be null: field 'author_id' needs a value.",
  ],
  [
    "a list",
    "PATCH books/1",
    { authors_by_author_id: [{ id: 1 }] },
    400,
    "Field 'authors_by_author_id' must be an object.",
  ],
  ["a number", "PATCH books/1", { authors_by_author_id: 1 }, 400, "Field 'authors_by_author_id' must be an object."],
  [
    "a value that does not fit",
    "PATCH books/1",
    { authors_by_author_id: { id: 1, boss_id: "x" } },
    400,
    "Field 'authors_by_author_id.boss_id' must be a valid integer.",
  ],
  [
    "a key that does not fit",
    "PATCH books/1",
    { authors_by_author_id: { id: "x" } },
    400,
    "Field 'authors_by_author_id.id' must be a valid integer.",
  ],
  [
    "one that lacks a required field",
    "POST books",
    { title: "D1", authors_by_author_id: { boss_id: 1 } },
    400,
    "Required field 'authors_by_author_id.name' can not be NULL.",
  ],
  [
    "one without any field",
    "POST books",
    { title: "D1", authors_by_author_id: {} },
    400,
    "In 'authors_by_author_id': No valid fields were found in record.",
  ],
  [
    "one that is to be changed and is not there",
    "PATCH books/1",
    { authors_by_author_id: { id: 77, name: "Eve" } },
    400,
    "In 'authors_by_author_id': Record with identifier '77' not found.",
  ],
  [
    "another value of the foreign key beside it",
    "PATCH authors/1",
    { publisher_id: 1, publishers_by_publisher_id: { id: 2 } },
    400,
    "Fields 'publishers_by_publisher_id' and 'publisher_id' contradict each other.",
  ],
  [
    "a value of the foreign key beside one that is new",
    "PATCH authors/1",
    { publisher_id: 1, publishers_by_publisher_id: { name: "Cato" } },
    400,
    "Fields 'publishers_by_publisher_id' and 'publisher_id' contradict each other.",
  ],
  [
    "an unknown field with strict",
    "PATCH books/1?strict=true",
    { authors_by_author_id: { id: 1, nme: "x" } },
    400,
    "Field 'authors_by_author_id.nme' is unknown or computed by the database.",
  ],
  [
    "a short name that several relationships have",
    "PATCH authors/2",
    { authors: { id: 1 } },
    400,
    expect.stringMatching(/^Several relationships lead to 'authors': name one of /) as unknown as string,
  ],
];

/** Records that another one belongs to. */
export function nestedOwnerCases(fixture: () => Fixture): void {
  describe("what a record belongs to", () => {
    test.each(WRITTEN)("%s", async (_title, said, body, answer, changed) => {
      expect(await write(fixture(), said, body)).toEqual(ok(answer));
      await expectState(fixture(), changed);
    });

    test.each(REFUSED)("is refused as %s", async (_title, said, body, status, message) => {
      const { status: found, body: error } = await write(fixture(), said, body);
      expect([found, errorOf(error)]).toEqual([status, message]);
      await expectState(fixture());
    });

    test("fails as a reference when it is named by a key that nobody has", async () => {
      expect((await write(fixture(), "PATCH books/1", { authors_by_author_id: { id: 77 } })).status).toBe(409);
      await expectState(fixture());
    });
  });
}
