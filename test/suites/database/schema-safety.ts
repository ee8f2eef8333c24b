import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import { get } from "./reads.ts";
import type { Target } from "./target.ts";

/** Changes of the schema that would lose or break something: they are refused, and all stays as it was. */
export function schemaSafetyCases(fixture: () => Fixture, target: Target): void {
  const { altersColumns } = target.traits;
  const { words } = target;
  /** Whether each statement of DDL commits by itself. */
  const keepsParts = ["mysql", "mariadb"].includes(target.type);
  const ask = async (verb: string, path: string, body?: unknown, key?: string) => {
    const options = { ...(body !== undefined && { body: body as never }), ...(key !== undefined && { key }) };
    const answer = await fixture().ask(verb, path, options);
    return { status: answer.status, message: answer.body?.error?.message, body: answer.body };
  };
  const said = ({ status, message }: { status: number; message: unknown }) => [status, message];
  const query = (sql: string) => fixture().database.query(sql);
  const table = (name: string, ...more: object[]) => ({ name, field: [{ name: "id", type: "id" }, ...more] });

  describe("what is referred to", () => {
    beforeEach(async () => {
      const par = table("par", { name: "u", type: "string", length: 9, allow_null: true, is_unique: true });
      const chi = table(
        "chi",
        { name: "par_id", type: "reference", ref_table: "par", ref_on_delete: "CASCADE", allow_null: true },
        { name: "u", type: "string", length: 9, ref_table: "par", ref_field: "u", allow_null: true },
      );
      expect((await ask("POST", "_schema", { resource: [par, chi] })).status).toBe(200);
      expect((await ask("POST", "_table/par", { u: "a" })).status).toBe(200);
      expect((await ask("POST", "_table/chi", [{ par_id: 1 }, { par_id: 1, u: "a" }])).status).toBe(200);
    });
    afterEach(async () => {
      expect((await ask("DELETE", "_schema?ids=par,chi")).status).toBe(200);
    });

    test("is not dropped, and the rows that refer to it stay", async () => {
      expect(said(await ask("DELETE", "_schema/par"))).toEqual([
        409,
        "Table 'par' can not be dropped: table 'chi' refers to it.",
      ]);
      expect((await get(fixture(), "_table/chi?count_only=true")).body).toBe(2);
      expect((await get(fixture(), "_table/par?count_only=true")).body).toBe(1);
    });

    test("is not dropped either by who may not know why", async () => {
      const { house, serviceId } = fixture();
      const key = await makeKey(house, "only_par", [
        { service_id: serviceId, component: "_schema/par", verb_mask: 31 },
      ]);
      expect(said(await ask("DELETE", "_schema/par", undefined, key))).toEqual([
        409,
        "Table 'par' can not be dropped: another table refers to it.",
      ]);
      expect((await get(fixture(), "_table/chi?count_only=true")).body).toBe(2);
    });

    test("is no field that goes, and stays unique", async () => {
      expect(said(await ask("DELETE", "_schema/par/_field/u"))).toEqual([
        409,
        "Field 'u' of table 'par' can not be dropped: table 'chi' refers to it.",
      ]);
      expect(said(await ask("PATCH", "_schema/par/_field/u", { is_unique: false }))).toEqual([
        409,
        "Field 'u' of table 'par' has to stay unique: table 'chi' refers to it.",
      ]);
      expect((await ask("POST", "_table/par", { u: "a" })).status).toBe(409);
    });
  });

  test("a reference to a field that is not unique is refused", async () => {
    const to = { name: "p", type: "string", length: 60, allow_null: true, ref_table: "products", ref_field: "name" };
    const message =
      "A reference must lead to the key of a table or to what is unique in it: 'name' in table 'products' is not.";
    expect(said(await ask("POST", "_schema", { resource: [table("brk", to)] }))).toEqual([400, message]);
    expect(said(await ask("POST", "_schema/logs/_field", to))).toEqual([400, message]);
    expect((await ask("POST", "_table/products", { name: "zz", price: 1 })).status).toBe(200);
  });

  test("a table with many references to itself is read quickly", async () => {
    const field = Array.from({ length: 50 }, (_, at) => ({
      name: `f${at}`,
      type: "integer",
      allow_null: true,
      ref_table: "selfy",
    }));
    const began = performance.now();
    expect((await ask("POST", "_schema", { resource: [table("selfy", ...field)] })).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2_500);
    expect((await ask("DELETE", "_schema/selfy")).status).toBe(200);
  });

  const LOSSES: readonly (readonly [type: string, value: string, to: object])[] = [
    [words.decimal(10, 2), "12.50", { db_type: "integer" }],
    [words.bigint, "9007199254740993", { type: "double" }],
    [words.datetime, "'2024-01-02 03:04:05.678901'", { type: "date" }],
    [words.datetime, "'2024-01-02 03:04:05.678901'", { type: "time" }],
    ["VARCHAR(40)", "'2024-01-02 03:04:05'", { type: "date" }],
    ["INTEGER", "5", { type: "boolean" }],
    ["VARCHAR(40)", "'a b'", { db_type: "varchar(1)" }],
    ["VARCHAR(40)", "'12abc'", { type: "integer" }],
    ["VARCHAR(40)", "'00123'", { type: "integer" }],
  ];
  const KEPT: readonly (readonly [type: string, value: string, to: object])[] = [
    [words.decimal(10, 2), "12.00", { type: "integer" }],
    [words.bigint, "5", { type: "double" }],
    ["VARCHAR(40)", "'2024-01-02'", { type: "date" }],
    ["VARCHAR(40)", "'-12'", { type: "integer" }],
    ["VARCHAR(40)", "'12.5'", { type: "double" }],
    ["INTEGER", "1", { type: "boolean" }],
    ["INTEGER", "77", { type: "string", length: 2 }],
    [words.double, "1.5", { type: "string", length: 20 }],
  ];

  describe.runIf(altersColumns)("a change of a type", () => {
    afterEach(async () => {
      await query("DROP TABLE IF EXISTS lossy");
    });
    const change = async (type: string, value: string, to: object) => {
      await query(`CREATE TABLE lossy (id INTEGER PRIMARY KEY, v ${type})`);
      await query(`INSERT INTO lossy VALUES (1, ${value}), (2, NULL)`);
      return ask("PATCH", "_schema/lossy/_field/v?refresh=true", to);
    };

    test.each(LOSSES)("of %s with %s to %j would lose something, and is refused", async (type, value, to) => {
      expect(said(await change(type, value, to))).toEqual([
        409,
        "Field 'v': the values that the table holds do not fit the change.",
      ]);
      expect(await query(`SELECT id FROM lossy WHERE v = ${value}`)).toHaveLength(1);
    });

    test.each(KEPT)("of %s with %s to %j loses nothing, and is made", async (type, value, to) => {
      expect((await change(type, value, to)).status).toBe(200);
    });
  });

  test("changes at once keep all that they say", async () => {
    const names = ["first_name", "last_name", "email", "age", "balance", "notes"];
    const answers = await Promise.all(
      names.map((name) => ask("PATCH", `_schema/customers/_field/${name}`, { label: `L ${name}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    const { body } = await get(fixture(), "_schema/customers/_field");
    const labels = new Map(body.resource.map((each: { name: string; label: string }) => [each.name, each.label]));
    expect(names.map((name) => labels.get(name))).toEqual(names.map((name) => `L ${name}`));
  });

  test("what holds after a failure in the middle keeps what was said of it", async () => {
    const wrong = table("half2", { name: "CTID", type: "string", length: 10_000_000 }, { name: "xmin", type: "text" });
    const answer = await ask("POST", "_schema", { resource: [{ ...table("half1"), label: "One" }, wrong] });
    const made = await get(fixture(), "_schema/half1");
    expect([made.status, made.body.label]).toEqual(
      answer.status === 200 || keepsParts ? [200, "One"] : [404, undefined],
    );
    if (keepsParts) expect(answer.status).toBeGreaterThanOrEqual(400);
    await query("DROP TABLE IF EXISTS half2");
    await query("DROP TABLE IF EXISTS half1");
  });

  test("what GET says of a table with an alias can be sent back", async () => {
    expect((await ask("PATCH", "_schema/things", { alias: "stuff" })).status).toBe(200);
    expect((await ask("PATCH", "_schema/stuff/_field/name", { alias: "title" })).status).toBe(200);
    const { body } = await get(fixture(), "_schema/stuff");
    expect((await ask("PATCH", "_schema/stuff", body)).status).toBe(200);
    expect((await ask("PATCH", "_schema", { resource: [body] })).status).toBe(200);
    expect((await ask("PUT", "_schema/stuff", body)).status).toBe(200);
    const field = (await get(fixture(), "_schema/stuff/_field/title")).body;
    expect((await ask("PATCH", "_schema/stuff/_field/title", field)).status).toBe(200);
    expect((await get(fixture(), "_schema/stuff")).body).toEqual(body);
    expect((await ask("PATCH", "_schema/stuff/_field/title", { alias: null })).status).toBe(200);
    expect((await ask("PATCH", "_schema/stuff", { alias: null })).status).toBe(200);
  });

  test("a virtual relationship to a hidden table fails as one to none", async () => {
    const rule = (component: string) => ({ service_id: fixture().serviceId, component, verb_mask: 31 });
    const key = await makeKey(fixture().house, "leak", [rule("_schema/customers"), rule("_schema/customers/*")]);
    const related = (ref_table: string) =>
      ask(
        "POST",
        "_schema/customers/_related",
        { name: "v", type: "has_many", is_virtual: true, field: "id", ref_table, ref_field: "id" },
        key,
      );
    const hidden = await related("orders");
    expect(said(hidden)).toEqual(said(await related("nowhere")));
    expect(hidden.status).toBe(400);
  });

  test("a table that the catalog does not know yet is there already", async () => {
    await get(fixture(), "_table");
    await query("CREATE TABLE late (id INTEGER PRIMARY KEY)");
    expect((await ask("POST", "_schema?check_exist=true", { resource: [table("late")] })).status).toBe(200);
    await query("CREATE TABLE later (id INTEGER PRIMARY KEY)");
    expect(said(await ask("POST", "_schema", { resource: [table("later")] }))).toEqual([
      409,
      "Table 'later' already exists in the database.",
    ]);
    const race = await Promise.all(
      Array.from({ length: 5 }, () => ask("POST", "_schema", { resource: [table("race")] })),
    );
    expect(race.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  });

  const isSqlite = words.autoKey.startsWith("INTEGER PRIMARY KEY");
  describe.runIf(isSqlite && altersColumns)("in SQLite", () => {
    test("a view or a trigger holds what it needs", async () => {
      await query("CREATE TABLE vt (id INTEGER PRIMARY KEY, a TEXT, b TEXT)");
      await query("CREATE TABLE vo (id INTEGER PRIMARY KEY, x TEXT)");
      await query("CREATE VIEW vv AS SELECT id, a FROM vt");
      await query("CREATE TRIGGER vtr AFTER INSERT ON vo BEGIN UPDATE vt SET b = NEW.x; END");
      const message = "A view or trigger of the database needs what is to go.";
      expect(said(await ask("DELETE", "_schema/vt/_field/a?refresh=true"))).toEqual([409, message]);
      expect(said(await ask("DELETE", "_schema/vt/_field/b"))).toEqual([409, message]);
      expect(said(await ask("DELETE", "_schema/vt"))).toEqual([409, message]);
      expect((await ask("GET", "_table/vv")).status).toBe(200);
      expect((await ask("POST", "_table/vo", { x: "1" })).status).toBe(200);
      await query("DROP VIEW vv");
    });

    test("the type of a counted key stays, and a partial index, and what STRICT can not have is refused", async () => {
      await query("CREATE TABLE kt (id INTEGER PRIMARY KEY, a TEXT, n INTEGER)");
      await query("CREATE INDEX kt_part ON kt (n) WHERE n > 5");
      await query("CREATE TABLE st (id INTEGER PRIMARY KEY, a TEXT) STRICT");
      expect((await ask("PATCH", "_schema/kt/_field/id?refresh=true", { type: "smallint" })).status).toBe(400);
      expect((await ask("PATCH", "_schema/kt/_field/n", { is_unique: true, is_index: false })).status).toBe(200);
      expect(await query("SELECT name FROM sqlite_schema WHERE name = 'kt_part'")).toHaveLength(1);
      expect((await ask("PATCH", "_schema/st/_field/a", { type: "string", length: 5 })).status).toBe(400);
    });
  });

  test("a type without the size that it needs is never the database's fault", async () => {
    const answer = await ask("POST", "_schema", { resource: [table("sizeless", { name: "d", db_type: "varchar" })] });
    expect([200, 400]).toContain(answer.status);
  });
}
