import { describe, expect, it } from "vitest";
import { field, parsePlain } from "./plain.ts";

const word = (text: string) => ({ kind: "word", text });
const text = (value: string) => ({ kind: "text", text: value });
const number = (digits: string) => ({ kind: "number", text: digits });
const value = (filter: string) => (parsePlain(filter) as { value: unknown }).value;

describe("parsing a value", () => {
  it.each([
    ["New York", word("New York")],
    ["  two  spaces\t", word("two  spaces")],
    ["2024-01-01 10:00:00", word("2024-01-01 10:00:00")],
    ["Jo%", word("Jo%")],
    ["%or%", word("%or%")],
    ["salt-and-pepper", word("salt-and-pepper")],
    ["Portland", word("Portland")],
    ["Andorra", word("Andorra")],
    ["ORegon", word("ORegon")],
    ["x_and_y or_z", word("x_and_y or_z")],
    ["a@b.co", word("a@b.co")],
    ["http://x/?a=1&b=2|3", word("http://x/?a=1&b=2|3")],
    ["[a-c]%", word("[a-c]%")],
    ["[a", word("[a")],
    ["😀 ok", word("😀 ok")],
    ["null island", word("null island")],
    ["not null", word("not null")],
    ["true", { kind: "boolean", value: true }],
    ["FALSE", { kind: "boolean", value: false }],
    ["0", number("0")],
    ["-12.50", number("-12.50")],
    ["+3", number("+3")],
    ["1e10", number("1e10")],
    ["12345678901234567890.1234567890", number("12345678901234567890.1234567890")],
    ["02134", word("02134")],
    ["1.", word("1.")],
    [".5", word(".5")],
    ["10 km", word("10 km")],
    [":p", { kind: "param", name: "p" }],
    [":p q", word(":p q")],
    ["{user.id}", { kind: "lookup", name: "user.id" }],
    ["{user.id}x", word("{user.id}x")],
    ["{}", word("{}")],
    ["''", text("")],
    ["'it''s'", text("it's")],
    ['"say ""hi"""', text('say "hi"')],
    ["'a\\'", text("a\\")],
    ["'null'", text("null")],
    ["':p'", text(":p")],
    ["'{user.id}'", text("{user.id}")],
    ["'5'", text("5")],
    ["'(a) AND, b; --'", text("(a) AND, b; --")],
  ])("reads %s", (written, said) => {
    expect(value(`a <= ${written}`)).toEqual(said);
    expect(value(`(a<=${written})`)).toEqual(said);
    expect(parsePlain(`a<=${written} AND b=1`)).toMatchObject({ kind: "and", terms: [{ value: said }, {}] });
    expect(parsePlain(`a<=${written} Xor b=1`)).toMatchObject({ kind: "xor", terms: [{ value: said }, {}] });
    expect(parsePlain(`a<=${written}||b=1`)).toMatchObject({ kind: "or", terms: [{ value: said }, {}] });
    expect(parsePlain(`a IN(${written},${written} )`)).toMatchObject({ values: [said, said] });
    expect(parsePlain(`a BETWEEN ${written} AND ${written}`)).toMatchObject({ low: said, high: said });
    expect(parsePlain(`a BETWEEN(${written}, ${written})`)).toMatchObject({ low: said, high: said });
  });

  it("needs no space between a word operator and its value when the value begins with a sign", () => {
    expect(value("a like%x%")).toEqual(word("%x%"));
    expect(value("a contains'x'")).toEqual(text("x"));
    expect(value("a eq:p")).toEqual({ kind: "param", name: "p" });
    expect(value("a<-5")).toEqual(number("-5"));
  });
});

describe("parsing a list or a range", () => {
  const one = number("1");
  const nine = number("9");
  const list = (negated: boolean, ...values: unknown[]) => ({ kind: "in", operand: field("a"), negated, values });
  const range = (negated: boolean) => ({ kind: "between", operand: field("a"), negated, low: one, high: nine });

  it.each([
    ["a IN (1,9)", list(false, one, nine)],
    ["a in(1)", list(false, one)],
    ["a NOT IN ( 1 , 9 )", list(true, one, nine)],
    ["a in ('x,y', \"(z)\")", list(false, text("x,y"), text("(z)"))],
    ["a in (CA, OR, New York)", list(false, word("CA"), word("OR"), word("New York"))],
    ["a in (rock and roll, selected)", list(false, word("rock and roll"), word("selected"))],
    [
      "a in (null, :p, {x})",
      list(false, { kind: "null" }, { kind: "param", name: "p" }, { kind: "lookup", name: "x" }),
    ],
    ["a BETWEEN 1 AND 9", range(false)],
    ["a between(1,9)", range(false)],
    ["a not between 1 and 9", range(true)],
    ["a NOT BETWEEN ( 1 , 9 )", range(true)],
  ])("reads %s", (filter, condition) => {
    expect(parsePlain(filter)).toEqual(condition);
  });

  it("ends the low value of a range at the first AND, and the range at the second", () => {
    expect(parsePlain("a between New York and Zion and b = 1")).toMatchObject({
      kind: "and",
      terms: [{ kind: "between", low: word("New York"), high: word("Zion") }, { kind: "compare" }],
    });
  });
});
