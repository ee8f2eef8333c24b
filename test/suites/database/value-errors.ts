import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { kindTables } from "./kinds.ts";
import type { Cases } from "./suite.ts";
import { answerOf, refused, rowsOf } from "./tasks.ts";

const INTEGER = "must be a valid integer.";
const DECIMAL = "must be a valid decimal number.";
const NUMBER = "must be a valid number.";
const BOOLEAN = "must be a valid boolean.";
const TEXT = "must be a valid text.";
const BASE64 = "must be a valid base64 text.";
const DATE = "must be a valid date (YYYY-MM-DD).";
const TIME = "must be a valid time (HH:MM:SS).";
const DATETIME = "must be a valid date and time (YYYY-MM-DD HH:MM:SS) without a time zone.";
const DATETIMETZ = "must be a valid date and time (YYYY-MM-DD HH:MM:SS) with or without an offset.";
const JSON_VALUE = "must be a valid JSON value.";
const UUID = "must be a valid UUID.";
const BIG = "must be between -9223372036854775808 and 9223372036854775807.";
const SMALL = "must be between -32768 and 32767.";

/** What is refused of every family, whatever the database: column, message, values as JSON texts. */
const WRONG: readonly (readonly [column: string, message: string, values: readonly string[]])[] = [
  [
    "c_int",
    INTEGER,
    [
      '""',
      '"x"',
      "1.5",
      '"1.5"',
      "5.0000000000000000001",
      "1e-1",
      "true",
      "[]",
      "[1]",
      "{}",
      '"1 2"',
      '"0x10"',
      '"NaN"',
      '"Infinity"',
    ],
  ],
  ["c_small", SMALL, ["32768", "-32769", "1e9", '"99999"']],
  ["c_big", BIG, ["9223372036854775808", "-9223372036854775809", "1e30"]],
  ["c_decimal", DECIMAL, ['""', '"x"', '"1,5"', "true", "[]", "{}", '"1.2.3"', '"--1"']],
  ["c_decimal", "can hold at most 16 digits before the decimal point.", ["12345678901234567", "-1e16", "1e300"]],
  [
    "c_decimal",
    "keeps at most 4 digits after the decimal point.",
    ["0.12345", "-1.00001", "1e-5", '"1.23456"', "12345678901234.12345"],
  ],
  ["c_double", NUMBER, ['""', '"x"', "false", "[]", "{}", '"1e"']],
  ["c_double", "is out of the range of a double.", ["1e309", "-1e400", "1e-400", '"2e308"']],
  ["c_bool", BOOLEAN, ['""', '"x"', "2", "-1", '"truthy"', "[]", "{}"]],
  ["c_varchar", TEXT, ["[]", "{}", '["x"]', '"\\ud800"', '"a\\udc00b"', '"\\udc00\\ud800"']],
  ["c_varchar", "can hold at most 40 characters.", [`"${"x".repeat(41)}"`, `"${"😀".repeat(41)}"`]],
  ["c_text", TEXT, ['"\\ud83d"', "{}"]],
  ["c_binary", BASE64, ['"@@"', '"A"', '"AA=A"', '"AAA=="'.replace("AAA==", "AAAA="), "5", "true", "[]", "{}"]],
  [
    "c_date",
    DATE,
    [
      '""',
      '"x"',
      '"2023-02-29"',
      '"2024-13-01"',
      '"2024-1-1"',
      '"01.02.2024"',
      '"2024-01-01 00:00:00"',
      "20240101",
      "true",
      "[]",
    ],
  ],
  ["c_time", TIME, ['""', '"x"', '"12:60"', '"12"', "1200", "[]"]],
  [
    "c_datetime",
    DATETIME,
    ['""', '"x"', '"2023-02-29 00:00:00"', '"2024-01-01 25:00:00"', '"2024-01-01T00:00:00+02:00"', "1704067200", "{}"],
  ],
  ["c_json", JSON_VALUE, ['"\\ud800"', '{"a":["\\udc00"]}', '{"\\ud800":1}']],
];

/** What the types of one database refuse besides. */
const OWN: Readonly<Record<string, typeof WRONG>> = {
  pgsql: [
    ["c_int", "must be between -2147483648 and 2147483647.", ["2147483648", "-2147483649"]],
    ["c_uuid", UUID, ['"x"', '""', "5", '"01234567-89ab-4cde-8f01-23456789abcg"']],
    ["p_timestamptz", DATETIMETZ, ['"x"', '"2024-01-01T00:00:00+25:00:00:00"', "5"]],
    ["p_enum", "must be one of 'sad', 'it's ok'.", ['"glad"', '""', '"SAD"']],
    ["p_ints", "must be a valid array.", ["5", '"x"', "{}"]],
    ["p_ints", INTEGER, ['["x"]', "[[1.5]]"]],
    ["p_decimals", "keeps at most 2 digits after the decimal point.", ["[1.005]"]],
    ["p_bit", "can hold at most 4 characters.", ['"10101"']],
    ["p_char", "can hold at most 5 characters.", ['"abcdef"']],
    ["c_varchar", "can not hold the character NUL.", ['"a\\u0000b"']],
  ],
  mariadb: mariadbWrong(),
  mysql: mariadbWrong(),
  sqlite: [
    ["c_uuid", UUID, ['"x"', '""', "5"]],
    ["c_int", BIG, ["9223372036854775808"]],
    ["s_char", "can hold at most 5 characters.", ['"abcdef"']],
    ["s_stamptz", DATETIMETZ, ['"x"']],
    ["s_numeric", "can not hold this number exactly.", ["0.1234567890123456789"]],
    ["c_decimal", "can not hold this number exactly.", ["1234567890123456.1234"]],
  ],
};

function mariadbWrong(): typeof WRONG {
  return [
    ["c_int", "must be between -2147483648 and 2147483647.", ["2147483648", "-2147483649"]],
    ["m_tiny", "must be between -128 and 127.", ["128"]],
    ["m_tiny_unsigned", "must be between 0 and 255.", ["256", "-1"]],
    ["m_medium", "must be between -8388608 and 8388607.", ["8388608"]],
    ["m_int_unsigned", "must be between 0 and 4294967295.", ["4294967296", "-1"]],
    ["m_big_unsigned", "must be between 0 and 18446744073709551615.", ["18446744073709551616", "-1"]],
    ["m_bit8", "must be between 0 and 255.", ["256"]],
    ["m_year", "must be between 1901 and 2155.", ["1900", "99"]],
    ["m_enum", "must be one of 'sad', 'it's ok', 'a,b'.", ['"glad"', '""']],
    ["m_char", "can hold at most 5 characters.", ['"abcdef"']],
    ["m_varbinary", "can hold at most 4 bytes.", ['"AAAAAAA="']],
    ["m_binary", "can hold at most 3 bytes.", ['"AAAAAA=="']],
    ["m_tinytext", "can hold at most 255 characters.", [`"${"x".repeat(256)}"`]],
  ];
}

/** Refused by the database itself, whose words name the field only where it says so. */
const REFUSED: Readonly<Record<string, readonly (readonly [column: string, value: string])[]>> = {
  pgsql: [
    ["p_inet", '"x"'],
    ["p_range", '"[5,1)"'],
    ["p_interval", '"x"'],
    ["p_domain", "101"],
    ["p_real", "1e39"],
    ["c_json", '"a\\u0000b"'],
    ["c_date", '"0000-01-01"'],
    ["p_texts", '["a\\u0000"]'],
  ],
  mariadb: [
    ["m_set", '"a,q"'],
    ["c_float", "1e39"],
    ["m_timestamp", '"1960-01-01 00:00:00"'],
    ["m_time", '"839:00:00"'],
  ],
  mysql: [
    ["m_set", '"a,q"'],
    ["c_float", "1e39"],
  ],
  sqlite: [],
};

/** Values that do not fit are refused with the name of their field, and nothing is written. */
export const valueErrorCases: Cases = (fixture, target) => {
  beforeAll(async () => {
    for (const sql of kindTables(target)) await fixture().database.query(sql);
  });
  const ask = (verb: string, path: string, body: string) =>
    answerOf(fixture().ask(verb, `_table/kinds${path}`, { body }));
  afterEach(() => fixture().database.query("DELETE FROM kinds"));
  const count = () => rowsOf(fixture(), "SELECT COUNT(*) FROM kinds");
  const cases = [...WRONG, ...(OWN[target.type] ?? [])].flatMap(([column, message, values]) =>
    values.map((value): [string, string, string] => [column, value, `Field '${column}' ${message}`]),
  );

  test.each(cases)("%s does not take %s", async (column, value, message) => {
    expect(await ask("POST", "", `{"${column}":${value}}`)).toEqual(refused(400, message));
    expect(await ask("PATCH", "/1", `{"${column}":${value}}`)).toEqual(refused(400, message));
    expect(await count()).toEqual(["0"]);
  });

  test.each(REFUSED[target.type] ?? [])("the database does not take %s = %s", async (column, value) => {
    const { status, body } = await fixture().ask("POST", "_table/kinds", { body: `{"${column}":${value}}` });
    expect({ status, message: body.error.message }).toEqual({
      status: 400,
      message: expect.stringMatching(
        /^(?:(?:A value|The value of field '\w+') is (?:not valid for its type|out of range|too long)\.|Field '\w+' can not hold the character NUL\.|The record violates .*\.)$/,
      ),
    });
    expect(await count()).toEqual(["0"]);
  });

  test.each([
    ["c_decimal = 0.12345"],
    ["c_decimal = 12345678901234567"],
    [`c_varchar = '${"x".repeat(41)}'`],
  ])("a filter may look for what no field can hold: %s", async (filter) => {
    const { status, body } = await fixture().ask("GET", `_table/kinds?filter=${encodeURIComponent(filter)}`);
    expect({ status, body }).toEqual({ status: 200, body: { resource: [] } });
  });

  describe("bodies that are no JSON", () => {
    test.each([
      '{"c_int":',
      "{'c_int':1}",
      '{"c_int":01}',
      '{"c_int":NaN}',
      '{"c_varchar":"a\nb"}',
      '[{"c_int":1},]',
    ])("%s", async (body) => {
      const { status, body: answer } = await fixture().ask("POST", "_table/kinds", { body });
      expect({ status, message: answer.error.message }).toEqual({
        status: 400,
        message: expect.stringMatching(/^The body of the request is not valid JSON at position \d+\.$/),
      });
      expect(await count()).toEqual(["0"]);
    });
  });
};
