import type { Column, ColumnFacts, ColumnRules } from "../../src/db/catalog.ts";
import { numberFacts, standardRules } from "../../src/db/column-rules.ts";
import type { GroupFunction } from "../../src/db/types.ts";
import { baseOf, COMPARED_AS_TEXT, type PgColumn } from "./columns.ts";

type Facts = ColumnFacts & Partial<PgColumn>;

/** Types besides numbers, dates and times that have a smallest and a largest value. */
const SORTED_TEXTS = new Set(["text", "varchar", "bpchar", "citext", "name", "inet", "interval"]);

/** What PostgreSQL can do with a column. */
export const columnRules: ColumnRules = {
  grouped(column, fn) {
    const base = baseOf(column);
    if (fn === undefined && COMPARED_AS_TEXT.has(base)) return undefined;
    if (fn !== "count" && column.family === "geometry") return undefined;
    const facts = standardRules.grouped(column, fn);
    if (facts === undefined || fn === undefined || fn === "count") return facts;
    return workedOut(column, facts, fn);
  },
  sorted: (column: Column) => standardRules.sorted(column),
};

/** The server may give another type with it than that of the column: MIN of a varchar is a text. */
function workedOut(column: ColumnFacts, facts: ColumnFacts, fn: GroupFunction): Facts | undefined {
  const base = baseOf(column);
  if (base === "money") return { ...numberFacts("money", "decimal", "numeric"), scale: column.scale };
  if (fn === "sum" || fn === "avg") return base === "oid" ? undefined : facts;
  const isText = column.family === "string" && column.values === undefined;
  if (isText && !SORTED_TEXTS.has(base)) return undefined;
  const { oid: _oid, ...rest } = facts as Facts;
  return { ...rest, base };
}
