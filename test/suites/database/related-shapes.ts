import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { failure, get } from "./reads.ts";
import { createStaff, dropStaff } from "./staff.ts";
import type { Target } from "./target.ts";

/** What is asked below `_table/`, and the very text of the answer. */
const SHAPES: readonly (readonly [path: string, text: string])[] = [
  // A reference to itself, from both of its ends.
  [
    "staff/2?fields=id&related=parent_by_boss_id&parent_by_boss_id.fields=name",
    '{"id":2,"parent_by_boss_id":{"name":"Ann"}}',
  ],
  ["staff/1?fields=id&related=parent_by_boss_id", '{"id":1,"parent_by_boss_id":null}'],
  [
    "staff/1?fields=id&related=staff_by_boss_id&staff_by_boss_id.fields=name",
    '{"id":1,"staff_by_boss_id":[{"name":"Bob"},{"name":"Cem"}]}',
  ],
  [
    "staff/4?fields=id&related=parent_by_boss_id.parent_by_boss_id&parent_by_boss_id.fields=name&parent_by_boss_id.parent_by_boss_id.fields=name",
    '{"id":4,"parent_by_boss_id":{"name":"Bob","parent_by_boss_id":{"name":"Ann"}}}',
  ],
  [
    "staff/1?fields=id&related=staff_by_boss_id.staff_by_boss_id&staff_by_boss_id.fields=id&staff_by_boss_id.staff_by_boss_id.fields=id",
    '{"id":1,"staff_by_boss_id":[{"id":2,"staff_by_boss_id":[{"id":4}]},{"id":3,"staff_by_boss_id":[]}]}',
  ],
  [
    "staff/1?fields=id&related=staff_by_boss_id&staff_by_boss_id.group=boss_id&staff_by_boss_id.fields=boss_id,COUNT(*)",
    '{"id":1,"staff_by_boss_id":[{"boss_id":1,"COUNT_ALL":2}]}',
  ],
  // Two keys to one table.
  [
    "staff/1?fields=id&related=teams_by_home_team,teams_by_away_team",
    '{"id":1,"teams_by_home_team":{"id":1,"name":"Red"},"teams_by_away_team":{"id":2,"name":"Blue"}}',
  ],
  [
    "teams/1?fields=id&related=staff_by_home_team,staff_by_away_team&staff_by_home_team.fields=id&staff_by_away_team.fields=id",
    '{"id":1,"staff_by_home_team":[{"id":1},{"id":2}],"staff_by_away_team":[{"id":3}]}',
  ],
  // A key that leads to one row from both of its ends.
  [
    "lockers?fields=id&related=staff_by_locker_id&staff_by_locker_id.fields=name",
    '{"resource":[{"id":1,"staff_by_locker_id":{"name":"Ann"}},{"id":2,"staff_by_locker_id":{"name":"Bob"}}]}',
  ],
  ["staff/3?fields=id&related=lockers_by_locker_id", '{"id":3,"lockers_by_locker_id":null}'],
  // A key of two columns.
  [
    "item_notes?fields=id&related=order_items_by_order_id_product_id&order=id",
    '{"resource":[{"id":1,"order_items_by_order_id_product_id":{"order_id":1,"product_id":2,"quantity":2}},{"id":2,"order_items_by_order_id_product_id":{"order_id":1,"product_id":1,"quantity":4}},{"id":3,"order_items_by_order_id_product_id":null}]}',
  ],
  [
    "order_items?fields=quantity&related=item_notes_by_order_id_product_id&item_notes_by_order_id_product_id.fields=words",
    '{"resource":[{"quantity":4,"item_notes_by_order_id_product_id":[{"words":"two"}]},{"quantity":2,"item_notes_by_order_id_product_id":[{"words":"one"}]},{"quantity":5,"item_notes_by_order_id_product_id":[]},{"quantity":1,"item_notes_by_order_id_product_id":[]}]}',
  ],
  [
    "order_items?fields=quantity&related=item_notes_by_order_id_product_id&item_notes_by_order_id_product_id.fields=words&item_notes_by_order_id_product_id.limit=1",
    '{"resource":[{"quantity":4,"item_notes_by_order_id_product_id":[{"words":"two"}]},{"quantity":2,"item_notes_by_order_id_product_id":[{"words":"one"}]},{"quantity":5,"item_notes_by_order_id_product_id":[]},{"quantity":1,"item_notes_by_order_id_product_id":[]}]}',
  ],
  // Hostile names, on tables and fields that need quotes.
  [
    'odd parents?fields=id&related=odd "kids_by_the ref&odd "kids_by_the ref.fields=it\'s',
    '{"resource":[{"id":1,"odd \\"kids_by_the ref":[{"it\'s":"a"},{"it\'s":"b"}]}]}',
  ],
  [
    'odd "kids?related=odd parents_by_the ref&filter=id=2',
    '{"resource":[{"id":2,"the ref":1,"it\'s":"b","odd parents_by_the ref":{"id":1}}]}',
  ],
];

/** Relationships of every shape. */
export function relatedShapeCases(fixture: () => Fixture, target: Target): void {
  const { words } = target;
  const q = words.quote;
  beforeAll(async () => {
    await createStaff(fixture().database, words);
    for (const sql of [
      `CREATE TABLE ${q("odd parents")} (id ${words.autoKey})`,
      `CREATE TABLE ${q('odd "kids')} (id ${words.autoKey}, ${q("the ref")} INTEGER, ${q("it's")} VARCHAR(5), FOREIGN KEY (${q("the ref")}) REFERENCES ${q("odd parents")} (id))`,
      `INSERT INTO ${q("odd parents")} (id) VALUES (1)`,
      `INSERT INTO ${q('odd "kids')} (id, ${q("the ref")}, ${q("it's")}) VALUES (1, 1, 'a'), (2, 1, 'b')`,
      // Keys are texts: where the database takes letters of either case for one, so do relationships.
      `CREATE TABLE marks (mark VARCHAR(10) NOT NULL PRIMARY KEY, note ${words.text})`,
      "CREATE TABLE marked (id INTEGER NOT NULL PRIMARY KEY, mark VARCHAR(10), FOREIGN KEY (mark) REFERENCES marks (mark))",
      "CREATE TABLE marked_marks (marked_id INTEGER, mark VARCHAR(10), FOREIGN KEY (marked_id) REFERENCES marked (id), FOREIGN KEY (mark) REFERENCES marks (mark))",
      "INSERT INTO marks (mark, note) VALUES ('Alpha', 'first'), ('007', 'number'), ('7', 'other')",
      `INSERT INTO marked (id, mark) VALUES (1, 'Alpha'), (2, '${target.traits.ignoresCase ? "ALPHA" : "Alpha"}'), (3, '007'), (4, '7'), (5, NULL)`,
      // The same pair twice: a far row is given once.
      "INSERT INTO marked_marks (marked_id, mark) VALUES (1, '7'), (1, '7'), (1, 'Alpha'), (2, '007'), (NULL, '7'), (3, NULL)",
    ])
      await fixture().database.query(sql);
    await fixture().ask("GET", "_table?refresh=true");
  });
  afterAll(async () => {
    for (const table of ["marked_marks", "marked", "marks", q('odd "kids'), q("odd parents")])
      await fixture().database.query(`DROP TABLE ${table}`);
    await dropStaff(fixture().database);
  });

  test.each(SHAPES)("%s", async (path, text) => {
    const answer = await fixture().ask("GET", `_table/${encodeURI(path).replaceAll("'", "%27")}`);
    expect(answer.text).toBe(text);
  });

  test("several relationships to the table that a short form names are told apart by their names", async () => {
    expect(await get(fixture(), "_table/staff", { related: "teams" })).toEqual({
      status: 400,
      body: failure(
        400,
        "Several relationships lead to 'teams': name one of 'teams_by_away_team', 'teams_by_home_team', 'teams_by_staff', 'teams_by_staff_2'.",
      ),
    });
  });

  describe("text keys belong together where the database says so", () => {
    const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);

    test("from the row with the reference", async () => {
      const { body } = await get(fixture(), "_table/marked", { order: "id", related: "marks_by_mark" });
      const notes = body.resource.map(
        (row: { marks_by_mark: { note: string } | null }) => row.marks_by_mark?.note ?? null,
      );
      expect(notes).toEqual(["first", "first", "number", "other", null]);
      // Each row keeps its own spelling.
      expect(body.resource[1].mark).toBe(target.traits.ignoresCase ? "ALPHA" : "Alpha");
    });

    test("from the row that is referred to", async () => {
      const { body } = await get(fixture(), "_table/marks", {
        order: "note",
        related: "marked_by_mark",
        "marked_by_mark.order": "id desc",
      });
      expect(body.resource.map((row: { marked_by_mark: { id: number }[] }) => ids(row.marked_by_mark))).toEqual([
        [2, 1],
        [3],
        [4],
      ]);
      const limited = await get(fixture(), "_table/marks", {
        order: "note",
        related: "marked_by_mark",
        "marked_by_mark.limit": 1,
      });
      expect(limited.body.resource.map((row: { marked_by_mark: { id: number }[] }) => ids(row.marked_by_mark))).toEqual(
        [[1], [3], [4]],
      );
    });

    test("through a junction, which names a pair twice", async () => {
      const { body } = await get(fixture(), "_table/marked", {
        order: "id",
        fields: "id",
        related: "marks_by_marked_marks",
        "marks_by_marked_marks.fields": "mark",
        "marks_by_marked_marks.order": "mark",
      });
      expect(
        body.resource.map((row: { marks_by_marked_marks: { mark: string }[] }) =>
          row.marks_by_marked_marks.map(({ mark }) => mark),
        ),
      ).toEqual([["7", "Alpha"], ["007"], [], [], []]);
      const back = await get(fixture(), "_table/marks", { order: "note", related: "marked_by_marked_marks" });
      expect(
        back.body.resource.map((row: { marked_by_marked_marks: { id: number }[] }) => ids(row.marked_by_marked_marks)),
      ).toEqual([[1], [2], [1]]);
    });

    test("in one statement more at most, also with a limit", async () => {
      const statements = await fixture().statements(() =>
        get(fixture(), "_table/marked", {
          related: "marks_by_mark,marks_by_marked_marks",
          "marks_by_marked_marks.limit": 1,
        }),
      );
      expect(statements).toHaveLength(target.type === "pgsql" ? 1 : 3);
    });
  });

  test("more related rows than one request brings are refused", async () => {
    await fixture().database.query(`CREATE TABLE wide_parents (id INTEGER NOT NULL PRIMARY KEY)`);
    await fixture().database.query(
      "CREATE TABLE wide (id INTEGER NOT NULL PRIMARY KEY, parent INTEGER, FOREIGN KEY (parent) REFERENCES wide_parents (id))",
    );
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => `(${index})`).join();
    await fixture().database.query(`INSERT INTO wide_parents (id) VALUES ${numbers(400)}`);
    // Each of the 400 leads back to the one that leads to all of them.
    await fixture().database.query("INSERT INTO wide (id, parent) SELECT id, 0 FROM wide_parents");
    await fixture().ask("GET", "_table?refresh=true");
    const chain = "wide_by_parent.wide_parents_by_parent.wide_by_parent";
    const fields = {
      fields: "id",
      "wide.fields": "id",
      "wide.wide_parents.fields": "id",
      "wide.wide_parents.wide.fields": "id",
    };
    const answer = await get(fixture(), "_table/wide_parents", { ids: "0", related: chain, ...fields });
    const message = "This request brings more than 100000 related rows: use a filter, or a limit of the relationship.";
    expect(answer).toEqual({ status: 400, body: failure(400, message) });
    const few = await get(fixture(), "_table/wide_parents", { ids: "0", related: chain, ...fields, "wide.limit": 2 });
    expect(
      few.body.resource[0].wide_by_parent.map(
        (row: { wide_parents_by_parent: { wide_by_parent: unknown[] } }) =>
          row.wide_parents_by_parent.wide_by_parent.length,
      ),
    ).toEqual([400, 400]);
    for (const table of ["wide", "wide_parents"]) await fixture().database.query(`DROP TABLE ${table}`);
  });
}
