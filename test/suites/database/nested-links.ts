import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import { expectState, made, type NestedCase, rowsWith, write } from "./nested-library.ts";
import { ok, refused } from "./tasks.ts";

const WRITTEN: readonly NestedCase[] = [
  [
    "are linked by their keys",
    "PATCH books/2",
    { tags_by_book_tags: [{ id: 2 }, { id: 3 }] },
    { id: 2 },
    { tagged: ["A1 blue", "A1 red", "A2 blue", "A2 gold", "A2 red"] },
  ],
  [
    "stay linked once when they are linked again",
    "PATCH books/1",
    { tags_by_book_tags: [{ id: 1 }, { id: 1 }] },
    { id: 1 },
    {},
  ],
  [
    "are linked once in a junction with a key of its own",
    "PATCH books/1",
    { shelves_by_shelf_books: [{ id: 1 }, { id: 2 }, { id: 2 }] },
    { id: 1 },
    { shelved: ["A1 low", "A1 top"] },
  ],
  [
    "are made and linked",
    "PATCH books/3",
    { tags_by_book_tags: [{ label: "pink" }] },
    { id: 3 },
    { tags: ["blue", "gold", "pink", "red"], tagged: ["A1 blue", "A1 red", "A2 red", "B1 pink"] },
  ],
  [
    "are changed and linked",
    "PATCH books/3",
    { tags_by_book_tags: [{ id: 3, label: "silver" }], shelves_by_shelf_books: [{ id: 2, place: "low" }] },
    { id: 3 },
    {
      tags: ["blue", "red", "silver"],
      tagged: ["A1 blue", "A1 red", "A2 red", "B1 silver"],
      shelved: ["A1 top", "B1 low"],
    },
  ],
  [
    "are changed where they are linked already",
    "PATCH books/2",
    { tags_by_book_tags: [{ id: 1, label: "rose" }] },
    { id: 2 },
    { tags: ["blue", "gold", "rose"], tagged: ["A1 blue", "A1 rose", "A2 rose"] },
  ],
  [
    "are unlinked and stay",
    "PATCH books/1",
    { tags_by_book_tags: [{ id: 1, "books.id": null }] },
    { id: 1 },
    { tagged: ["A1 blue", "A2 red"] },
  ],
  [
    "are unlinked from a junction with a key of its own",
    "PATCH books/1",
    { shelves_by_shelf_books: [{ id: 1, "books.id": null }] },
    { id: 1 },
    { shelved: [] },
  ],
  [
    "need not be linked to be unlinked",
    "PATCH books/3",
    { tags_by_book_tags: [{ id: 1, "books.id": null }] },
    { id: 3 },
    {},
  ],
  [
    "are linked to a new record",
    "POST books",
    { title: "D1", author_id: 1, tags_by_book_tags: [{ id: 1 }, { label: "pink" }] },
    made,
    {
      books: rowsWith("books", { new: "D1 Ann null" }),
      tags: ["blue", "gold", "pink", "red"],
      tagged: ["A1 blue", "A1 red", "A2 red", "D1 pink", "D1 red"],
    },
  ],
  [
    "are reached from the other side",
    "PATCH tags/3",
    { books_by_book_tags: [{ id: 1 }, { title: "D1", author_id: 2 }] },
    { id: 3 },
    {
      books: rowsWith("books", { new: "D1 Bob null" }),
      tagged: ["A1 blue", "A1 gold", "A1 red", "A2 red", "D1 gold"],
    },
  ],
  [
    "hold records of their own",
    "PATCH tags/3",
    {
      books_by_book_tags: [{ title: "D1", authors_by_author_id: { name: "Dan" }, chapters_by_book_id: [{ place: 1 }] }],
    },
    { id: 3 },
    {
      authors: rowsWith("authors", { new: "Dan null null null" }),
      books: rowsWith("books", { new: "D1 Dan null" }),
      tagged: ["A1 blue", "A1 red", "A2 red", "D1 gold"],
      chapters: ["A1 1 c1", "A1 2 c2", "A2 1 c3", "D1 1 null"],
    },
  ],
  [
    "are of every kind in one list",
    "PUT books/1",
    { tags_by_book_tags: [{ id: 3 }, { id: 1, "books.id": null }, { id: 2, label: "navy" }, { label: "pink" }] },
    { id: 1 },
    { tags: ["gold", "navy", "pink", "red"], tagged: ["A1 gold", "A1 navy", "A1 pink", "A2 red"] },
  ],
  [
    "may be named by the short form",
    "PATCH books/3",
    { tags: [{ id: 1 }] },
    { id: 3 },
    { tagged: ["A1 blue", "A1 red", "A2 red", "B1 red"] },
  ],
  [
    "may be written as rows of the junction",
    "PATCH books/3",
    { book_tags_by_book_id: [{ tag_id: 1 }, { tags_by_tag_id: { label: "pink" } }] },
    { id: 3 },
    { tags: ["blue", "gold", "pink", "red"], tagged: ["A1 blue", "A1 red", "A2 red", "B1 pink", "B1 red"] },
  ],
];

const REFUSED: readonly (readonly [title: string, said: string, body: Json, status: number, message: string])[] = [
  [
    "an object",
    "PATCH books/1",
    { tags_by_book_tags: { id: 1 } },
    400,
    "Field 'tags_by_book_tags' must be a list of objects.",
  ],
  [
    "a list of keys",
    "PATCH books/1",
    { tags_by_book_tags: [1] },
    400,
    "Field 'tags_by_book_tags.0' must be an object.",
  ],
  [
    "a key that does not fit",
    "PATCH books/1",
    { tags_by_book_tags: [{ id: "x" }] },
    400,
    "Field 'tags_by_book_tags.0.id' must be a valid integer.",
  ],
  [
    "one that is to be changed and is not there",
    "PATCH books/1",
    { tags_by_book_tags: [{ id: 77, label: "x" }] },
    400,
    "In 'tags_by_book_tags.0': Record with identifier '77' not found.",
  ],
  [
    "one to be unlinked without its key",
    "PATCH books/1",
    { tags_by_book_tags: [{ label: "red", "books.id": null }] },
    400,
    "Field 'tags_by_book_tags.0' must say the key of the record that is to be unlinked.",
  ],
  [
    "a required field that is missing",
    "PATCH books/1",
    { tags_by_book_tags: [{ id: 1 }, { label: null }] },
    400,
    "Required field 'tags_by_book_tags.1.label' can not be NULL.",
  ],
];

/** Records on the other side of a junction. */
export function nestedLinkCases(fixture: () => Fixture): void {
  describe("what a junction links to a record", () => {
    test.each(WRITTEN)("%s", async (_title, said, body, answer, changed) => {
      expect(await write(fixture(), said, body)).toEqual(ok(answer));
      await expectState(fixture(), changed);
    });

    test.each(REFUSED)("is refused as %s", async (_title, said, body, status, message) => {
      expect(await write(fixture(), said, body)).toEqual(refused(status, message));
      await expectState(fixture());
    });

    test("fails as a reference when nobody has its key", async () => {
      expect((await write(fixture(), "PATCH books/1", { tags_by_book_tags: [{ id: 3 }, { id: 77 }] })).status).toBe(
        409,
      );
      await expectState(fixture());
    });

    test("is linked by many at the same time, and once", async () => {
      const links = Array.from({ length: 6 }, () =>
        write(fixture(), "PATCH books/3", { tags_by_book_tags: [{ id: 3 }] }),
      );
      expect((await Promise.all(links)).map((answer) => answer.status)).toEqual(Array(6).fill(200));
      await expectState(fixture(), { tagged: ["A1 blue", "A1 red", "A2 red", "B1 gold"] });
    });
  });
}
