import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { makeKey, makeService } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { failure, get, type queryOf } from "./reads.ts";
import type { Target } from "./target.ts";

type Params = Parameters<typeof queryOf>[0];
const OTHER = "guards_other";

/** Relationships between services and within the own one, and what keeps them from growing or telling too much. */
export function relatedGuardCases(fixture: () => Fixture, target: Target): void {
  const { words, traits } = target;
  let otherId = 0;
  const ask = (verb: string, path: string, more: object = {}) => fixture().ask(verb, `_table/${path}`, more);
  const relate = async (name: string, said: JsonObject) => {
    const answer = await fixture().house.ask("POST", `${SERVICE}/_schema/visits/_related`, {
      body: {
        resource: [
          { name, is_virtual: true, type: "belongs_to", field: "host", ref_table: "hosts", ref_field: "id", ...said },
        ],
      },
    });
    expect(answer.status).toBe(200);
  };
  const alter = (name: string, said: JsonObject) =>
    fixture().house.ask("PATCH", `${SERVICE}/_schema/visits/_related/${name}`, { body: said });
  beforeAll(async () => {
    const { house, database, serviceId } = fixture();
    for (const sql of [
      `CREATE TABLE hosts (id ${words.autoKey}, email VARCHAR(50) NOT NULL UNIQUE, nick VARCHAR(20))`,
      `CREATE TABLE visits (id ${words.autoKey}, host INTEGER, host_email VARCHAR(50), line VARCHAR(20), FOREIGN KEY (host) REFERENCES hosts (id), FOREIGN KEY (host_email) REFERENCES hosts (email))`,
      "INSERT INTO hosts (id, email, nick) VALUES (1, 'a@x', 'a'), (2, 'b@x', 'b'), (3, 'c@x', 'c')",
      "INSERT INTO visits (id, host, line) VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 2, 'three')",
    ])
      await database.query(sql);
    otherId = await makeService(house, OTHER, target.type, {
      ssl: { mode: "disable" },
      ...database.config,
      cache_enabled: true,
      cache_ttl: 600,
    });
    await fixture().ask("GET", "_table?refresh=true");
    await house.ask("GET", `${OTHER}/_table?refresh=true`);
    await relate("own", { ref_service_id: serviceId });
    await relate("far", { ref_service_id: otherId });
  });

  describe("a relationship that names the service itself", () => {
    test("is one of this service, in filters too", async () => {
      const { body } = await get(fixture(), "_table/visits", {
        fields: "id",
        filter: "own.nick = a",
        order: "own.nick",
      });
      expect(body).toEqual({ resource: [{ id: 1 }] });
      const described = await fixture().house.ask("GET", `${SERVICE}/_schema/visits/_related/own`);
      expect(described.body).toMatchObject({ ref_service_id: fixture().serviceId, ref_table: "hosts" });
    });

    test("comes with the answer of a write", async () => {
      const answer = await ask("PATCH", "visits/1?fields=id&related=own&own.fields=nick", { body: { line: "uno" } });
      expect([answer.status, answer.body]).toEqual([200, { id: 1, own: { nick: "a" } }]);
    });
  });

  describe("a relationship to another service", () => {
    test("comes with the answer of a write, which is not done for who may not read there", async () => {
      const { house, serviceId, database } = fixture();
      const path = "visits/1?fields=id&related=far&far.fields=nick";
      expect((await ask("PATCH", path, { body: { line: "eins" } })).status).toBe(404);
      const lines = await database.query("SELECT line FROM visits WHERE id = 1");
      expect(lines).not.toEqual([{ line: "eins" }]);
      const key = await makeKey(house, "both sides", [
        { service_id: serviceId, component: "*", verb_mask: 31 },
        { service_id: otherId, component: "*", verb_mask: 1 },
      ]);
      const answer = await ask("PATCH", path, { key, body: { line: "one" } });
      expect([answer.status, answer.body]).toEqual([200, { id: 1, far: { nick: "a" } }]);
      const gone = await ask("DELETE", "visits/3?fields=id&related=far&far.fields=nick", { key });
      expect([gone.status, gone.body]).toEqual([200, { id: 3, far: { nick: "b" } }]);
    });

    test.each([9, 1500])("is followed no further than others: %i names", async (count) => {
      const related = ["far", ...Array.from({ length: count - 1 }, () => "visits_by_host")].join(".");
      expect((await get(fixture(), "_table/visits", { related })).status).toBe(400);
    });

    test("finds its key by letters of either case where the database does", async () => {
      await relate("shouted", { ref_service_id: otherId, ref_field: "ID" });
      const answer = await fixture().house.ask(
        "GET",
        `${SERVICE}/_table/visits/2?fields=id&related=shouted&shouted.fields=nick`,
      );
      if (traits.namesKeepCase) expect(answer.status).toBe(400);
      else expect(answer.body).toEqual({ id: 2, shouted: { nick: "b" } });
      await fixture().house.ask("DELETE", `${SERVICE}/_schema/visits/_related/shouted`);
    });

    test("is read anew there as well", async () => {
      const read = async (more = "") =>
        (await fixture().house.ask("GET", `${SERVICE}/_table/visits/2?fields=id&related=far&far.fields=nick${more}`))
          .body.far;
      expect(await read()).toEqual({ nick: "b" });
      await fixture().database.query("UPDATE hosts SET nick = 'bb' WHERE id = 2");
      expect(await read("&refresh=true")).toEqual({ nick: "bb" });
      await fixture().database.query("UPDATE hosts SET nick = 'b' WHERE id = 2");
      await read("&refresh=true");
    });
  });

  describe("what is always fetched waits for no transaction", () => {
    beforeAll(async () => {
      await alter("own", { always_fetch: true });
      await alter("far", { always_fetch: true });
    });
    afterAll(async () => {
      await alter("own", { always_fetch: false });
      await alter("far", { always_fetch: false });
    });
    const admin = (verb: string, path: string, more: object = {}) =>
      fixture().house.ask(verb, `${SERVICE}/${path}`, more);

    test.skipIf(!traits.holdsTransactions)("If-Match looks at the record without rows of other services", async () => {
      const tag = async () => (await admin("GET", "_table/visits/2")).headers.get("ETag") ?? "";
      const before = await tag();
      await fixture().database.query("UPDATE hosts SET nick = 'x' WHERE id = 1");
      expect(
        (await admin("PATCH", "_table/visits/2", { body: { line: "zwei" }, headers: { "If-Match": before } })).status,
      ).toBe(200);
      expect(
        (await admin("PATCH", "_table/visits/2", { body: { line: "two" }, headers: { "If-Match": before } })).status,
      ).toBe(412);
      expect(
        (await admin("PATCH", "_table/visits/2", { body: { line: "two" }, headers: { "If-Match": await tag() } }))
          .status,
      ).toBe(200);
      await fixture().database.query("UPDATE hosts SET nick = 'a' WHERE id = 1");
    });

    test("the tag of a GET is another one with other rows of another service", async () => {
      const tag = async () =>
        (await admin("GET", "_table/visits/1?fields=id&related=far&own.fields=id&refresh=true")).headers.get("ETag") ??
        "";
      const before = await tag();
      await fixture().database.query("UPDATE hosts SET nick = 'x' WHERE id = 1");
      const after = await tag();
      await fixture().database.query("UPDATE hosts SET nick = 'a' WHERE id = 1");
      expect(after).not.toBe(before);
      expect(after.split(".")[0]).toBe(before.split(".")[0]);
    });

    test.skipIf(!traits.holdsTransactions)(
      "an atomic batch leaves it out, and refuses to be asked for it",
      async () => {
        const batch = (path: string) => admin("POST", "_batch", { body: { ops: [{ method: "GET", path }] } });
        const { body } = await batch("_table/visits/1?fields=id");
        expect(body).toEqual({ resource: [{ status: 200, body: { id: 1, own: { id: 1, email: "a@x", nick: "a" } } }] });
        const refused = await batch("_table/visits/1?related=far");
        expect(refused.status).toBe(400);
        expect(refused.text).toContain(
          "Relationship 'far' leads to another service: it can not be a part of an atomic batch.",
        );
      },
    );
  });

  describe.skipIf(!traits.holdsTransactions)("a value of a table that may not be read", () => {
    let keys = 0;
    const write = async (masks: Readonly<Record<string, number>>, path: string, body: JsonObject) => {
      const grants = Object.entries(masks).flatMap(([table, verb_mask]) =>
        [`_table/${table}`, `_table/${table}/*`].map((component) => ({
          service_id: fixture().serviceId,
          component,
          verb_mask,
        })),
      );
      const key = await makeKey(fixture().house, `guarded ${++keys}`, grants);
      const { status, body: answer } = await ask("PATCH", path, { key, body });
      return [status, status === 200 ? answer : undefined];
    };

    test.each<readonly [path: string, body: JsonObject, hosts: number, status: number]>([
      ["visits/1?fields=host_email", { hosts_by_host_email: { id: 3, nick: "m" } }, 8, 403],
      ["visits/1?fields=host_email", { hosts_by_host_email: { id: 3, email: "c@x" } }, 8, 200],
      ["visits/1?fields=host_email", { hosts_by_host_email: { id: 3, nick: "c" } }, 9, 200],
      ["hosts/3", { visits_by_host_email: [{ id: 1 }] }, 8, 403],
      ["hosts/3", { nick: "c", visits_by_host: [{ id: 1, host: 3 }] }, 8, 200],
      ["hosts/3", { email: "c@x", visits_by_host_email: [{ id: 1 }] }, 8, 200],
    ])("does not come by %s with %j and rights %i", async (path, body, hosts, status) => {
      const [got, answer] = await write({ visits: 31, hosts }, path, body);
      expect(got).toBe(status);
      if (path.startsWith("visits") && status === 200) expect(answer).toEqual({ host_email: "c@x" });
      await fixture().database.query("UPDATE visits SET host_email = NULL, host = 1 WHERE id = 1");
    });
  });

  test.each(["limit", "offset"])("one record has no pages: %s is refused", async (option) => {
    const name = `hosts_by_host.${option}`;
    const answer = await get(fixture(), "_table/visits", { related: "hosts_by_host", [name]: 1 });
    const message = `Parameter '${name}': the relationship leads to one record at most.`;
    expect(answer).toEqual({ status: 400, body: failure(400, message) });
  });

  test("no name stands twice in a record, however many relationships stand in it by bare names", async () => {
    const flat = { always_fetch: true, flatten: true, flatten_drop_prefix: true };
    await alter("own", flat);
    await alter("hosts_by_host", flat);
    const { text } = await fixture().house.ask("GET", `${SERVICE}/_table/visits/1?fields=id,host`);
    expect(text).toBe('{"id":1,"host":1,"email":"a@x","nick":"a"}');
    const none = { always_fetch: false, flatten: false, flatten_drop_prefix: false };
    await alter("own", none);
    await alter("hosts_by_host", none);
  });

  describe("lists that are too long to come along", () => {
    const COUNT = 450;
    beforeAll(async () => {
      const rows = Array.from({ length: COUNT }, (_, at) => {
        const mark = at % 7 === 0 ? "NULL" : String((at * 37) % 400);
        return `(${at + 1}, ${at < 4 ? at + 2 : 1}, ${mark})`;
      });
      for (const sql of [
        "CREATE TABLE crates (id INTEGER NOT NULL PRIMARY KEY, boss INTEGER, FOREIGN KEY (boss) REFERENCES crates (id))",
        "CREATE TABLE goods (id INTEGER NOT NULL PRIMARY KEY, crate INTEGER, mark INTEGER, FOREIGN KEY (crate) REFERENCES crates (id))",
        "INSERT INTO crates (id, boss) VALUES (1, NULL)",
        "INSERT INTO crates (id, boss) VALUES (2, 1), (3, 1), (4, 1), (5, 2)",
        `INSERT INTO goods (id, crate, mark) VALUES ${rows.join()}`,
      ])
        await fixture().database.query(sql);
      await fixture().ask("GET", "_table?refresh=true");
    });

    const list = (params: Params, limit: number) => get(fixture(), "_table/crates", { order: "id", ...params, limit });
    test.each<readonly [params: Params]>([
      [{ related: "goods_by_crate" }],
      [{ related: "goods_by_crate", fields: "boss" }],
      [{ related: "goods_by_crate", "goods_by_crate.order": "mark desc", "goods_by_crate.fields": "mark,id" }],
      [{ related: "goods_by_crate", "goods_by_crate.limit": 300, "goods_by_crate.order": "mark" }],
      [
        {
          related: "goods_by_crate",
          "goods_by_crate.group": "mark",
          "goods_by_crate.fields": "mark,COUNT(*)",
          "goods_by_crate.order": "mark",
        },
      ],
      [{ related: "crates_by_boss.goods_by_crate,parent_by_boss", "crates_by_boss.goods_by_crate.fields": "id" }],
      [{ related: "crates_by_boss.crates_by_boss.goods_by_crate" }],
    ])("are the same as those that come along: %j", async (params) => {
      const many = await list(params, 1000);
      expect(many.status).toBe(200);
      expect(many).toEqual(await list(params, 5));
    });

    test.runIf(isEmbedded(target))("an oid is a number in them as well", async () => {
      const { query } = fixture().database;
      await query("CREATE TABLE oids (id INTEGER PRIMARY KEY, crate INTEGER REFERENCES crates (id), o OID, os OID[])");
      await query("INSERT INTO oids (id, crate, o, os) VALUES (1, 2, 4294967295, '{7,NULL}')");
      await fixture().ask("GET", "_table?refresh=true");
      const own = await fixture().ask("GET", "_table/oids/1?fields=o,os");
      const along = await fixture().ask(
        "GET",
        "_table/crates/2?fields=id&related=oids_by_crate&oids_by_crate.fields=o,os",
      );
      expect(along.text).toBe(`{"id":2,"oids_by_crate":[${own.text}]}`);
    });

    test("cost a statement more, and short ones none", async () => {
      const cost = (filter: string) => fixture().statements(() => list({ related: "goods_by_crate", filter }, 1000));
      expect(await cost("id > 1")).toHaveLength(isEmbedded(target) ? 1 : 2);
      expect(await cost("id > 0")).toHaveLength(2);
    });
  });
}

/** Whether related rows come in the statement of the rows themselves. */
function isEmbedded({ type }: Target): boolean {
  return ["pgsql", "alloydb", "neon"].includes(type);
}
