import type { ColumnFacts, ColumnRules } from "./catalog.ts";
import type { Family, SimpleType } from "./types.ts";

/** Families that are numbers; only they have a sum. */
const NUMBERS: ReadonlySet<Family> = new Set(["integer", "decimal", "float"]);
/** Families whose values every database can sort, and so find the first of. */
const SORTED: ReadonlySet<Family> = new Set([...NUMBERS, "string", "date", "time", "datetime", "datetimetz"]);
/** What can be compared with itself alone as the database sees fit. */
const VAGUE: ReadonlySet<Family> = new Set(["json", "array"]);

/** The rules that most databases share. */
export const standardRules: ColumnRules = {
  grouped(column, fn) {
    switch (fn) {
      case undefined:
        return VAGUE.has(column.family) ? undefined : column;
      case "count":
        return COUNT;
      case "sum":
        return NUMBERS.has(column.family) ? sumOf(column) : undefined;
      case "avg":
        return NUMBERS.has(column.family) ? averageOf(column) : undefined;
      default:
        return SORTED.has(column.family) ? column : undefined;
    }
  },
  sorted: (column) => (VAGUE.has(column.family) ? undefined : column),
};

/** What COUNT gives. */
export const COUNT: ColumnFacts = {
  ...numberFacts("bigint", "integer", "bigint"),
  range: [-(2n ** 63n), 2n ** 63n - 1n],
  allowNull: false,
};

/** A sum has more digits than its column, but no more after the point. */
function sumOf({ family, scale, also }: ColumnFacts): ColumnFacts {
  if (family === "integer") return numberFacts("bigint", "integer", "numeric");
  const facts = family === "decimal" ? numberFacts("decimal", family, "numeric") : DOUBLE;
  return { ...facts, scale: family === "decimal" ? scale : null, ...(also && { also }) };
}

/** As many digits as the database works out. */
function averageOf({ family, also }: ColumnFacts): ColumnFacts {
  const facts = family === "float" ? DOUBLE : numberFacts("decimal", "decimal", "numeric");
  return { ...facts, ...(also && { also }) };
}

export function numberFacts(type: SimpleType, family: Family, dbType: string): ColumnFacts {
  return {
    name: "",
    type,
    family,
    dbType,
    length: null,
    precision: null,
    scale: null,
    default: null,
    hasDefault: false,
    allowNull: true,
  };
}

/** Floats of 64 bits. */
export const DOUBLE: ColumnFacts = numberFacts("double", "float", "double");
