import { beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { keep } from "./extras-said.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { expectFailure, get } from "./reads.ts";
import type { Target } from "./target.ts";

const KEPT = ["user_id_on_create", "user_id_on_update", "timestamp_on_create", "timestamp_on_update"] as const;

/** Fields that say who made and changed a record, and when. */
export function extrasAutomaticCases(fixture: () => Fixture, target: Target): void {
  let adminId = 0;
  beforeAll(async () => {
    const { datetime, autoKey } = target.words;
    await fixture().database.query(
      `CREATE TABLE kept (id ${autoKey}, a VARCHAR(9), maker INTEGER, changer INTEGER NOT NULL DEFAULT 0, made ${datetime}, changed ${datetime}, owner INTEGER)`,
    );
    const types = { maker: KEPT[0], changer: KEPT[1], made: KEPT[2], changed: KEPT[3], owner: "user_id" };
    await keep(fixture(), "kept", { field: Object.entries(types).map(([name, type]) => ({ name, type })) });
    adminId = (await fixture().house.ask("GET", "system/admin/session")).body.id;
  });

  const asAdmin = (verb: string, path: string, body: JsonObject) =>
    fixture().house.ask(verb, `${SERVICE}/_table/${path}`, { body });
  const read = async (id: number) => (await get(fixture(), `_table/kept/${id}`)).body;
  /** Times of the database may be in the zone of the server: the day is near enough. */
  const isNow = (text: string) => Math.abs(Date.parse(`${text.replace(" ", "T")}Z`) - Date.now()) < 86_400_000;

  test("are filled when a person makes a record", async () => {
    const { body } = await asAdmin("POST", "kept?fields=*", { a: "x" });
    expect(body).toMatchObject({ a: "x", maker: adminId, changer: adminId, owner: null });
    expect([isNow(body.made), isNow(body.changed)]).toEqual([true, true]);
  });

  test("are empty, or their default, when an app without a person makes it", async () => {
    const { body } = await fixture().ask("POST", "_table/kept?fields=*", { body: { a: "x" } });
    expect(body).toMatchObject({ maker: null, changer: 0, owner: null });
    expect(isNow(body.made)).toBe(true);
  });

  test("say who changed a record, and when, and keep who made it", async () => {
    const { body } = await fixture().ask("POST", "_table/kept", { body: { a: "x" } });
    await fixture().database.query(
      `UPDATE kept SET changed = '2001-01-01 00:00:00', made = '2001-01-01 00:00:00' WHERE id = ${body.id}`,
    );
    expect((await asAdmin("PATCH", `kept/${body.id}`, { a: "y" })).status).toBe(200);
    const after = await read(body.id);
    expect(after).toMatchObject({ a: "y", maker: null, changer: adminId });
    expect([after.made.slice(0, 4), isNow(after.changed)]).toEqual(["2001", true]);
  });

  test("can not be set by a client", async () => {
    const forged = { maker: 999, changer: 999, made: "2001-01-01 00:00:00", changed: "2001-01-01 00:00:00" };
    const { body } = await asAdmin("POST", "kept?fields=*", { a: "x", ...forged, owner: 7 });
    expect(body).toMatchObject({ maker: adminId, changer: adminId, owner: 7 });
    expect([isNow(body.made), isNow(body.changed)]).toEqual([true, true]);
    expectFailure(await asAdmin("PATCH", `kept/${body.id}`, forged), 400, "No valid fields were found in record.");
    expect((await asAdmin("PATCH", `kept/${body.id}?strict=true`, { a: "y", maker: 1 })).status).toBe(400);
  });

  test("are filled in every record of a list", async () => {
    const { body } = await asAdmin("POST", "kept?fields=maker,changer", {
      resource: [{ a: "1" }, { a: "2" }, { a: "3", owner: 1 }],
    });
    expect(body.resource).toEqual([1, 2, 3].map(() => ({ maker: adminId, changer: adminId })));
  });

  test("are filled in all records that a filter changes", async () => {
    await asAdmin("POST", "kept", { resource: [{ a: "many" }, { a: "many" }] });
    await fixture().database.query("UPDATE kept SET changer = 0 WHERE a = 'many'");
    const { body } = await asAdmin("PATCH", "kept?filter=a='many'&fields=changer", { owner: 3 });
    expect(body.resource).toEqual([{ changer: adminId }, { changer: adminId }]);
  });

  test("keep who made a record that is made again", async () => {
    const { body } = await fixture().ask("POST", "_table/kept", { body: { a: "x" } });
    expect((await asAdmin("POST", "kept?upsert=true", { id: body.id, a: "y" })).status).toBe(200);
    expect(await read(body.id)).toMatchObject({ a: "y", maker: null, changer: adminId });
  });

  describe("are described by their types", () => {
    test.each(["maker", "changer", "made", "changed", "owner"])("%s", async (name) => {
      const types: Readonly<Record<string, string>> = {
        maker: "user_id_on_create",
        changer: "user_id_on_update",
        made: "timestamp_on_create",
        changed: "timestamp_on_update",
        owner: "user_id",
      };
      expect((await get(fixture(), `_schema/kept/_field/${name}`)).body.type).toBe(types[name]);
    });
  });
}
