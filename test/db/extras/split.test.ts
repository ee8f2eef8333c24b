import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { splitField, splitRelation, splitTable } from "../../../src/db/extras/split.ts";

describe("what is said of a table", () => {
  test("is split into what Millrace keeps and what is for the database", () => {
    const said = {
      name: "t",
      label: "T",
      plural: "Ts",
      description: "d",
      alias: "x",
      name_field: "n",
      field: [],
      access: [],
    };
    expect(splitTable(said)).toEqual({
      extras: { label: "T", plural: "Ts", description: "d", alias: "x", name_field: "n" },
      rest: { name: "t", field: [], access: [] },
    });
  });

  test("is forgotten where it is null or empty", () => {
    expect(splitTable({ name: "t", label: null, alias: "", description: "  " }).extras).toEqual({
      label: null,
      alias: null,
      description: null,
    });
  });

  test.each<readonly [said: JsonObject, message: string]>([
    [{ name: "t", label: 5 }, "Table 't': the property 'label' must be a text of at most 255 characters."],
    [
      { name: "t", label: "x".repeat(256) },
      "Table 't': the property 'label' must be a text of at most 255 characters.",
    ],
    [
      { name: "t", alias: "a b" },
      "Table 't': the property 'alias' must begin with a letter and hold only letters, digits, '_' and '-'.",
    ],
    [
      { name: "t", alias: "a/../b" },
      "Table 't': the property 'alias' must begin with a letter and hold only letters, digits, '_' and '-'.",
    ],
  ])("is refused: %j", (said, message) => {
    expect(() => splitTable(said)).toThrow(message);
  });
});

describe("what is said of a field", () => {
  test("is split", () => {
    const said = {
      name: "f",
      label: "F",
      type: "string",
      length: 5,
      picklist: ["a", 2],
      validation: { not_null: true },
    };
    expect(splitField(said)).toEqual({
      extras: { label: "F", picklist: ["a", "2"], validation: { not_null: {} }, type: null },
      rest: { name: "f", type: "string", length: 5 },
      isVirtual: false,
    });
  });

  test.each([
    "user_id",
    "user_id_on_create",
    "user_id_on_update",
    "timestamp_on_create",
    "timestamp_on_update",
  ])("keeps the type %s, which the database can not", (type) => {
    const { extras, rest } = splitField({ name: "f", type });
    expect([extras, rest]).toEqual([{ type }, { name: "f", type }]);
  });

  test("takes a picklist with commas, as forms write it", () => {
    expect(splitField({ name: "f", picklist: "a, b ,c" }).extras).toEqual({ picklist: ["a", "b", "c"] });
  });

  test("that is virtual holds nothing for the database", () => {
    const said = {
      name: "f",
      is_virtual: true,
      type: "integer",
      db_function: { use: "select", function: "1" },
      length: 3,
    };
    expect(splitField(said)).toEqual({
      extras: {
        is_virtual: true,
        type: "integer",
        db_function: [{ use: ["SELECT"], function: "1", function_type: "database" }],
      },
      rest: {},
      isVirtual: true,
    });
  });

  test("stays virtual when nothing else is said", () => {
    expect(splitField({ name: "f", label: "F" }, true)).toEqual({
      extras: { is_virtual: true, label: "F" },
      rest: {},
      isVirtual: true,
    });
  });

  test("that is sent back as it was described keeps nothing", () => {
    const said = {
      name: "f",
      alias: null,
      description: null,
      picklist: null,
      validation: null,
      db_function: null,
      is_virtual: false,
      is_aggregate: false,
    };
    expect(Object.values(splitField(said).extras).filter((value) => value !== null)).toEqual([]);
  });

  const validation = (value: JsonObject) => ({ name: "f", validation: value });
  const functions = (text: unknown, use: unknown = ["SELECT"]) => ({
    name: "f",
    db_function: [{ use, function: text }] as never,
  });
  test.each<readonly [said: JsonObject, message: string]>([
    [validation({ nothing: {} }), "names an unknown validation 'nothing'"],
    [validation({ constructor: {} }), "names an unknown validation 'constructor'"],
    [validation({ email: 5 }), "must say 'email' by true or an object"],
    [validation({ email: { on_fail: 5 } }), "must have as 'email.on_fail' a text"],
    [validation({ email: { other: 5 } }), "'email' has no such setting"],
    [validation({ int: { range: { min: "a" } } }), "must have as 'int.range' an object with 'min' and 'max'"],
    [validation({ int: { formats: ["roman"] } }), "must have as 'int.formats' hex or octal"],
    [validation({ match: {} }), "must have as 'match.regexp' a regular expression"],
    [validation({ match: { regexp: "/(/" } }), "a group is not closed"],
    [validation({ multi_picklist: { min: -1 } }), "a whole number of at least 0"],
    [validation({ url: { sections: ["host"] } }), "must have as 'url.sections' path or query"],
    [{ name: "f", validation: [] }, "must be an object of validations"],
    [{ name: "f", picklist: [{}] }, "must be a list of at most 1000 texts or numbers"],
    [{ name: "f", is_virtual: true, type: "table" }, "must be a simple type"],
    [{ name: "f", is_aggregate: true }, "is for virtual fields only"],
    [{ name: "f", is_virtual: "perhaps" }, "must be true or false"],
    [functions(""), "must name a 'function'"],
    [functions("1", []), "must name its 'use'"],
    [functions("1", ["DELETE"]), "must name its 'use'"],
    [
      { name: "f", db_function: [{ use: ["SELECT"], function: "1", function_type: "server" }] },
      "of the type 'database'",
    ],
  ])("is refused: %j", (said, message) => {
    expect(() => splitField(said)).toThrow(message);
    expect(() => splitField(said)).toThrow("Field 'f': the property ");
  });

  test.each([
    "1; DROP TABLE t",
    "1 -- rest",
    "1 /* x */",
    "(1",
    "1)",
    ")(",
    "'open",
    '"open',
    "`open",
    "E'\\'' || 1",
    "$1",
    "$a$ text $a$",
    ":name",
    "@variable",
    "# comment",
    "?",
    "'?'",
    "['] ) , ('[']",
    "{a",
    "}",
    "a[(1]",
    "x".repeat(2001),
  ])("is refused as an expression: %s", (text) => {
    expect(() => splitField(functions(text))).toThrow("Field 'f': the property 'db_function' must ");
  });

  test.each([
    "UPPER({value})",
    "COALESCE(name, 'it''s none, -')",
    "date_trunc('day', at)::date",
    "strftime('%H:%M', at)",
    "profile ->> 'a@b'",
    "tags[1]",
    "(SELECT COUNT(*) FROM orders WHERE customer_id = id)",
    "{first name} || ' ' || {last name}",
    "'a) b'",
  ])("is taken as an expression: %s", (text) => {
    expect(splitField(functions(text)).extras.db_function).toEqual([
      { use: ["SELECT"], function: text, function_type: "database" },
    ]);
  });
});

describe("what is said of a relationship", () => {
  test("of a foreign key is split", () => {
    const said = {
      name: "r",
      type: "has_many",
      field: "id",
      always_fetch: true,
      flatten: 0,
      alias: "x",
      ref_table: "t",
    };
    expect(splitRelation(said)).toEqual({
      extras: { always_fetch: true, flatten: null, alias: "x" },
      rest: { name: "r", type: "has_many", field: "id", ref_table: "t" },
      isVirtual: false,
    });
  });

  test("that is virtual is kept whole", () => {
    const said = {
      name: "r",
      is_virtual: true,
      type: "HAS_MANY",
      field: ["a", "b"],
      ref_table: "t",
      ref_field: "x,y",
      native: [],
    };
    expect(splitRelation(said)).toEqual({
      extras: { is_virtual: true, type: "has_many", field: "a,b", ref_table: "t", ref_field: "x,y" },
      rest: {},
      isVirtual: true,
    });
  });

  test.each<readonly [said: JsonObject, message: string]>([
    [{ name: "r", is_virtual: true, type: "has_some" }, "'type' must be belongs_to, has_many, has_one or many_many"],
    [{ name: "r", is_virtual: true, ref_service_id: "x" }, "'ref_service_id' must be the id of a service"],
    [{ name: "r", always_fetch: "x" }, "'always_fetch' must be true or false"],
  ])("is refused: %j", (said, message) => {
    expect(() => splitRelation(said)).toThrow(message);
  });
});
