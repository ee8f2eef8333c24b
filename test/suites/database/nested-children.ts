import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import { errorOf, expectState, made, type NestedCase, rowsWith, write } from "./nested-library.ts";
import { ok } from "./tasks.ts";

const WRITTEN: readonly NestedCase[] = [
  [
    "are made with a new record, under the key that it gets",
    "POST authors",
    { name: "Dan", books_by_author_id: [{ title: "D1" }, { title: "D2", leaves: 9 }] },
    made,
    {
      authors: rowsWith("authors", { new: "Dan null null null" }),
      books: rowsWith("books", { one: "D1 Dan null", two: "D2 Dan 9" }),
    },
  ],
  [
    "are made under a record that exists",
    "PATCH authors/2",
    { books_by_author_id: [{ title: "B2" }] },
    { id: 2 },
    { books: rowsWith("books", { new: "B2 Bob null" }) },
  ],
  [
    "are adopted by their keys alone",
    "PATCH authors/2",
    { notes_by_author_id: [{ id: 1 }, { id: 4 }] },
    { id: 2 },
    { notes: ["n1 Bob", "n2 Ann", "n3 Bob", "n4 Bob"] },
  ],
  [
    "are adopted by a new record",
    "POST authors",
    { name: "Dan", notes_by_author_id: [{ id: 4 }] },
    made,
    {
      authors: rowsWith("authors", { new: "Dan null null null" }),
      notes: ["n1 Ann", "n2 Ann", "n3 Bob", "n4 Dan"],
    },
  ],
  [
    "are changed by their keys and more",
    "PUT authors/1",
    { books_by_author_id: [{ id: 2, title: "A9" }] },
    { id: 1 },
    {
      books: ["A1 Ann 100", "A9 Ann 200", "B1 Bob 300"],
      chapters: ["A1 1 c1", "A1 2 c2", "A9 1 c3"],
      tagged: ["A1 blue", "A1 red", "A9 red"],
    },
  ],
  [
    "are changed and adopted at once",
    "PATCH authors/3",
    { books_by_author_id: [{ id: 3, leaves: 7 }] },
    { id: 3 },
    { books: ["A1 Ann 100", "A2 Ann 200", "B1 Cem 7"] },
  ],
  [
    "belong to the record that holds them whatever they say themselves",
    "PATCH authors/2",
    {
      books_by_author_id: [
        { title: "B2", author_id: 1 },
        { id: 1, author_id: 1 },
      ],
    },
    { id: 2 },
    { books: ["A1 Bob 100", "A2 Ann 200", "B1 Bob 300", "B2 Bob null"] },
  ],
  [
    "are let go when their foreign key is null",
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 1, author_id: null }] },
    { id: 1 },
    { notes: ["n1 null", "n2 Ann", "n3 Bob", "n4 null"] },
  ],
  [
    "may change as they are let go",
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 1, author_id: null, line: "n9" }] },
    { id: 1 },
    { notes: ["n2 Ann", "n3 Bob", "n4 null", "n9 null"] },
  ],
  [
    "are only let go, where they can be, though they might be deleted",
    "PATCH authors/1?allow_related_delete=true",
    { notes_by_author_id: [{ id: 1, author_id: null }] },
    { id: 1 },
    { notes: ["n1 null", "n2 Ann", "n3 Bob", "n4 null"] },
  ],
  [
    "are deleted where they can not be let go",
    "PATCH authors/2?allow_related_delete=true",
    { books_by_author_id: [{ id: 3, author_id: null }] },
    { id: 2 },
    { books: ["A1 Ann 100", "A2 Ann 200"] },
  ],
  [
    "are deleted by an option beside the record as well",
    "PATCH authors",
    { allow_related_delete: true, resource: [{ id: 2, books_by_author_id: [{ id: 3, author_id: null }] }] },
    { resource: [{ id: 2 }] },
    { books: ["A1 Ann 100", "A2 Ann 200"] },
  ],
  [
    "may be of every kind in one list",
    "PATCH authors/1",
    { notes_by_author_id: [{ line: "n5" }, { id: 3 }, { id: 2, line: "n8" }, { id: 1, author_id: null }] },
    { id: 1 },
    { notes: ["n1 null", "n3 Ann", "n4 null", "n5 Ann", "n8 Ann"] },
  ],
  ["may be none", "PATCH authors/1", { name: "Ann", notes_by_author_id: [] }, { id: 1 }, {}],
  [
    "may be of the same table",
    "PATCH authors/2",
    { authors_by_boss_id: [{ name: "Eve" }, { id: 3 }] },
    { id: 2 },
    { authors: ["Ann null Ace sf", "Bob Ann null null", "Cem Bob Bell dr", "Eve Bob null null"] },
  ],
  [
    "hold records of their own, to any depth",
    "POST authors",
    {
      name: "Dan",
      books_by_author_id: [
        { title: "D1", chapters_by_book_id: [{ place: 1, pages_by_book_id_chapter: [{ line: "w9" }] }] },
      ],
    },
    made,
    {
      authors: rowsWith("authors", { new: "Dan null null null" }),
      books: rowsWith("books", { new: "D1 Dan null" }),
      chapters: ["A1 1 c1", "A1 2 c2", "A2 1 c3", "D1 1 null"],
      pages: ["w1 A1 1", "w2 A1 2", "w9 D1 1"],
    },
  ],
  [
    "belong to others that they hold themselves",
    "PATCH authors/2",
    { authors_by_boss_id: [{ name: "Eve", publishers_by_publisher_id: { name: "Cato" } }] },
    { id: 2 },
    {
      publishers: ["Ace", "Bell", "Cato"],
      authors: ["Ann null Ace sf", "Bob Ann null null", "Cem Ann Bell dr", "Eve Bob Cato null"],
    },
  ],
  [
    "are found by what the record above adds to their key",
    "PATCH books/1",
    {
      chapters_by_book_id: [
        { place: 2, title: "two" },
        { place: 3, title: "three" },
      ],
    },
    { id: 1 },
    { chapters: ["A1 1 c1", "A1 2 two", "A1 3 three", "A2 1 c3"] },
  ],
  [
    "move with a key of two columns",
    "PATCH books/3",
    { chapters_by_book_id: [{ book_id: 2, place: 1 }] },
    { id: 3 },
    { chapters: ["A1 1 c1", "A1 2 c2", "B1 1 c3"] },
  ],
  [
    "are deleted by a key of two columns",
    "PATCH books/2?allow_related_delete=true",
    { chapters_by_book_id: [{ place: 1, book_id: null }] },
    { id: 2 },
    { chapters: ["A1 1 c1", "A1 2 c2"] },
  ],
  [
    "refer to a key of two columns",
    "PATCH chapters/1,2",
    { pages_by_book_id_chapter: [{ line: "w3" }, { id: 1 }, { id: 2, chapter: null }] },
    { book_id: 1, place: 2 },
    { pages: ["w1 A1 2", "w2 null null", "w3 A1 2"] },
  ],
  [
    "are one record where there can be one only",
    "POST authors",
    { name: "Dan", passports_by_author_id: { code: "p9" }, profiles_by_author_id: { bio: "new" } },
    made,
    {
      authors: rowsWith("authors", { new: "Dan null null null" }),
      passports: ["p1 Ann", "p2 null", "p9 Dan"],
      profiles: ["bio1 Ann", "new Dan"],
    },
  ],
  [
    "are changed where there is one only, as their key is that of the record",
    "PATCH authors/1",
    { profiles_by_author_id: { bio: "better" } },
    { id: 1 },
    { profiles: ["better Ann"] },
  ],
  [
    "are adopted where there can be one only",
    "PATCH authors/2",
    { passports_by_author_id: { id: 2 } },
    { id: 2 },
    { passports: ["p1 Ann", "p2 Bob"] },
  ],
  [
    "are let go for null where there is one only",
    "PATCH authors/1",
    { passports_by_author_id: null },
    { id: 1 },
    { passports: ["p1 null", "p2 null"] },
  ],
  [
    "need not be there to be let go",
    "PATCH authors/2",
    { passports_by_author_id: null, profiles_by_author_id: null },
    { id: 2 },
    {},
  ],
  [
    "are none of a new record for null",
    "POST authors",
    { name: "Dan", profiles_by_author_id: null },
    made,
    { authors: rowsWith("authors", { new: "Dan null null null" }) },
  ],
  [
    "are deleted for null where there is one only that can not be let go",
    "PATCH authors/1?allow_related_delete=true",
    { profiles_by_author_id: null },
    { id: 1 },
    { profiles: [] },
  ],
  [
    "go by the one record of ids",
    "PATCH authors?ids=2",
    { notes_by_author_id: [{ id: 4 }] },
    { resource: [{ id: 2 }] },
    { notes: ["n1 Ann", "n2 Ann", "n3 Bob", "n4 Bob"] },
  ],
  [
    "go by the key that a record says itself",
    "PUT authors",
    { id: 2, notes_by_author_id: [{ id: 4 }] },
    { id: 2 },
    { notes: ["n1 Ann", "n2 Ann", "n3 Bob", "n4 Bob"] },
  ],
  [
    "go by another field that names one record",
    "PATCH books/i1?id_field=isbn",
    { chapters_by_book_id: [{ place: 1, title: "one" }] },
    { id: 1 },
    { chapters: ["A1 1 one", "A1 2 c2", "A2 1 c3"] },
  ],
  [
    "stand beside the answer that was asked for",
    "PATCH authors/2?fields=name,genre",
    { genre: "dr", notes_by_author_id: [{ id: 4 }] },
    { name: "Bob", genre: "dr" },
    {
      authors: ["Ann null Ace sf", "Bob Ann null dr", "Cem Ann Bell dr"],
      notes: ["n1 Ann", "n2 Ann", "n3 Bob", "n4 Bob"],
    },
  ],
  [
    "are written with an upsert of a record that is there",
    "POST authors?upsert=true",
    { id: 2, name: "Bob", notes_by_author_id: [{ id: 4 }, { id: 3, author_id: null }] },
    { id: 2 },
    { notes: ["n1 Ann", "n2 Ann", "n3 null", "n4 Bob"] },
  ],
];

const REFUSED: readonly (readonly [title: string, said: string, body: Json, status: number, message: string])[] = [
  [
    "an object in place of a list",
    "PATCH authors/1",
    { notes_by_author_id: { id: 1 } },
    400,
    "Field 'notes_by_author_id' must be a list of objects.",
  ],
  [
    "null in place of a list",
    "PATCH authors/1",
    { notes_by_author_id: null },
    400,
    "Field 'notes_by_author_id' must be a list of objects.",
  ],
  [
    "a list in place of one",
    "PATCH authors/1",
    { profiles_by_author_id: [{ bio: "x" }] },
    400,
    "Field 'profiles_by_author_id' must be an object.",
  ],
  [
    "a list of keys",
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 1 }, 2] },
    400,
    "Field 'notes_by_author_id.1' must be an object.",
  ],
  [
    "a value that does not fit",
    "PATCH authors/1",
    { books_by_author_id: [{ id: 1 }, { id: 2, leaves: "many" }] },
    400,
    "Field 'books_by_author_id.1.leaves' must be a valid integer.",
  ],
  [
    "a value that is too long, deep inside",
    "POST authors",
    { name: "Dan", books_by_author_id: [{ title: "D1", chapters_by_book_id: [{ place: 1, title: "x".repeat(21) }] }] },
    400,
    "Field 'books_by_author_id.0.chapters_by_book_id.0.title' can hold at most 20 characters.",
  ],
  [
    "a required field that is missing",
    "POST authors",
    { name: "Dan", books_by_author_id: [{ leaves: 1 }] },
    400,
    "Required field 'books_by_author_id.0.title' can not be NULL.",
  ],
  [
    "one that is not there",
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 77 }] },
    400,
    "In 'notes_by_author_id.0': Record with identifier '77' not found.",
  ],
  [
    "one to be let go that belongs to another record",
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 3, author_id: null }] },
    400,
    expect.stringMatching(/^In 'notes_by_author_id.0': Record with identifier '3.*' not found\.$/) as unknown as string,
  ],
  [
    "one that can not be let go",
    "PATCH authors/2",
    { books_by_author_id: [{ id: 3, author_id: null }] },
    400,
    "Field 'books_by_author_id.0' can not do without its parent, as 'author_id' can not be NULL: with 'allow_related_delete=true' it is deleted.",
  ],
  [
    "null for the one that can not be let go",
    "PATCH authors/1",
    { profiles_by_author_id: null },
    400,
    "Field 'profiles_by_author_id' can not do without its parent, as 'author_id' can not be NULL: with 'allow_related_delete=true' it is deleted.",
  ],
  [
    "records inside of one that is to be deleted",
    "PATCH authors/2?allow_related_delete=true",
    { books_by_author_id: [{ id: 3, author_id: null, tags_by_book_tags: [{ id: 1 }] }] },
    400,
    "Field 'books_by_author_id.0' is to be deleted: it can not hold related records.",
  ],
  [
    "the way back to the record that holds it",
    "PATCH authors/2",
    { books_by_author_id: [{ title: "B2", authors_by_author_id: { id: 1 } }] },
    400,
    "Field 'books_by_author_id.0.authors_by_author_id' can not be set: another record gives 'author_id' its value.",
  ],
  [
    "an unknown field with strict",
    "PATCH authors/2?strict=true",
    { notes_by_author_id: [{ id: 3, lin: "x" }] },
    400,
    "Field 'notes_by_author_id.0.lin' is unknown or computed by the database.",
  ],
  [
    "an unknown name with strict",
    "PATCH authors/2?strict=true",
    { name: "Bob", poems_by_author_id: [{ id: 3 }] },
    400,
    "Field 'poems_by_author_id' is unknown or computed by the database.",
  ],
  [
    "an upsert without its key",
    "POST authors?upsert=true",
    { name: "Dan", notes_by_author_id: [{ line: "n5" }] },
    400,
    "An upsert needs the key field 'id' in each record.",
  ],
  [
    "those of several ids",
    "PATCH authors?ids=1,2",
    { notes_by_author_id: [{ id: 4 }] },
    400,
    "Related records can be written with one record only, not with all of 'ids' or 'filter'.",
  ],
  [
    "those of a filter",
    "PATCH authors?filter=id%3D1",
    { notes_by_author_id: [{ id: 4 }] },
    400,
    "Related records can be written with one record only, not with all of 'ids' or 'filter'.",
  ],
  [
    "those of a field that names several records",
    "PATCH books/1?id_field=author_id",
    { chapters_by_book_id: [{ place: 9 }] },
    400,
    "Related records can not belong to several records at once.",
  ],
  [
    "those of a record that is not there",
    "PATCH authors/77",
    { notes_by_author_id: [{ line: "n5" }] },
    404,
    "Record with identifier '77' not found.",
  ],
];

/** Records that belong to another one. */
export function nestedChildCases(fixture: () => Fixture): void {
  describe("what belongs to a record", () => {
    test.each(WRITTEN)("%s", async (_title, said, body, answer, changed) => {
      expect(await write(fixture(), said, body)).toEqual(ok(answer));
      await expectState(fixture(), changed);
    });

    test.each(REFUSED)("is refused as %s", async (_title, said, body, status, message) => {
      const { status: found, body: error } = await write(fixture(), said, body);
      const failure = errorOf(error);
      expect([found, failure]).toEqual([status, message]);
      await expectState(fixture());
    });

    test("is ignored under a name that is no relationship", async () => {
      expect(await write(fixture(), "PATCH authors/2", { name: "Bob", poems: [{ id: 3 }] })).toEqual(ok({ id: 2 }));
      await expectState(fixture());
    });

    test("goes back and forth as it is read", async () => {
      const book = { id: 1, title: "A1", author_id: 1, leaves: 100, isbn: "i1" };
      const author = { id: 1, name: "Ann", boss_id: null, publisher_id: 1, genre: "sf", books_by_author_id: [book] };
      expect(await write(fixture(), "PUT authors/1", { ...author, parent_by_boss_id: null })).toEqual(ok({ id: 1 }));
      await expectState(fixture());
    });
  });
}
