import { describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { idsFound } from "./reads.ts";

type Rows = readonly (readonly [filter: string, ids: readonly number[]])[];

const OPERATORS: Rows = [
  ["", [1, 2, 3, 4, 5]],
  ["   ", [1, 2, 3, 4, 5]],
  ["id = 1", [1]],
  ["id=1", [1]],
  ["id == 1", [1]],
  ["id EQ 1", [1]],
  ["id eq 1", [1]],
  ["id != 1", [2, 3, 4, 5]],
  ["id <> 1", [2, 3, 4, 5]],
  ["id NE 1", [2, 3, 4, 5]],
  ["id < 3", [1, 2]],
  ["id LT 3", [1, 2]],
  ["id <= 3", [1, 2, 3]],
  ["id LTE 3", [1, 2, 3]],
  ["id > 3", [4, 5]],
  ["id GT 3", [4, 5]],
  ["id >= 3", [3, 4, 5]],
  ["id GTE 3", [3, 4, 5]],
  ["(id = 1)", [1]],
  ["((((id = 1))))", [1]],
  ["id IN (1,3)", [1, 3]],
  ["id in(1, 3)", [1, 3]],
  ["id IN ('1',\"3\")", [1, 3]],
  ["id NOT IN (1,3)", [2, 4, 5]],
  ["id IN (99)", []],
  ["id BETWEEN 2 AND 4", [2, 3, 4]],
  ["id between (2,4)", [2, 3, 4]],
  ["id NOT BETWEEN 2 AND 4", [1, 5]],
  ["id NOT BETWEEN (2, 4)", [1, 5]],
  ["id between 4 and 2", []],
  ["id between 2 and 4 and id != 3", [2, 4]],
];

const NULLS: Rows = [
  ["age IS NULL", [4]],
  ["age is not null", [1, 2, 3, 5]],
  ["age = null", [4]],
  ["age = NULL", [4]],
  ["age != null", [1, 2, 3, 5]],
  ["age <> null", [1, 2, 3, 5]],
  ["NOT (age = null)", [1, 2, 3, 5]],
  ["NOT age IS NULL", [1, 2, 3, 5]],
  ["age != 41", [1, 3, 5]],
  ["NOT (age = 41)", [1, 3, 5]],
  ["age NOT = 41", [1, 3, 5]],
  ["age > 0", [1, 2, 3, 5]],
  ["NOT age > 50", [1, 2]],
  ["age NOT IN (36, 41)", [3, 5]],
  ["age IN (36, NULL)", [1]],
  ["age NOT IN (36, NULL)", []],
  ["age NOT BETWEEN 40 AND 60", [1, 3]],
  ["active = true OR age IS NULL", [1, 2, 4, 5]],
  ["age = 36 OR email = null", [1, 4]],
  ["age > 1 AND email != 'x'", [1, 2, 3, 5]],
  ["NOT (age > 1 AND email != 'x')", []],
  ["email NOT LIKE '%a%'", []],
  ["notes = ''", [5]],
  ["notes != ''", [1, 3, 4]],
  ["notes = 'null'", []],
];

const NOTS: Rows = [
  ["NOT id = 1", [2, 3, 4, 5]],
  ["! id = 1", [2, 3, 4, 5]],
  ["!(id = 1)", [2, 3, 4, 5]],
  ["NOT NOT id = 1", [1]],
  ["NOT (id = 1 OR id = 2)", [3, 4, 5]],
  ["id NOT = 1", [2, 3, 4, 5]],
  ["id not != 1", [1]],
  ["id not > 2", [1, 2]],
  ["id NOT GTE 2", [1]],
  ["first_name NOT LIKE 'A%'", [3, 4, 5]],
  ["first_name not contains 'a'", [4, 5]],
  ["first_name NOT STARTS WITH 'A'", [3, 4, 5]],
  ["first_name NOT ENDS WITH 'y'", [1, 2, 3, 4]],
];

const GROUPS: Rows = [
  ["(id = 1) OR (id = 2)", [1, 2]],
  ["id = 1 || id = 2", [1, 2]],
  ["(id > 1) AND (id < 4)", [2, 3]],
  ["id > 1 && id < 4", [2, 3]],
  ["id = 1 or id = 2 and id = 3", [1]],
  ["id = 3 and id = 2 or id = 1", [1]],
  ["(id = 1 or id = 2) and id = 2", [2]],
  ["id < 4 XOR id > 2", [1, 2, 4, 5]],
  ["(id < 4) xor (id > 2) xor (id = 5)", [1, 2, 4]],
  ["id = 1 NOR id = 2", [3, 4, 5]],
  ["(age > 40) NOR (age < 37)", []],
  ["(age > 50) nor (age < 37)", [2]],
  ["age > 40 XOR id = 1", [1, 2, 3, 5]],
  ["NOT id = 1 AND NOT id = 2", [3, 4, 5]],
  ["id = 1 or not (id = 1) and id = 4", [1, 4]],
];

const VALUES: Rows = [
  ["age = '36'", [1]],
  ["age = 36.0", [1]],
  ["age = 3.6e1", [1]],
  ["age = +36", [1]],
  ["age > -1", [1, 2, 3, 5]],
  ["balance = 10", [5]],
  ["balance = '10.000'", [5]],
  ["balance < 0", [2]],
  ["balance = -0.01", [2]],
  ["balance > 9", [1, 3, 5]],
  ["balance BETWEEN 0 AND 10.00", [4, 5]],
  ["balance IN (0, 1234.5)", [1, 4]],
  ["first_name = Ada", [1]],
  ["first_name = 'Ada'", [1]],
  ['first_name = "Ada"', [1]],
  ["last_name = Gödel", [4]],
  ["last_name = 'Gödel'", [4]],
  ["country IN (DE, FR)", [1, 4, 5]],
  ["notes = 'O''Brien, (x) AND y'", [4]],
  ['notes = "O\'Brien, (x) AND y"', [4]],
  ['notes = "wrote: ""notes"""', [1]],
  ["notes = 'wrote: \"notes\"'", [1]],
  ["notes IN ('100% sure_thing', 'O''Brien, (x) AND y')", [3, 4]],
  ["notes = 100% sure_thing", [3]],
  ["notes = 100% sure_thing and id = 3", [3]],
  ["first_name = 'Ada' ", [1]],
  ["`first_name` = 'Ada'", [1]],
  ["[first_name] = 'Ada'", [1]],
  ["email = ada@example.com", [1]],
  ["first_name = 'Ada'' OR 1=1 --'", []],
  ["first_name = '\\'", []],
];

const DATES: Rows = [
  ["born = '1815-12-10'", [1]],
  ["born = 1815-12-10", [1]],
  ["born < 1900-01-01", [1, 5]],
  ["born >= '1906-12-09'", [2, 3]],
  ["born BETWEEN 1880-01-01 AND 1910-12-31", [3, 5]],
  ["born IN ('1912-06-23', '1882-03-23')", [2, 5]],
  ["created = '2024-01-02 03:04:05'", [5]],
  ["created = '2024-01-02T03:04:05'", [5]],
  ["created = '2024-01-02 03:04:05.678901'", [1]],
  ["created = '2024-01-02T03:04:05.678901Z'", [1]],
  ["created > '2024-01-02 03:04:05'", [1, 2]],
  ["created < 2024-01-01", [3]],
  ["created >= 2024-02-29", [2]],
];

const MATCHES: Rows = [
  ["first_name LIKE 'A%'", [1, 2]],
  ["first_name like A%", [1, 2]],
  ["first_name LIKE '_lan'", [2]],
  ["first_name LIKE '%a%' AND id < 3", [1, 2]],
  ["last_name LIKE 'Gö%'", [4]],
  ["last_name CONTAINS 'öd'", [4]],
  ["last_name contains urin", [2]],
  ["first_name STARTS WITH 'Al'", [2]],
  ["first_name starts with Al", [2]],
  ["last_name ENDS WITH 'er'", [3, 5]],
  ["last_name ends with er and id = 3", [3]],
  ["notes CONTAINS '%'", [3]],
  ["notes CONTAINS '_'", [3]],
  ["notes CONTAINS '!'", []],
  ["notes STARTS WITH '100%'", [3]],
  ["notes STARTS WITH '1_'", []],
  ["notes ENDS WITH 'sure_thing'", [3]],
  ["notes ENDS WITH 'sure%'", []],
  ["notes CONTAINS ' AND '", [4]],
  ["notes CONTAINS ', (x)'", [4]],
  ["notes contains 'O''B'", [4]],
  ["notes CONTAINS '\\'", []],
  ["notes CONTAINS ''", [1, 3, 4, 5]],
];

const BOOLEANS = {
  true: ["true", "TRUE", "1", "'1'", "on", "yes", "'true'", "'Yes'"],
  false: ["false", "False", "0", "'0'", "off", "no", "'false'", "'NO'"],
} as const;

/** What each form of the filter finds. */
export function filterCases(fixture: () => Fixture): void {
  const groups = { OPERATORS, NULLS, NOTS, GROUPS, VALUES, DATES, MATCHES };
  const titles: Readonly<Record<keyof typeof groups, string>> = {
    OPERATORS: "compares by every operator",
    NULLS: "keeps SQL's three-valued logic",
    NOTS: "takes NOT on either side of the operator",
    GROUPS: "joins comparisons, AND before OR",
    VALUES: "reads quoted and bare values",
    DATES: "compares dates as dates",
    MATCHES: "matches texts",
  };
  for (const [name, title] of Object.entries(titles)) {
    describe(title, () => {
      test.each(groups[name as keyof typeof groups])("%s", async (filter, ids) => {
        expect(await idsFound(fixture(), "customers", filter)).toEqual(ids);
      });
    });
  }

  describe("takes a boolean in all its spellings", () => {
    test.each(BOOLEANS.true)("active = %s", async (said) => {
      expect(await idsFound(fixture(), "customers", `active = ${said}`)).toEqual([1, 2, 5]);
      expect(await idsFound(fixture(), "customers", `active != ${said}`)).toEqual([3]);
    });
    test.each(BOOLEANS.false)("active = %s", async (said) => {
      expect(await idsFound(fixture(), "customers", `active = ${said}`)).toEqual([3]);
      expect(await idsFound(fixture(), "customers", `active NOT IN (${said})`)).toEqual([1, 2, 5]);
    });
  });
}
