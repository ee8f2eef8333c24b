import type { Target } from "./target.ts";

/** A column of the table `kinds`: its type, and values as JSON texts, as they are sent and (where that differs) as they are read. */
export interface Kind {
  readonly name: string;
  readonly sql: string;
  readonly values: readonly (string | readonly [sent: string, read: string])[];
}

const ALL_BYTES = btoa(String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)));
const TEXTS = [
  ...[
    '""',
    '"007"',
    '"null"',
    '" both ends "',
    '"it\'s \\"q\\" \\\\ \\\\n %_ `;--"',
    '"😀é漢\\u200d"',
    '"a\\nb\\tc\\r\\u001f"',
  ],
  ...([
    ["5", '"5"'],
    ["true", '"true"'],
    ["1.50", '"1.50"'],
  ] as const),
];
const JSONS = [
  ...[
    "{}",
    "[]",
    "0",
    "-1",
    "true",
    '"text"',
    '""',
    '{"a":null,"b":[1,[2,{"c":"d"}]],"":"empty key"}',
    '[null,false,1.5,"😀"]',
  ],
  ...[
    '{"big":12345678901234567890,"deep":0.12345678901234567890123,"small":1e-7}',
    '{"$ref":"x","expression":"NOW()"}',
    '"\\u2028\\\\ud800"',
  ],
];

/** The types that every database has. */
function commonKinds({ words, traits }: Target): readonly Kind[] {
  const nul = traits.keepsNul ? ['"a\\u0000b"'] : [];
  // A type with a fixed number of digits fills them up.
  const filled = (text: string) => (traits.fillsFractions ? `"${text}.000000"` : `"${text}"`);
  return [
    {
      name: "c_int",
      sql: "INTEGER",
      values: ["0", "2147483647", "-2147483648", ['"42"', "42"], ["5.0", "5"], ["1e3", "1000"], ['" 7 "', "7"]],
    },
    { name: "c_small", sql: "SMALLINT", values: ["32767", "-32768"] },
    {
      name: "c_big",
      sql: words.bigint,
      values: [
        "9223372036854775807",
        "-9223372036854775808",
        "9007199254740993",
        ['"9007199254740993"', "9007199254740993"],
      ],
    },
    {
      name: "c_decimal",
      sql: words.decimal(20, 4),
      values: [
        ["0", "0.0000"],
        ["-0.5", "-0.5000"],
        ["12.3400", "12.3400"],
        ["1234567890.1234", "1234567890.1234"],
        ["1.5e2", "150.0000"],
        ['"-7.25"', "-7.2500"],
        ["12.340000", "12.3400"],
      ],
    },
    {
      name: "c_double",
      sql: words.double,
      values: [
        "5e-324",
        "-0.1",
        "123456789.125",
        ["1.7976931348623157e308", "1.7976931348623157e+308"],
        ["-2.2250738585072014e-308", "-2.2250738585072014e-308"],
        ['"0.5"', "0.5"],
      ],
    },
    { name: "c_float", sql: words.float, values: ["0.1", "-1.5", ["3.4028235e38", "3.4028235e+38"]] },
    {
      name: "c_bool",
      sql: words.boolean,
      values: ["true", "false", ["1", "true"], ["0", "false"], ['"yes"', "true"], ['"OFF"', "false"]],
    },
    { name: "c_varchar", sql: "VARCHAR(40)", values: TEXTS },
    { name: "c_text", sql: words.text, values: [...TEXTS, ...nul, `"${"long ".repeat(10_000)}"`] },
    { name: "c_binary", sql: words.binary, values: ['""', '"AA=="', '"/+8="', `"${ALL_BYTES}"`, ['"AA"', '"AA=="']] },
    { name: "c_date", sql: words.date, values: ['"2024-02-29"', '"1000-01-01"', '"9999-12-31"'] },
    {
      name: "c_time",
      sql: words.time,
      values: ['"23:59:59.123456"', ['"00:00"', filled("00:00:00")], ['"12:30:15"', filled("12:30:15")]],
    },
    {
      name: "c_datetime",
      sql: words.datetime,
      values: [
        '"2024-01-02 03:04:05.678901"',
        ['"2024-12-31T23:59:59.999999"', '"2024-12-31 23:59:59.999999"'],
        ['"2024-01-02T03:04:05Z"', filled("2024-01-02 03:04:05")],
        ['"2024-01-02"', filled("2024-01-02 00:00:00")],
        ['"1000-01-01 00:00:00.000001"', '"1000-01-01 00:00:00.000001"'],
      ],
    },
    { name: "c_json", sql: words.json, values: [...JSONS, ...nul] },
    { name: "c_uuid", sql: words.uuid, values: ['"01234567-89ab-4cde-8f01-23456789abcd"'] },
  ];
}

/** The types that PostgreSQL alone has. */
const POSTGRES: readonly Kind[] = [
  {
    name: "p_decimal38",
    sql: "NUMERIC(38,10)",
    values: ["1234567890123456789012345678.0123456789", ["-1", "-1.0000000000"]],
  },
  {
    name: "p_numeric",
    sql: "NUMERIC",
    values: ["1.50", "0.000", "-12345678901234567890123456789.123456789", ['"NaN"', '"NaN"']],
  },
  {
    name: "p_money",
    sql: "MONEY",
    values: [
      ["1234.5", "1234.50"],
      ["-0.01", "-0.01"],
    ],
  },
  { name: "p_real", sql: "REAL", values: ['"NaN"', '"Infinity"', '"-Infinity"', "1e-45"] },
  {
    name: "p_char",
    sql: "CHAR(5)",
    values: [
      ['"ab"', '"ab   "'],
      ['"abcde"', '"abcde"'],
    ],
  },
  {
    name: "p_timestamptz",
    sql: "TIMESTAMPTZ",
    values: [
      ['"2024-01-02T03:04:05.678901+02:00"', '"2024-01-02T01:04:05.678901+00:00"'],
      ['"2024-01-02 03:04:05Z"', '"2024-01-02T03:04:05+00:00"'],
      '"infinity"',
    ],
  },
  { name: "p_timetz", sql: "TIMETZ", values: ['"03:04:05.678901+02"', ['"03:04:05Z"', '"03:04:05+00"']] },
  { name: "p_early", sql: "TIMESTAMP", values: ['"0044-03-15 12:00:00 BC"', '"-infinity"'] },
  { name: "p_interval", sql: "INTERVAL", values: ['"1 day 02:03:04.5"', ['"P1Y2M"', '"1 year 2 mons"']] },
  { name: "p_json", sql: "JSON", values: ['{"b":1,  "a":1.50}', '{"a":1,"a":2}'].slice(0, 1) },
  {
    name: "p_uuid",
    sql: "UUID",
    values: [['"{01234567-89AB-4CDE-8F01-23456789ABCD}"', '"01234567-89ab-4cde-8f01-23456789abcd"']],
  },
  { name: "p_enum", sql: "mood", values: ['"sad"', '"it\'s ok"'] },
  { name: "p_domain", sql: "percent", values: ["0", "100"] },
  { name: "p_ints", sql: "INTEGER[]", values: ["[]", "[1,null,-3]", "[[1,2],[3,4]]"] },
  { name: "p_bigs", sql: "BIGINT[]", values: ["[9223372036854775807]"] },
  { name: "p_texts", sql: "TEXT[]", values: ['["a,b","q\\"x","\\\\",null,"","NULL","{}","😀"]'] },
  { name: "p_decimals", sql: "NUMERIC(10,2)[]", values: ["[1.50,-2.00]"] },
  { name: "p_bools", sql: "BOOLEAN[]", values: ["[true,false,null]"] },
  { name: "p_stamps", sql: "TIMESTAMP[]", values: ['["2024-01-02 03:04:05.5"]'] },
  { name: "p_bytes", sql: "BYTEA[]", values: ['["AP8=",""]'] },
  { name: "p_moods", sql: "mood[]", values: ['["sad"]'] },
  { name: "p_range", sql: "INT4RANGE", values: ['"[1,5)"', '"empty"', ['"[1,5]"', '"[1,6)"']] },
  { name: "p_bit", sql: "BIT(4)", values: ['"1010"'] },
  { name: "p_varbit", sql: "VARBIT(8)", values: ['"101"', '""'] },
  { name: "p_inet", sql: "INET", values: ['"10.0.0.1"', '"2001:db8::/32"'] },
  { name: "p_point", sql: "POINT", values: ['"(1,2.5)"'] },
];

/** The types that MariaDB and MySQL alone have. */
const MARIADB: readonly Kind[] = [
  { name: "m_tiny", sql: "TINYINT", values: ["127", "-128"] },
  { name: "m_tiny_unsigned", sql: "TINYINT UNSIGNED", values: ["255"] },
  { name: "m_medium", sql: "MEDIUMINT", values: ["8388607", "-8388608"] },
  { name: "m_int_unsigned", sql: "INT UNSIGNED", values: ["4294967295"] },
  { name: "m_big_unsigned", sql: "BIGINT UNSIGNED", values: ["18446744073709551615"] },
  {
    name: "m_decimal38",
    sql: "DECIMAL(38,10)",
    values: ["1234567890123456789012345678.0123456789", ["-1", "-1.0000000000"]],
  },
  { name: "m_char", sql: "CHAR(5)", values: ['"ab"', '"abcde"'] },
  { name: "m_tinytext", sql: "TINYTEXT", values: ['"x"'] },
  { name: "m_mediumtext", sql: "MEDIUMTEXT", values: ['"x"'] },
  { name: "m_longtext", sql: "LONGTEXT", values: ['"x"'] },
  { name: "m_varbinary", sql: "VARBINARY(4)", values: ['"AAH/"', '""'] },
  { name: "m_binary", sql: "BINARY(3)", values: ['"AAH/"', ['"AQ=="', '"AQAA"']] },
  { name: "m_bit1", sql: "BIT(1)", values: ["true", "false"] },
  { name: "m_bit8", sql: "BIT(8)", values: ["255", "0"] },
  { name: "m_bit64", sql: "BIT(64)", values: ["18446744073709551615"] },
  { name: "m_year", sql: "YEAR", values: ["1901", "2155", "0", ['"0000"', "0"]] },
  { name: "m_enum", sql: "ENUM('sad','it''s ok','a,b')", values: ['"sad"', '"it\'s ok"', '"a,b"'] },
  { name: "m_set", sql: "SET('a','b','c')", values: ['"a,c"', '""'] },
  { name: "m_zero_date", sql: "DATE", values: ['"0000-00-00"', '"2024-00-00"'] },
  { name: "m_zero_datetime", sql: "DATETIME", values: ['"0000-00-00 00:00:00"'] },
  { name: "m_timestamp", sql: "TIMESTAMP(6) NULL", values: ['"2024-01-02 03:04:05.678901"'] },
  { name: "m_time", sql: "TIME", values: ['"-838:59:59"', '"100:00:01"'] },
];

/** The types that SQLite alone has; it keeps what a column is given. */
const SQLITE: readonly Kind[] = [
  { name: "s_any", sql: "", values: ['"text"', ["5", "5"], ['"007"', '"007"']] },
  {
    name: "s_stamptz",
    sql: "TIMESTAMPTZ",
    values: ['"2024-01-02T03:04:05.678901+02:00"', ['"2024-01-02 03:04:05Z"', '"2024-01-02T03:04:05+00:00"']],
  },
  { name: "s_unsigned", sql: "INTEGER UNSIGNED", values: ["9223372036854775807"] },
  { name: "s_char", sql: "CHAR(5)", values: ['"ab"'] },
  { name: "s_real", sql: "REAL", values: ['"Infinity"', "0.1"] },
  { name: "s_numeric", sql: "NUMERIC", values: ["9007199254740993", "0.1"] },
];

const OWN: Readonly<Record<string, readonly Kind[]>> = {
  pgsql: POSTGRES,
  mariadb: MARIADB,
  mysql: MARIADB,
  sqlite: SQLITE,
};

export function kindsOf(target: Target): readonly Kind[] {
  return [...commonKinds(target), ...(OWN[target.type] ?? [])];
}

/** Makes the table `kinds`: a key, and a column of each type. */
export function kindTables(target: Target): readonly string[] {
  const { words, type } = target;
  const columns = kindsOf(target).map(
    ({ name, sql }) => `${name} ${sql}${type.startsWith("m") && !/NULL/.test(sql) ? " NULL" : ""}`,
  );
  const types =
    type === "pgsql"
      ? [
          "CREATE TYPE mood AS ENUM ('sad', 'it''s ok')",
          "CREATE DOMAIN percent AS SMALLINT CHECK (VALUE BETWEEN 0 AND 100)",
        ]
      : [];
  return [...types, `CREATE TABLE kinds (id ${words.autoKey}, ${columns.join(", ")})`];
}
