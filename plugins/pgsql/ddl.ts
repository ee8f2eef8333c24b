import type { Ddl } from "../../src/db/sql/ddl/ddl.ts";
import { literalOf, standardWords, textLiteral } from "../../src/db/sql/ddl/literal.ts";
import { standardDdl, standardTypes } from "../../src/db/sql/ddl/standard.ts";
import { arrayLiteral } from "./array.ts";
import { pgsqlLoss } from "./loss.ts";

const jsonb = { text: "JSONB", reads: "jsonb" } as const;
const timestamptz = { text: "TIMESTAMPTZ", sized: "TIMESTAMPTZ", size: "fraction", reads: "timestamptz" } as const;

/** By which a column may be made; an array of each as well. */
const NAMES = [
  ..."smallint int2 integer int int4 bigint int8 oid real float4 float8 float numeric decimal money boolean bool".split(
    " ",
  ),
  ..."bytea text varchar char character bpchar citext date time timetz timestamp timestamptz interval".split(" "),
  ..."json jsonb uuid xml inet cidr macaddr macaddr8 bit varbit point line lseg box path polygon circle".split(" "),
  ..."tsvector tsquery hstore geometry geography name int4range int8range numrange tsrange tstzrange daterange".split(
    " ",
  ),
  "double precision",
  "character varying",
  "bit varying",
  "time with time zone",
  "time without time zone",
  "timestamp with time zone",
  "timestamp without time zone",
];

/** A backslash is one in every setting of the server when the text says that it is escaped. */
function quoted(text: string): string {
  const literal = textLiteral(text);
  return text.includes("\\") ? `E${literal.replaceAll("\\", "\\\\")}` : literal;
}

const words = { ...standardWords, text: quoted, bytes: (hex: string) => quoted(`\\x${hex}`) };

/** DDL as PostgreSQL has it. */
export const pgsqlDdl: Ddl = {
  ...standardDdl,
  types: {
    ...standardTypes,
    decimal: { text: "NUMERIC", sized: "NUMERIC", size: "digits" },
    money: { text: "MONEY" },
    binary: { text: "BYTEA" },
    timetz: { text: "TIMETZ", sized: "TIMETZ", size: "fraction" },
    datetimetz: timestamptz,
    timestamptz,
    jsonb,
    array: { text: "TEXT[]" },
    object: jsonb,
  },
  nativeTypes: new Set(NAMES.flatMap((name) => [name, `${name}[]`])),
  lossText: pgsqlLoss,
  literal: (value, type) => literalOf(Array.isArray(value) ? arrayLiteral(value) : value, type, words),
};
