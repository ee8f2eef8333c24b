import { describe, expect, it } from "vitest";
import { refusal } from "./plain.ts";

describe("refusing what is not a filter", () => {
  it.each([
    ["status=", "expected a value after '=' at 7"],
    ["age = ", "expected a value after '=' at 5"],
    ["age = AND b=1", "expected a value after '=' at 5"],
    ["age=or", "expected a value after '=' at 4"],
    ["(age >= )", "expected a value after '>=' at 7"],
    ["a starts with", "expected a value after 'with' at 13"],
    ["a starts 'x'", "expected WITH but found ''x'' at 9"],
    ["a in ()", "expected a value after '(' at 6"],
    ["a in (1,)", "expected a value after ',' at 8"],
    ["a in (1", "expected ',' or ')' after '1' at 7"],
    ["a in 1", "expected '(' but found '1' at 5"],
    ["a between 1", "expected AND after '1' at 11"],
    ["a between 1, 2", "expected AND but found ',' at 11"],
    ["a between (1 and 2)", "expected ',' but found ')' at 18"],
    ["a between (1, 2, 3)", "expected ')' but found ',' at 15"],
    ["a is 1", "expected NULL but found '1' at 5"],
    ["age", "expected an operator after 'age' at 3"],
    ["age ~ 1", "expected an operator but found '~' at 4"],
    ["a not", "expected an operator after 'not' at 5"],
    ["a b = 1", "expected an operator but found 'b' at 2"],
    ["a.b. = 1", "expected a field but found '=' at 5"],
    [`${"a.".repeat(17)}b = 1`, "a field has more than 16 names before it at 34"],
    ["a. = 1", "expected a field but found '=' at 3"],
    ["a->>b = 1", "expected a key but found '>' at 3"],
    ["a-> ", "expected a key after '->' at 3"],
    ["`` = 1", "a quoted name can not be empty at 0"],
    ["(a=1", "expected ')' after '1' at 4"],
    ["a=1)", "expected AND, OR or the end but found ')' at 3"],
    ["a=New York, NY", "expected AND, OR or the end but found ',' at 10"],
    ["name = 'a' b", "expected AND, OR or the end but found 'b' at 11"],
    ["a='x' b='y'", "expected AND, OR or the end but found 'b' at 6"],
    ["(a='x' b)", "expected ')' but found 'b' at 7"],
    ["(a)=1", "expected an operator but found ')' at 2"],
    ["()", "expected a field but found ')' at 1"],
    ["(", "expected a field after '(' at 1"],
    ["NOT", "expected a field after 'NOT' at 3"],
    ["AND a=1", "expected a field but found 'AND' at 0"],
    ["a=1 AND", "expected a field after 'AND' at 7"],
    ["a=1 OR OR b=1", "expected a field but found 'OR' at 7"],
    ["1=1", "expected a field but found '1' at 0"],
    ["a=1 OR 1=1", "expected a field but found '1' at 7"],
    ["1e5=1", "expected a field but found '1e5' at 0"],
    ["-1=1", "expected a field but found '-' at 0"],
    ["'a'='a'", "expected a field but found ''a'' at 0"],
    ['"a"="a"', "expected a field but found '\"a\"' at 0"],
    [":p = 1", "expected a field but found ':' at 0"],
    ["{x}=1", "expected a field but found '{' at 0"],
    ["true = true", "expected a field but found 'true' at 0"],
    ["null is null", "expected a field but found 'null' at 0"],
    ["in = 1", "expected a field but found 'in' at 0"],
    ["like = 1", "expected a field but found 'like' at 0"],
    ["lower(name) = 'x'", "a filter can not call a function at 5"],
    ["name = concat(a,b)", "an unquoted value can not hold '(' at 13"],
    ["a = (1)", "an unquoted value can not hold '(' at 4"],
    ["id IN (SELECT id FROM users)", "a filter can not hold a subquery at 7"],
    ["id IN ( select max(id) from users)", "an unquoted value can not hold '(' at 18"],
    ["a = 1; DROP TABLE x", "an unquoted value can not hold ';' at 5"],
    ["a = 1 -- x", "an unquoted value can not hold '--' at 6"],
    ["a = 1--", "an unquoted value can not hold '--' at 5"],
    ["name = O'Brien", "an unquoted value can not hold ''' at 8"],
    ['a = 5"', "an unquoted value can not hold '\"' at 5"],
    ["a = `b`", "an unquoted value can not hold '`' at 4"],
    ["a => 5", "an unquoted value can not begin with '>' at 3"],
    ["a =! 5", "an unquoted value can not begin with '!' at 3"],
    ["a === 5", "an unquoted value can not begin with '=' at 4"],
    ["name = 'a", "expected a closing quote for the ' that opens at 7"],
    ["name = 'a''", "expected a closing quote for the ' that opens at 7"],
    ["a=1 AND `b = 1", "expected a closing quote for the ` that opens at 8"],
    ["[a = 1", "expected a closing quote for the [ that opens at 0"],
    ["a \u0131n (1)", "expected an operator but found '\u0131n' at 2"],
    ["a li\u212ae 1", "expected an operator but found 'li\u212ae' at 2"],
  ])("refuses %j naming the place", (text, problem) => {
    expect(refusal(text)).toBe(`Invalid filter: ${problem}.`);
  });

  it("echoes at most 40 characters of a filter", () => {
    const secret = "x".repeat(500);
    expect(refusal(`a ${secret} = 1`)).toBe(
      `Invalid filter: expected an operator but found '${"x".repeat(39)}…' at 2.`,
    );
    expect(refusal(`a='${secret}' '${secret}'`)?.length).toBeLessThan(120);
    expect(refusal(`(a = ${secret}`)?.length).toBeLessThan(120);
  });
});
