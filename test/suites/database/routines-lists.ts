import { expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Fixture } from "./fixture.ts";
import type { RoutineWords } from "./routine-words.ts";

type Call = (path: string, body?: Json) => Promise<unknown>;

/** What calls may change, and when they are read anew. */
export function changeCases(fixture: () => Fixture, call: Call, { late }: RoutineWords): void {
  const nameOf = async (code: string) =>
    ((await call(`_table/countries/${code}?fields=name`)) as { name?: string } | undefined)?.name;

  test("a procedure may change data, by POST", async () => {
    const before = await nameOf("FR");
    expect(await call("POST _proc/rename_country('FR','Gallia')")).toEqual([]);
    expect(await nameOf("FR")).toBe("Gallia");
    await call("_proc/rename_country", { params: { c: "FR", n: before ?? "" } });
    expect(await nameOf("FR")).toBe(before);
  });

  test("by GET it is refused, and changes nothing", async () => {
    const before = await nameOf("FR");
    expect(await call("_proc/rename_country('FR','Gallia')")).toBe(
      "400 Procedure 'rename_country' changes data: it is to be called by POST.",
    );
    expect(await nameOf("FR")).toBe(before);
  });

  test("by GET one that commits by itself is refused too, and changes nothing", async () => {
    expect(await call("_proc/commits('Q1')")).toBe("400 Procedure 'commits' changes data: it is to be called by POST.");
    expect(await nameOf("Q1")).toBeUndefined();
  });

  test("by POST it may commit by itself", async () => {
    expect(await call("POST _proc/commits('Q2')")).toEqual([]);
    expect(await nameOf("Q2")).toBe("Q2");
    await fixture().ask("DELETE", "_table/countries/Q2");
  });

  test("after calls by GET the same connections write again", async () => {
    for (let count = 0; count < 12; count++) expect(await call("_func/add_up(1,2)")).toBe(3);
    expect(await call("POST _proc/rename_country('XX','x')")).toEqual([]);
  });

  test("what failed half way is undone", async () => {
    const before = await nameOf("US");
    expect(await call("POST _proc/half_done('US')")).toBe("400 Procedure 'half_done' refused: stop");
    expect(await nameOf("US")).toBe(before);
  });

  test("the text with which a routine refuses is told, no other of the database is", async () => {
    expect(await call("_func/refuse_it('tea')")).toBe("400 Function 'refuse_it' refused: no more tea");
    const { status, text } = await fixture().ask("GET", "_func/fails");
    expect(status).toBe(400);
    expect(text).not.toMatch(/zero|no_such_column|select/i);
  });

  test.each(["PUT", "PATCH", "DELETE"])("%s is not served, on a routine and on the lists", async (verb) => {
    const routine = await fixture().ask(verb, "_func/add_up");
    expect([routine.status, routine.headers.get("Allow")]).toEqual([405, "GET, POST"]);
    const list = await fixture().ask(verb, "_proc");
    expect([list.status, list.headers.get("Allow")]).toEqual([405, "GET"]);
  });

  test("a routine that was made, changed or dropped a moment ago is called as it is now", async () => {
    const { query } = fixture().database;
    const [make, change] = late;
    expect(await call("POST _proc/late(1)")).toBe("404 Procedure 'late' does not exist in the database.");
    await query(make);
    expect(await call("POST _proc/late(1)")).toEqual([]);
    await query(change);
    expect(await call("POST _proc/late(1)")).toBe("400 Procedure 'late' needs a value for its parameter 'b'.");
    expect(await call("POST _proc/late(1,2)")).toEqual([]);
    await query("DROP PROCEDURE late");
    expect(await call("POST _proc/late(1,2)")).toBe("404 Procedure 'late' does not exist in the database.");
  });
}

/** The lists of routines and what they say of each. */
export function listCases(fixture: () => Fixture, call: Call, { integer, text, rows }: RoutineWords): void {
  test("each kind has a list, names alone if asked", async () => {
    const { resource: functions } = (await call("_func?as_list=true")) as { resource: string[] };
    const { resource: procedures } = (await call("_proc?as_list=true")) as { resource: string[] };
    expect(functions).toEqual(expect.arrayContaining(["add_up", "big", "odd name", "shout"]));
    expect(functions).toEqual([...functions].sort());
    expect(procedures).toEqual(expect.arrayContaining(["commits", "double_it", "rename_country"]));
    expect(rows === "_func" ? functions : procedures).toContain("customers_in");
    expect(functions.filter((name) => procedures.includes(name))).toEqual([]);
  });

  test("an entry says what a person and a program need to choose", async () => {
    const { resource } = (await call("_func")) as { resource: { name: string }[] };
    expect(resource.find(({ name }) => name === "add_up")).toEqual({
      name: "add_up",
      label: "Add Up",
      description: "Adds two numbers.",
      access: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    });
  });

  test("ids describe routines in full, in any case", async () => {
    const { resource } = (await call("_func?ids=ADD_UP")) as { resource: Record<string, unknown>[] };
    expect(resource).toEqual([
      expect.objectContaining({ name: "add_up", native: [], return_type: "integer", return_schema: [] }),
    ]);
    expect(resource[0]?.params).toEqual([
      expect.objectContaining({
        name: "a",
        position: 1,
        param_type: "IN",
        type: "integer",
        db_type: integer,
        default: null,
      }),
      expect.objectContaining({
        name: "b",
        position: 2,
        param_type: "IN",
        type: "integer",
        db_type: integer,
        default: null,
      }),
    ]);
  });

  test("parameters say which way they go", async () => {
    const { resource } = (await call("_proc?ids=double_it,rename_country")) as { resource: Record<string, Json[]>[] };
    expect(resource.map(({ params }) => params)).toEqual([
      [expect.objectContaining({ name: "v", param_type: "INOUT" })],
      [
        expect.objectContaining({ name: "c", param_type: "IN" }),
        expect.objectContaining({ name: "n", param_type: "IN" }),
      ],
    ]);
  });

  test("fields choose what an entry says", async () => {
    const { resource } = (await call("_func?ids=shout&fields=name,params")) as { resource: Record<string, Json[]>[] };
    expect(resource).toEqual([{ name: "shout", params: [expect.objectContaining({ name: "t", db_type: text })] }]);
  });

  test("the root lists both, and roles may name them", async () => {
    expect(await call("?as_list=true")).toEqual({ resource: ["_schema", "_table", "_proc", "_func"] });
    const { resource } = (await call("?as_access_list=true")) as { resource: string[] };
    expect(resource).toEqual(
      expect.arrayContaining([
        "_proc/",
        "_proc/*",
        "_proc/double_it/",
        "_proc/double_it/*",
        "_func/",
        "_func/add_up/*",
      ]),
    );
  });

  test("refresh reads them again", async () => {
    const statements = await fixture().statements(() => call("_func?as_list=true&refresh=true"));
    expect(statements.length).toBeGreaterThan(0);
    const again = await fixture().statements(() => call("_func?as_list=true"));
    expect(again).toEqual([]);
  });
}
