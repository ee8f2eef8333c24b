import type { Column } from "../../src/db/catalog.ts";
import type { Embedding } from "../../src/db/sql/embedding.ts";
import { baseOf } from "./columns.ts";
import { geoJsonOf, isGeometry } from "./geometry.ts";

/** Types that PostgreSQL writes as JSON as the decoder does. */
const AS_IT_IS = new Set(
  "int2 int4 int8 float4 float8 numeric bool jsonb uuid text varchar bpchar name date time timetz timestamptz interval"
    .split(" ")
    .concat("inet cidr macaddr bit varbit char point int4range int8range numrange daterange tsrange tstzrange"),
);
/** Elements of arrays that need another view of the array. */
const ELEMENTS: Readonly<Record<string, string>> = { timestamp: "text[]", money: "numeric[]", oid: "int8[]" };

/** JSON made inside of a statement. */
export const embedding: Embedding = {
  // The server cuts longer names.
  longestName: 63,
  cell: cellOf,
  list(select, alias, most) {
    const list = `'[' || coalesce(string_agg(row_to_json(${alias}.*)::text, ','), '') || ']'`;
    const text = most === undefined ? list : `CASE WHEN count(*) <= ${most}::bigint THEN ${list} END`;
    return `(SELECT ${text} FROM (${select}) ${alias})`;
  },
  one: (select, alias) => `(SELECT row_to_json(${alias}.*)::text FROM (${select}) ${alias})`,
  nested: (text) => `${text}::json`,
};

function cellOf(column: Column, reference: string): string | undefined {
  const base = baseOf(column);
  if (column.family === "array") return arrayOf(base, reference);
  if (AS_IT_IS.has(base)) return reference;
  if (isGeometry(column)) return `(${geoJsonOf(column, reference)})::json`;
  if (base === "timestamp") return `${reference}::text`;
  if (base === "money") return `${reference}::numeric`;
  if (base === "oid") return `${reference}::int8`;
  if (base === "bytea") return `translate(encode(${reference}, 'base64'), chr(10), '')`;
  // As the decoder does: a line break can only stand between tokens.
  if (base === "json") return `regexp_replace(${reference}::text, '[' || chr(10) || chr(13) || ']+', ' ', 'g')::json`;
  return column.family === "string" ? textOf(reference) : undefined;
}

function arrayOf(base: string, reference: string): string | undefined {
  if (Object.hasOwn(ELEMENTS, base)) return `${reference}::${ELEMENTS[base]}`;
  return AS_IT_IS.has(base) ? reference : undefined;
}

/** The text of any other type as the server writes it: a cast to text, or to JSON, may be something of its own. */
function textOf(reference: string): string {
  return `CASE WHEN num_nulls(${reference}) = 0 THEN concat(${reference}) END`;
}
