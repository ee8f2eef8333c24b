import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { makeService } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import { expectState, made, rowsWith, write } from "./nested-library.ts";
import type { Target } from "./target.ts";
import { answerOf, ok, refused } from "./tasks.ts";

const DAN = { name: "Dan", notes_by_author_id: [{ line: "n5" }] };
const WRONG: Json = { name: "Eve", notes_by_author_id: [{ line: "n6" }, { id: 77, line: "x" }] };
const FAY = { name: "Fay", notes_by_author_id: [{ line: "n7" }] };
const MISSING = "In 'notes_by_author_id.1': Record with identifier '77' not found.";

const FAILING: readonly (readonly [part: string, said: string, body: Json])[] = [
  ["a child", "POST authors", WRONG],
  [
    "the last of many",
    "POST authors",
    {
      name: "Eve",
      publishers_by_publisher_id: { name: "Cato" },
      notes_by_author_id: [...Array(9).fill({ line: "n6" }), { id: 77 }],
    },
  ],
  ["the record itself, after what it belongs to", "PATCH books/77", { authors_by_author_id: { name: "Dan" } }],
  [
    "a unique value deep inside",
    "PATCH authors/2",
    { name: "Bo", books_by_author_id: [{ title: "B2" }, { title: "B3", isbn: "i1" }] },
  ],
  ["a check of the database", "PATCH authors/2", { name: "Bo", books_by_author_id: [{ title: "B2", leaves: 5000 }] }],
  ["a reference", "PATCH books/3", { title: "B9", tags_by_book_tags: [{ label: "pink" }, { id: 77 }] }],
  [
    "a deletion that something needs",
    "PATCH authors/1?allow_related_delete=true",
    { name: "A", books_by_author_id: [{ title: "A3" }, { id: 1, author_id: null }] },
  ],
];

/** Nothing of a record stays when a part of it fails. */
export function nestedWholeCases(fixture: () => Fixture, target: Target): void {
  describe("a nested write as a whole", () => {
    test.each(FAILING)("is undone when %s fails", async (_title, said, body) => {
      expect((await write(fixture(), said, body)).status).toBeGreaterThanOrEqual(400);
      await expectState(fixture());
    });

    test("names the place of what the database refuses", async () => {
      const { body } = await write(fixture(), "PATCH authors/2", {
        books_by_author_id: [{ title: "B2" }, { title: "B3", isbn: "i1" }],
      });
      expect(body).toMatchObject({ error: { code: 409, message: expect.stringContaining("'books_by_author_id.1") } });
      const checked = await write(fixture(), "PATCH authors/2", {
        books_by_author_id: [{ title: "B2", leaves: 5000 }],
      });
      expect(checked).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringContaining("'books_by_author_id.0'") } },
      });
    });

    test("stops at the first failure of a list, and earlier records stay", async () => {
      const { status, body } = await write(fixture(), "POST authors", [DAN, WRONG, FAY]);
      expect([status, body]).toMatchObject([
        400,
        {
          error: {
            code: 1000,
            context: { error: [1], resource: [made, { code: 400, message: MISSING, status_code: 400 }] },
          },
        },
      ]);
      await expectState(fixture(), {
        authors: rowsWith("authors", { new: "Dan null null null" }),
        notes: [...rowsWith("notes", {}), "n5 Dan"],
      });
    });

    test("goes on with continue", async () => {
      const { body } = await write(fixture(), "POST authors?continue=true", [DAN, WRONG, FAY]);
      expect(body).toMatchObject({ error: { context: { error: [1], resource: [made, { message: MISSING }, made] } } });
      await expectState(fixture(), {
        authors: rowsWith("authors", { one: "Dan null null null", two: "Fay null null null" }),
        notes: [...rowsWith("notes", {}), "n5 Dan", "n7 Fay"],
      });
    });

    test("undoes all with rollback", async () => {
      const { body } = await write(fixture(), "POST authors?rollback=true", [DAN, WRONG, FAY]);
      expect(body).toMatchObject({
        error: { message: expect.stringContaining("All changes rolled back."), context: { error: [1] } },
      });
      await expectState(fixture());
    });

    test("creates many with rollback", async () => {
      expect(await write(fixture(), "POST authors?rollback=true", [DAN, FAY])).toEqual(ok({ resource: [made, made] }));
      await expectState(fixture(), {
        authors: rowsWith("authors", { one: "Dan null null null", two: "Fay null null null" }),
        notes: [...rowsWith("notes", {}), "n5 Dan", "n7 Fay"],
      });
    });

    test("changes many, some of which hold others", async () => {
      const body: readonly Json[] = [
        { id: 1, genre: "dr" },
        { id: 2, notes_by_author_id: [{ id: 4 }] },
      ];
      expect(await write(fixture(), "PATCH authors", body)).toEqual(ok({ resource: [{ id: 1 }, { id: 2 }] }));
      await expectState(fixture(), {
        authors: ["Ann null Ace dr", "Bob Ann null null", "Cem Ann Bell dr"],
        notes: ["n1 Ann", "n2 Ann", "n3 Bob", "n4 Bob"],
      });
    });

    test("names the record of a list that lacks its key", async () => {
      const { body } = await write(fixture(), "PATCH authors", [
        { id: 2, notes_by_author_id: [{ id: 4 }] },
        { notes_by_author_id: [] },
      ]);
      const message = "Identifying field 'id' can not be empty for the request.";
      expect(body).toMatchObject({ error: { context: { error: [1], resource: [{ id: 2 }, { message }] } } });
    });

    test("takes records eight deep, and no deeper", async () => {
      expect(await write(fixture(), "PATCH authors/1", bosses(8))).toEqual(ok({ id: 1 }));
      const path = Array(8).fill("parent_by_boss_id").join(".");
      expect(await write(fixture(), "PATCH authors/1", bosses(9))).toEqual(
        refused(400, `Field '${path}' holds related records deeper than 8 levels.`),
      );
      const [{ count = 0 } = {}] = (await fixture().database.query("SELECT COUNT(*) AS count FROM authors")) as {
        count?: unknown;
      }[];
      expect(Number(count)).toBe(11);
    });

    test("answers the related records that are asked for", async () => {
      const answer = { name: "Dan", notes_by_author_id: [{ line: "n5" }] };
      const asked = "fields=name&related=notes_by_author_id&notes_by_author_id.fields=line";
      expect(await write(fixture(), `POST authors?${asked}`, DAN)).toEqual(ok(answer));
      expect(await write(fixture(), `POST authors?${asked}`, [FAY])).toEqual(
        ok({ resource: [{ name: "Fay", notes_by_author_id: [{ line: "n7" }] }] }),
      );
    });

    test("takes records as they are read", async () => {
      const related = [
        "publishers_by_publisher_id",
        "parent_by_boss_id",
        "authors_by_boss_id",
        "books_by_author_id.tags_by_book_tags",
        "books_by_author_id.chapters_by_book_id.pages_by_book_id_chapter",
        "notes_by_author_id",
        "passports_by_author_id",
        "profiles_by_author_id",
      ];
      const { body } = await fixture().ask("GET", `_table/authors?related=${related.join(",")}`);
      expect(body.resource[0].books_by_author_id[0].chapters_by_book_id[0].pages_by_book_id_chapter).toHaveLength(1);
      const answer = { resource: [{ id: 1 }, { id: 2 }, { id: 3 }] };
      expect(await write(fixture(), "PUT authors", body.resource)).toEqual(ok(answer));
      await expectState(fixture());
    });

    test("is undone with the batch that it is a part of", async () => {
      const operation = (body: Json) => ({ method: "POST", path: "_table/authors", body });
      const send = (bodies: readonly Json[]) =>
        fixture().ask("POST", "_batch", { body: { atomic: true, ops: bodies.map(operation) } });
      expect((await send([DAN, WRONG])).status).toBe(400);
      await expectState(fixture());
      expect((await send([DAN, FAY])).status).toBe(200);
      await expectState(fixture(), {
        authors: rowsWith("authors", { one: "Dan null null null", two: "Fay null null null" }),
        notes: [...rowsWith("notes", {}), "n5 Dan", "n7 Fay"],
      });
    });

    test("shows at once in what is kept of reads of the related tables", async () => {
      const { house, database } = fixture();
      await makeService(house, "keeping", target.type, { ...database.config, cache_enabled: true });
      const count = async () => (await house.ask("GET", "keeping/_table/notes?count_only=true")).body;
      expect(await count()).toBe(4);
      expect((await house.ask("POST", "keeping/_table/authors", { body: DAN })).status).toBe(200);
      expect(await count()).toBe(5);
    });

    test("relates nothing through a field that nobody may set", async () => {
      const { house, database } = fixture();
      await makeService(house, "guarding", target.type, database.config);
      const guarded = await house.ask("PATCH", "guarding/_schema/notes/_field/author_id", {
        body: { validation: { api_read_only: {} } },
      });
      expect(guarded.status).toBe(200);
      const notes: readonly Json[] = [{ line: "n5" }, { id: 4 }, { id: 1, author_id: null }];
      for (const note of notes) {
        const { status, body } = await house.ask("PATCH", "guarding/_table/authors/1", {
          body: { notes_by_author_id: [note] },
        });
        expect([status, body.error.message]).toEqual([400, "Field 'notes_by_author_id.0.author_id' is read only."]);
      }
      await expectState(fixture());
    });

    test("takes ten thousand related records, and no more", async () => {
      const body = [
        { name: "Dan", notes_by_author_id: Array(5_000).fill({}) },
        { name: "Eve", notes_by_author_id: Array(5_001).fill({}) },
      ];
      expect(await write(fixture(), "POST authors", body)).toEqual(
        refused(413, "The request holds more than 10000 related records."),
      );
      await expectState(fixture());
    });

    test("costs a record without related ones nothing", async () => {
      const statements = await fixture().statements(() =>
        write(fixture(), "POST authors", [{ name: "Dan" }, { name: "Eve" }]),
      );
      expect(statements.filter((sql) => /^INSERT/i.test(sql)).length).toBeLessThanOrEqual(
        target.traits.insertReturns ? 1 : 2,
      );
    });

    test("creates a record that is missing, with what it holds, where the service allows it", async () => {
      const { house, database } = fixture();
      await makeService(house, "nesting", target.type, { ...database.config, allow_upsert: true });
      const body = { name: "Dan", notes_by_author_id: [{ line: "n5" }], publishers_by_publisher_id: { name: "Cato" } };
      expect(await answerOf(house.ask("PUT", "nesting/_table/authors/600", { body }))).toEqual(ok({ id: 600 }));
      await expectState(fixture(), {
        publishers: ["Ace", "Bell", "Cato"],
        authors: rowsWith("authors", { new: "Dan null Cato null" }),
        notes: [...rowsWith("notes", {}), "n5 Dan"],
      });
    });
  });
}

/** A record with a chain of new bosses. */
function bosses(depth: number): { readonly [name: string]: Json } {
  let record: { readonly [name: string]: Json } = { name: "top" };
  for (let level = 1; level < depth; level++) record = { name: "mid", parent_by_boss_id: record };
  return { parent_by_boss_id: record };
}

/** Where no transaction can be held open. */
export function unheldCases(fixture: () => Fixture): void {
  const message =
    "Related records are written in one transaction, which this database can not hold open: write them one by one.";
  test.each<[string, string, Json]>([
    ["a new record", "POST authors", DAN],
    ["one record of a list", "POST authors", [{ name: "Eve" }, DAN]],
    ["a record by its id", "PATCH authors/1", { notes_by_author_id: [{ id: 4 }] }],
    [
      "a record by its own key",
      "PUT authors",
      [
        { id: 2, name: "Bo" },
        { id: 1, parent_by_boss_id: null },
      ],
    ],
    ["a record by ids", "PATCH authors?ids=1", { books_by_author_id: [{ title: "A3" }] }],
  ])("%s that holds others is refused before anything is written", async (_title, said, body) => {
    expect(await write(fixture(), said, body)).toEqual(refused(501, message));
    await expectState(fixture());
  });
}
