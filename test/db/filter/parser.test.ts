import { describe, expect, it } from "vitest";
import { parseFilter } from "../../../src/db/filter/parser.ts";
import { field, parsePlain } from "./plain.ts";

const compare = (name: string, op = "=", text = "1", negated = false) => ({
  kind: "compare",
  operand: field(name),
  op,
  negated,
  value: { kind: "number", text },
});
const a = compare("a");
const b = compare("b");
const c = compare("c");
const d = compare("d");
const group = (kind: string, ...terms: unknown[]) => ({ kind, terms });
const not = (term: unknown) => ({ kind: "not", term });

describe("parsing the shape of a filter", () => {
  it.each(["", " ", "\t\n "])("reads blank text %j as no filter", (text) => {
    expect(parseFilter(text)).toBeUndefined();
  });

  it.each([
    ["a=1 AND b=1", group("and", a, b)],
    ["(a=1) AND (b=1)", group("and", a, b)],
    ["(a=1)AND(b=1)", group("and", a, b)],
    ["a=1 AND(b=1)", group("and", a, b)],
    ["a=1&&b=1", group("and", a, b)],
    ["a=1||b=1", group("or", a, b)],
    ["a=1 or b=1 Or c=1", group("or", a, b, c)],
    ["((a=1))", a],
    ["a=1 OR b=1 AND c=1", group("or", a, group("and", b, c))],
    ["a=1 AND b=1 OR c=1", group("or", group("and", a, b), c)],
    ["(a=1 OR b=1) AND c=1", group("and", group("or", a, b), c)],
    ["(a=1 OR b=1) OR c=1", group("or", group("or", a, b), c)],
    ["a=1 AND (b=1 AND c=1)", group("and", a, group("and", b, c))],
    ["(a=1) NOR (b=1)", group("nor", a, b)],
    ["(a=1) XOR (b=1) XOR (c=1)", group("xor", group("xor", a, b), c)],
    ["a=1 OR b=1 XOR c=1 OR d=1", group("or", group("xor", group("or", a, b), c), d)],
    ["a=1 xor b=1 and c=1", group("xor", a, group("and", b, c))],
    ["NOT a=1", not(a)],
    ["!(a=1)", not(a)],
    ["!a=1 AND b=1", group("and", not(a), b)],
    ["not(a=1 or b=1)", not(group("or", a, b))],
    ["NOT NOT !!a=1", not(not(not(not(a))))],
    ["a=1 AND NOT b=1", group("and", a, not(b))],
    ["a=1 AND!(b=1)", group("and", a, not(b))],
  ])("reads %s", (text, condition) => {
    expect(parsePlain(text)).toEqual(condition);
  });

  it.each([
    ["a = 1", "="],
    ["a==1", "="],
    ["a eq 1", "="],
    ["a!=1", "!="],
    ["a <> 1", "!="],
    ["a NE 1", "!="],
    ["a<1", "<"],
    ["a LT 1", "<"],
    ["a<=1", "<="],
    ["a lte 1", "<="],
    ["a>1", ">"],
    ["a Gt 1", ">"],
    ["a>=1", ">="],
    ["a GTE 1", ">="],
    ["a like 1", "like"],
    ["a CONTAINS 1", "contains"],
    ["a starts  with 1", "starts_with"],
    ["a Ends With 1", "ends_with"],
  ])("reads the operator of %s, and NOT to its left", (text, op) => {
    expect(parsePlain(text)).toEqual(compare("a", op));
    expect(parsePlain(text.replace(/^a ?/, "a not "))).toEqual(compare("a", op, "1", true));
  });

  it.each([
    ["a = null", false],
    ["a IS NULL", false],
    ["a not != NULL", false],
    ["a != null", true],
    ["a <> Null", true],
    ["a is not null", true],
    ["a not = null", true],
    ["a ne null", true],
  ])("reads %s as a question for NULL", (text, negated) => {
    expect(parsePlain(text)).toEqual({ kind: "null", operand: field("a"), negated });
  });
});

const named = (name: string): [string, unknown] => [name, field(name)];
const unquoted = (name: string): [string, unknown] => [name, field(name.slice(1, -1))];

describe("parsing the left side", () => {
  it.each<[string, unknown]>([
    ["name", field("name")],
    ["rel.name", field("name", [], "rel")],
    ["a.b.`c.d`.name", field("name", [], "a", "b", "c.d")],
    ["`my col`", field("my col")],
    ["[my col]", field("my col")],
    ["`a.b``c`", field("a.b`c")],
    ["[a]]b]", field("a]b")],
    ["[my rel].`in`", field("in", [], "my rel")],
    ["data->key->0", field("data", ["key", 0])],
    ["data -> 'my key' -> \"it's\"", field("data", ["my key", "it's"])],
    ["data->'0'", field("data", ["0"])],
    ["data->007", field("data", ["007"])],
    ["data->in", field("data", ["in"])],
    ["rel.data->0", field("data", [0], "rel")],
    ["größe", field("größe")],
    ["2fa_enabled", field("2fa_enabled")],
    ...["is_active", "order_id", "notes", "android", "starts", "contains", "lt", "nullable"].map(named),
    ...["`in`", "[like]", "`not`", "[AND]", "`null`"].map(unquoted),
  ])("reads %s as a field", (text, operand) => {
    expect(parsePlain(`${text} = 1`)).toEqual({ ...a, operand });
  });

  it("says where each field stands, in characters from 0", () => {
    expect(parseFilter(" (a=1 && x.b=1)")).toMatchObject({ terms: [{ operand: { at: 2 } }, { operand: { at: 9 } }] });
  });
});
