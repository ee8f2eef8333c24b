import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";

const MANY = 5_000;

/** A record as an answer holds it. */
type Found = JsonObject;

/** Thousands of records in one POST. */
export const bulkCases: Cases = (fixture, { words, traits }) => {
  beforeAll(async () => {
    const { database } = fixture();
    await database.query(`CREATE TABLE parcels (
      id ${words.autoKey}, code VARCHAR(20) NOT NULL UNIQUE, weight INTEGER, price ${words.decimal(12, 2)}, big ${words.bigint},
      good ${words.boolean}, sent ${words.date}, note ${words.text}, data ${words.json}, raw ${words.binary}, kind VARCHAR(5) DEFAULT 'plain')`);
    await database.query("CREATE TABLE stamps (a INTEGER NOT NULL, b VARCHAR(10) NOT NULL, PRIMARY KEY (a, b))");
    await database.query("CREATE TABLE bare (n INTEGER, name VARCHAR(20))");
  });
  beforeEach(async () => {
    for (const table of ["parcels", "stamps", "bare"]) await fixture().database.query(`DELETE FROM ${table}`);
  });

  const parcel = (at: number): JsonObject => ({ code: `c${at}`, weight: at });
  const many = (count: number, change: (at: number) => JsonObject = parcel) =>
    Array.from({ length: count }, (_, at) => change(at));
  const post = (path: string, body: Json) => fixture().ask("POST", `_table/${path}`, { body });
  const count = async (table = "parcels") => (await fixture().ask("GET", `_table/${table}?count_only=true`)).body;
  const codes = async () => {
    const { body } = await fixture().ask("GET", "_table/parcels?limit=100000&fields=id,code&order=id");
    return body.resource as readonly { readonly id: number; readonly code: string }[];
  };
  /** The places of the records that failed, and what the answer holds in all. */
  const failedAt = ({ status, body }: Awaited<ReturnType<typeof post>>) => {
    expect(status).toBe(400);
    const { error, resource } = body.error.context;
    return { error, held: resource.length };
  };

  test("each record gets the key that its row has", async () => {
    const { status, body } = await post("parcels", many(MANY));
    expect([status, body.resource.length]).toEqual([200, MANY]);
    const rows = new Map((await codes()).map(({ id, code }) => [id, code]));
    const found = body.resource.map(({ id }: { readonly id: number }) => rows.get(id));
    expect(found).toEqual(many(MANY).map(({ code }: Found) => code));
  });

  test("takes far fewer statements than records", async () => {
    const statements = await fixture().statements(() => post("parcels", many(1_000)));
    const most = traits.insertReturns ? 60 : 1_100;
    expect(statements.length).toBeLessThan(most);
  });

  test("every kind of value is stored as by one record alone", async () => {
    const record = {
      weight: -5,
      price: "12345.60",
      big: "9007199254740993",
      good: true,
      sent: "2024-02-29",
      note: 'a "quoted" \\ back, {curly}, NULL, ü\n\ttab',
      data: { a: [1, "two", null], b: '\\"' },
      raw: "AAEC/w==",
      kind: "",
    };
    await post("parcels", { ...record, code: "alone" });
    const answer = await post(
      "parcels",
      many(50, (at) => ({ ...record, code: `m${at}` })),
    );
    expect(answer.status).toBe(200);
    const { body } = await fixture().ask("GET", "_table/parcels?order=id");
    const values = body.resource.map(({ id: _id, code: _code, ...rest }: Found) => JSON.stringify(rest));
    expect([values.length, new Set(values).size]).toEqual([51, 1]);
  });

  test("NULL and the text NULL stay apart", async () => {
    await post(
      "parcels",
      many(40, (at) => ({ code: `n${at}`, note: at % 2 === 0 ? null : "NULL", weight: null })),
    );
    const { body } = await fixture().ask("GET", "_table/parcels?count_only=true&filter=note is null");
    expect(body).toBe(20);
  });

  test("empty texts and texts of blanks stay what they are", async () => {
    await post(
      "parcels",
      many(40, (at) => ({ code: `e${at}`, note: at % 2 === 0 ? "" : "  " })),
    );
    const { body } = await fixture().ask("GET", "_table/parcels?fields=note&order=id");
    expect(body.resource.slice(0, 2)).toEqual([{ note: "" }, { note: "  " }]);
  });

  test("records that assign different fields keep their places", async () => {
    const mixed = many(
      600,
      (at): JsonObject =>
        at % 3 === 0 ? parcel(at) : at % 3 === 1 ? { code: `c${at}`, note: "x" } : { code: `c${at}` },
    );
    const { status, body } = await post("parcels?fields=code,kind", mixed);
    expect(status).toBe(200);
    expect(body.resource).toEqual(mixed.map(({ code }: Found) => ({ code, kind: "plain" })));
  });

  test("a default holds where a record leaves the field out, and only there", async () => {
    const records = [...many(30), ...many(30, (at) => ({ code: `k${at}`, kind: "own" }))];
    const { body } = await post("parcels?fields=kind", records);
    expect(body.resource.map(({ kind }: Found) => kind)).toEqual([
      ...Array(30).fill("plain"),
      ...Array(30).fill("own"),
    ]);
  });

  test("a key given as null is made, as if it had not been sent", async () => {
    const { status } = await post(
      "parcels",
      many(100, (at) => (at % 2 === 0 ? parcel(at) : { ...parcel(at), id: null })),
    );
    expect([status, await count()]).toEqual([200, 100]);
  });

  test("expressions are worked out among plain values", async () => {
    const { status, body } = await post(
      "parcels?fields=sent",
      many(60, (at) => ({ ...parcel(at), sent: at === 30 ? { expression: "CURRENT_DATE" } : "2024-01-01" })),
    );
    expect(status).toBe(200);
    expect(body.resource.filter(({ sent }: Found) => sent === "2024-01-01")).toHaveLength(59);
  });

  test("composite keys come back as they were given", async () => {
    const records = many(300, (at) => ({ a: at % 20, b: `b${at}` }));
    const { body } = await post("stamps", records);
    expect(body.resource).toEqual(records);
  });

  test("rows of a table without a key are answered whole", async () => {
    const records = many(300, (at) => ({ n: at, name: `name ${at}` }));
    const { body } = await post("bare", records);
    expect(body.resource).toEqual(records);
  });

  describe("with an error in the middle", () => {
    const taken = (at: number): JsonObject => (at === 700 ? { code: "c3", weight: at } : parcel(at));
    const wrong = (at: number): JsonObject => (at === 700 ? { ...parcel(at), weight: "heavy" } : parcel(at));
    const empty = (at: number): JsonObject => (at === 700 ? { code: null } : parcel(at));

    test.each<[string, (at: number) => JsonObject]>([
      ["a value that is taken", taken],
      ["a value that does not fit", wrong],
      ["a required field that is null", empty],
    ])("%s: what came before stays", async (_, change) => {
      expect(failedAt(await post("parcels", many(900, change)))).toEqual({ error: [700], held: 701 });
      expect(await count()).toBe(700);
    });

    test.each<[string, (at: number) => JsonObject]>([
      ["a value that is taken", taken],
      ["a value that does not fit", wrong],
      ["a required field that is null", empty],
    ])("%s: with continue all others hold", async (_, change) => {
      expect(failedAt(await post("parcels?continue=true", many(900, change)))).toEqual({ error: [700], held: 900 });
      expect(await count()).toBe(899);
    });

    test.each<[string, (at: number) => JsonObject]>([
      ["a value that is taken", taken],
      ["a value that does not fit", wrong],
      ["a required field that is null", empty],
    ])("%s: with rollback none holds", async (_, change) => {
      expect(failedAt(await post("parcels?rollback=true", many(900, change)))).toEqual({ error: [700], held: 701 });
      expect(await count()).toBe(0);
    });

    test("several errors are each told by their place", async () => {
      const change = (at: number): JsonObject => (at % 100 === 50 ? { code: "c1" } : parcel(at));
      const { error } = failedAt(await post("parcels?continue=true", many(400, change)));
      expect(error).toEqual([50, 150, 250, 350]);
      expect(await count()).toBe(396);
    });
  });

  describe("upsert", () => {
    test("changes rows that exist and creates the others", async () => {
      const first = await post("parcels", many(100));
      const known = first.body.resource.map(({ id }: Found, at: number) => ({ id, code: `u${at}`, weight: 1 }));
      const fresh = many(50, (at) => ({ id: 900_000 + at, code: `f${at}`, weight: 2 }));
      const { status } = await post("parcels?upsert=true", [...known, ...fresh]);
      expect([status, await count()]).toEqual([200, 150]);
      expect((await fixture().ask("GET", "_table/parcels?count_only=true&filter=weight=1")).body).toBe(100);
    });

    test("a key that is named twice gets the last values", async () => {
      const records = [...many(60, (at) => ({ id: at + 1, code: `c${at}` })), { id: 5, code: "again" }];
      expect((await post("parcels?upsert=true", records)).status).toBe(200);
      expect((await fixture().ask("GET", "_table/parcels/5?fields=code")).body).toEqual({ code: "again" });
    });
  });
};
