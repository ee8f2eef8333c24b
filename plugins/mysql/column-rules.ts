import type { Column, ColumnRules } from "../../src/db/catalog.ts";
import { standardRules } from "../../src/db/column-rules.ts";
import { isGeometry } from "./columns.ts";

/** Rows are sorted by the number of the member, or by the bits of the set, and compared by its text. */
const NUMBERED = /^(?:enum|set)\(/;

/** What MySQL can do with a column. */
export const columnRules: ColumnRules = {
  grouped(column, fn) {
    if (isGeometry(column) && fn !== "count") return undefined;
    if (fn !== undefined && fn !== "count" && NUMBERED.test(column.dbType)) return undefined;
    const facts = standardRules.grouped(column, fn);
    const isDouble = facts !== undefined && facts !== column && facts.family === "float";
    return isDouble ? { ...facts, dbType: "double" } : facts;
  },
  sorted(column) {
    if (isGeometry(column)) return undefined;
    if (NUMBERED.test(column.dbType) || column.family === "boolean") return numbered(column);
    return standardRules.sorted(column);
  },
};

/** A TINYINT(1) sorts by its number too: 1 and 2 are both true, but not the same. */
function numbered(column: Column): Column {
  const { values: _values, also: _also, ...rest } = column;
  return { ...rest, family: "integer", dbType: `number of ${column.dbType}` };
}

/** Whether a column is the number behind another one. */
export function isNumbered(column: Pick<Column, "dbType">): boolean {
  return column.dbType.startsWith("number of ");
}
