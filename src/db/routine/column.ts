import type { Column, ColumnFacts } from "../catalog.ts";

/** A parameter, or a column of a result, as what a dialect takes for a column. */
export function resultColumn(facts: ColumnFacts): Column {
  return { ...facts, nativeName: facts.name, isKey: false, isUnique: false, isIndexed: false };
}
