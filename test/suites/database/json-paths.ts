import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import { failure, get, idsFound } from "./reads.ts";
import type { Target } from "./target.ts";

type Rows = readonly (readonly [filter: string, ids: readonly number[]])[];

const PROFILES: Rows = [
  ["profile->level = 3", [1]],
  ["profile->level = 3.0", [1]],
  ["profile->level = '3'", [1]],
  ["profile->level = 'high'", [5]],
  ["profile->level = high", [5]],
  ["profile->level > 3", [2]],
  ["profile->level >= 3", [1, 2]],
  ["profile->level < 4", [1]],
  ["profile->level != 3", [2]],
  ["NOT profile->level = 3", [2]],
  ["profile->level != 'high'", [1, 2]],
  ["profile->level IS NULL", [3, 4]],
  ["profile->level IS NOT NULL", [1, 2, 5]],
  ["profile->level = null", [3, 4]],
  ["profile->level IN (3, 5)", [1, 2]],
  ["profile->level IN (3, 'high')", [1, 5]],
  ["profile->level IN ('high', 3)", [1, 5]],
  ["profile->level NOT IN ('high', '5')", [1]],
  ["profile->level BETWEEN 4 AND 6", [2]],
  ["profile->level NOT BETWEEN 4 AND 6", [1]],
  ["profile->level LIKE 'h%'", [5]],
  ["profile->level CONTAINS 'ig'", [5]],
  ["profile->address->city = 'London'", [1]],
  ["profile->address->city = London", [1]],
  ["profile->'address'->\"city\" = London", [1]],
  ["profile->address->city STARTS WITH W", [2]],
  ["profile->address->city ENDS WITH 'on'", [1]],
  ["profile->address->city IS NOT NULL", [1, 2]],
  ["profile->tags->0 = math", [1]],
  ["profile->tags->1 = engine", [1]],
  ["profile->tags->2 IS NULL", [1, 2, 3, 4, 5]],
  ["profile->nosuch = 1", []],
  ["profile->nosuch->deeper IS NULL", [1, 2, 3, 4, 5]],
  ["profile->address->city->x IS NOT NULL", []],
  ["profile IS NULL", [4]],
  ["profile IS NOT NULL", [1, 2, 3, 5]],
  ["profile->level = 3 OR profile->address->city = Wilmslow", [1, 2]],
];

const PAPERS: Rows = [
  ["data->on = true", [1]],
  ["data->on = false", [2]],
  ["data->on != true", [2]],
  ["data->on = 'true'", [1]],
  ["data->'a b'->c = 1", [1]],
  ["data->'007' = bond", [1]],
  ["data->list->1->x = 7", [1]],
  ["data->'quo\"te' = 'it''s'", [1]],
  ["data->'it''s' = 5", [1]],
  ["data->'$.on' = 9", [1]],
  ["data->'a.b' = 8", [1]],
  ["data->größe = 2", [1]],
  ["data->price = 1.5", [1]],
  ["data->price > 1.25", [1]],
  ["data->text = '100%'", [1]],
  ["data->text CONTAINS '%'", [1]],
  ["data->text = ''", [2]],
  ["data->on > 5", []],
  ["data->text > 5", []],
  ["data->list IS NOT NULL", [1]],
];

/** `field->key` reaches into JSON columns, on every database alike. */
export function jsonPathCases(fixture: () => Fixture, target: Target): void {
  test.each(PROFILES)("%s", async (filter, ids) => {
    expect(await idsFound(fixture(), "customers", filter)).toEqual(ids);
  });

  describe("takes keys and values of every kind", () => {
    const documents: readonly JsonObject[] = [
      {
        on: true,
        "a b": { c: 1 },
        "007": "bond",
        list: [1, { x: 7 }],
        'quo"te': "it's",
        "it's": 5,
        "$.on": 9,
        "a.b": 8,
        größe: 2,
        price: 1.5,
        text: "100%",
      },
      { on: false, text: "" },
    ];
    beforeAll(async () => {
      const { database } = fixture();
      await database.query(`CREATE TABLE papers (id ${target.words.autoKey}, data ${target.words.json})`);
      const resource = documents.map((data, index) => ({ id: index + 1, data }));
      await fixture().ask("POST", "_table/papers", { body: { resource } });
    });
    afterAll(() => fixture().database.query("DROP TABLE papers"));

    test.each(PAPERS)("%s", async (filter, ids) => {
      expect(await idsFound(fixture(), "papers", filter)).toEqual(ids);
    });

    test("and gives the documents back as they were", async () => {
      expect((await get(fixture(), "_table/papers", { order: "id", fields: "data" })).body).toEqual({
        resource: documents.map((data) => ({ data })),
      });
    });
  });

  describe("refuses", () => {
    test.each<readonly [filter: string, message: string]>([
      ["email->x = 1", "Field 'email' is not JSON: '->' can not reach into it."],
      ["profile-> = 1", "Invalid filter: expected a key but found '=' at 10."],
      ["profile->level > null", "Field 'profile' can not be compared with null here: say IS NULL."],
      ["profile->level IN (1, null)", "Field 'profile' can not be compared with null here: say IS NULL."],
      [`profile${"->a".repeat(65)} = 1`, "Invalid filter: a field has more than 64 keys at 201."],
    ])("%s", async (filter, message) => {
      expect(await get(fixture(), "_table/customers", { filter })).toEqual({
        status: 400,
        body: failure(400, message),
      });
    });
  });
}
