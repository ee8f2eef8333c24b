import type { Column, ColumnFacts, ColumnRules } from "../../src/db/catalog.ts";
import { DOUBLE, standardRules } from "../../src/db/column-rules.ts";
import type { GroupValue } from "../../src/db/plan/plan.ts";
import { ansi } from "../../src/db/sql/dialect.ts";

/** What is particular to a column that SQLite works out. */
export interface SqliteColumn extends ColumnFacts {
  /** How many digits behind the point its whole numbers stand for: a sum of decimals is one of their smallest units. */
  readonly shift?: number;
  /** Its JSON says the cell itself, whatever its kind: `"text"`, a number, `{"blob":"base64"}`, `{"real":"Infinity"}`. */
  readonly isCell?: boolean;
}

/** More digits make numbers that 64 bits do not hold. */
const MOST_SHIFT = 15;

/** What SQLite can do with a column. */
export const columnRules: ColumnRules = {
  grouped(column, fn) {
    const facts = standardRules.grouped(column, fn);
    if (facts === undefined) return undefined;
    if (fn === "avg") return DOUBLE;
    return fn === "sum" && column.family === "decimal" ? sumOfDecimals(column, facts) : facts;
  },
  sorted: (column) => (column.family === "json" ? undefined : cellOf(column)),
};

/** A column may hold cells of any kind, and what a client sees of them does not always say what they are. */
function cellOf(column: Column): Column {
  const { values: _values, also: _also, ...rest } = column;
  const cell: Column & SqliteColumn = { ...rest, family: "json", dbType: `${column.dbType} CELL`, isCell: true };
  return cell;
}

function sumOfDecimals(column: ColumnFacts, facts: ColumnFacts): SqliteColumn {
  const shift = unitsOf(column);
  return shift > 0 ? { ...facts, shift } : facts;
}

/** How many digits behind the point the whole numbers have that decimals are added up as; 0 = they are added up as they are. */
function unitsOf({ family, scale }: ColumnFacts): number {
  return family === "decimal" && scale !== null && scale > 0 && scale <= MOST_SHIFT ? scale : 0;
}

export function shiftOf(column: Column & Pick<SqliteColumn, "shift">): number {
  return column.shift ?? 0;
}

export function isCell(column: Column & Pick<SqliteColumn, "isCell">): boolean {
  return column.isCell === true;
}

/** A value of a group. Doubles do not add up to what decimals do, so a sum or a mean is that of their smallest units. */
export function groupValue(value: GroupValue, reference: string): string {
  const { fn, of } = value;
  const shift = of && (fn === "sum" || fn === "avg") ? unitsOf(of) : 0;
  if (shift === 0) return ansi.groupValue(value, reference);
  const units = ansi.groupValue(value, unitsText(reference, shift));
  return fn === "avg" ? `${units} / ${10 ** shift}.0` : units;
}

/** A decimal as the whole number of units that it is; one that is none, or a text, as it is. */
function unitsText(reference: string, shift: number): string {
  const digits = `printf('%.${shift}f', ${reference})`;
  const whole = `CAST(replace(${digits}, '.', '') AS INTEGER)`;
  const factor = 10 ** shift;
  return `CASE WHEN typeof(${reference}) = 'integer' THEN ${reference} * ${factor} WHEN CAST(${digits} AS REAL) = ${reference} THEN ${whole} ELSE ${reference} * ${factor}.0 END`;
}
