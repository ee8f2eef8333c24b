import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeKey } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import { expectState, write } from "./nested-library.ts";

const [POST, PUT, PATCH, DELETE] = [2, 4, 8, 16];

/** What a role may do besides what the record itself takes, what it asks, and whether that is enough. */
const CASES: readonly (readonly [
  title: string,
  masks: Readonly<Record<string, number>>,
  said: string,
  body: Json,
  status: number,
])[] = [
  [
    "making one that a record belongs to takes POST",
    { authors: PATCH, publishers: PUT + PATCH },
    "PATCH authors/1",
    { publishers_by_publisher_id: { name: "Cato" } },
    403,
  ],
  [
    "making one with POST",
    { authors: PATCH, publishers: POST },
    "PATCH authors/1",
    { publishers_by_publisher_id: { name: "Cato" } },
    200,
  ],
  [
    "changing one takes PUT or PATCH",
    { authors: PATCH, publishers: POST },
    "PATCH authors/1",
    { publishers_by_publisher_id: { id: 1, name: "Cato" } },
    403,
  ],
  [
    "changing one with PUT",
    { authors: PATCH, publishers: PUT },
    "PATCH authors/1",
    { publishers_by_publisher_id: { id: 1, name: "Cato" } },
    200,
  ],
  [
    "changing one with PATCH",
    { authors: PATCH, publishers: PATCH },
    "PATCH authors/1",
    { publishers_by_publisher_id: { id: 1, name: "Cato" } },
    200,
  ],
  [
    "referring to one by its key takes nothing",
    { authors: PATCH },
    "PATCH authors/1",
    { publishers_by_publisher_id: { id: 2 } },
    200,
  ],
  [
    "a key that no database makes is made with POST alone",
    { authors: PATCH, genres: POST },
    "PATCH authors/1",
    { genres_by_genre: { code: "co", name: "Comedy" } },
    200,
  ],
  [
    "a key that no database makes is not made with PATCH alone",
    { authors: PATCH, genres: PATCH },
    "PATCH authors/1",
    { genres_by_genre: { code: "co", name: "Comedy" } },
    400,
  ],
  [
    "a key that no database makes is changed with PATCH alone",
    { authors: PATCH, genres: PATCH },
    "PATCH authors/1",
    { genres_by_genre: { code: "sf", name: "Comedy" } },
    200,
  ],
  [
    "a key that no database makes takes one of them",
    { authors: PATCH, genres: DELETE },
    "PATCH authors/1",
    { genres_by_genre: { code: "sf", name: "Comedy" } },
    403,
  ],
  [
    "making a child takes POST",
    { authors: PATCH, notes: PATCH },
    "PATCH authors/1",
    { notes_by_author_id: [{ line: "n5" }] },
    403,
  ],
  [
    "making a child with POST",
    { authors: PATCH, notes: POST },
    "PATCH authors/1",
    { notes_by_author_id: [{ line: "n5" }] },
    200,
  ],
  [
    "adopting a child takes PUT or PATCH",
    { authors: PATCH, notes: POST + DELETE },
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 4 }] },
    403,
  ],
  [
    "letting a child go takes PUT or PATCH",
    { authors: PATCH, notes: POST + DELETE },
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 1, author_id: null }] },
    403,
  ],
  [
    "letting a child go with PATCH",
    { authors: PATCH, notes: PATCH },
    "PATCH authors/1",
    { notes_by_author_id: [{ id: 1, author_id: null }] },
    200,
  ],
  [
    "deleting a child takes DELETE",
    { authors: PATCH, books: POST + PATCH },
    "PATCH authors/2?allow_related_delete=true",
    { books_by_author_id: [{ id: 3, author_id: null }] },
    403,
  ],
  [
    "deleting a child with DELETE",
    { authors: PATCH, books: DELETE },
    "PATCH authors/2?allow_related_delete=true",
    { books_by_author_id: [{ id: 3, author_id: null }] },
    200,
  ],
  [
    "linking takes POST on the junction",
    { books: PATCH, tags: 31, book_tags: DELETE },
    "PATCH books/3",
    { tags_by_book_tags: [{ id: 3 }] },
    403,
  ],
  [
    "linking takes nothing on the other table",
    { books: PATCH, book_tags: POST },
    "PATCH books/3",
    { tags_by_book_tags: [{ id: 3 }] },
    200,
  ],
  [
    "making what is linked takes POST on both",
    { books: PATCH, book_tags: POST, tags: PATCH },
    "PATCH books/3",
    { tags_by_book_tags: [{ label: "pink" }] },
    403,
  ],
  [
    "unlinking takes DELETE on the junction",
    { books: PATCH, tags: 31, book_tags: POST + PATCH },
    "PATCH books/1",
    { tags_by_book_tags: [{ id: 1, "books.id": null }] },
    403,
  ],
  [
    "unlinking with DELETE",
    { books: PATCH, book_tags: DELETE },
    "PATCH books/1",
    { tags_by_book_tags: [{ id: 1, "books.id": null }] },
    200,
  ],
  [
    "a record of the same table takes its own right",
    { authors: PATCH },
    "PATCH authors/1",
    { authors_by_boss_id: [{ name: "Eve" }] },
    403,
  ],
  [
    "what is deep inside takes rights as well",
    { authors: POST, books: POST },
    "POST authors",
    { name: "Dan", books_by_author_id: [{ title: "D1", chapters_by_book_id: [{ place: 1 }] }] },
    403,
  ],
  [
    "one record of a list may not do what the others may",
    { authors: POST, notes: POST },
    "POST authors",
    [{ name: "Dan" }, { name: "Eve", notes_by_author_id: [{ id: 4 }] }],
    403,
  ],
];

/** Each write inside of another one takes the right to it, before anything is written. */
export function nestedRightCases(fixture: () => Fixture): void {
  describe("the right to write what is related", () => {
    const keys = new Map<string, string>();
    beforeAll(async () => {
      const { house, serviceId } = fixture();
      // What the database says of its tables is no part of a write.
      await fixture().ask("GET", "_table?refresh=true");
      for (const masks of new Set(CASES.map(([, each]) => JSON.stringify(each)))) {
        const grants = Object.entries(JSON.parse(masks) as Record<string, number>).flatMap(([table, verb_mask]) =>
          [`_table/${table}`, `_table/${table}/*`].map((component) => ({
            service_id: serviceId,
            component,
            verb_mask,
          })),
        );
        keys.set(masks, await makeKey(house, `nested ${keys.size}`, grants));
      }
    });

    test.each(CASES)("%s", async (_title, masks, said, body, status) => {
      const key = keys.get(JSON.stringify(masks)) ?? "";
      const statements = await fixture().statements(async () => {
        expect((await write(fixture(), said, body, key)).status).toBe(status);
      });
      if (status === 403) expect(statements.filter((sql) => !/^SELECT/i.test(sql))).toEqual([]);
      if (status !== 200) await expectState(fixture());
    });
  });
}
