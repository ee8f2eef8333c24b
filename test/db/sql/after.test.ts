import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Column } from "../../../src/db/catalog.ts";
import type { Place, Predicate } from "../../../src/db/plan/plan.ts";
import { afterCondition } from "../../../src/db/sql/after.ts";

type Cells = readonly (string | null)[];
type Terms = readonly Pick<Place, "descending" | "nulls">[];

const cells = fc.array(fc.constantFrom("a", "b", "c", null), { minLength: 3, maxLength: 3 });
const term = fc.record(
  { descending: fc.boolean(), nulls: fc.constantFrom("first" as const, "last" as const) },
  { requiredKeys: ["descending"] },
);
const terms = fc.array(term, { minLength: 1, maxLength: 3 });

describe("what comes behind a place in an order", () => {
  test.each(["smallest", "largest"] as const)("is what a sort puts there, where NULL is the %s value", (nullIs) => {
    fc.assert(
      fc.property(cells, cells, terms, (row, last, order) => {
        const places = order.map(
          (each, index): Place => ({ ...each, column: column(index), value: last[index] ?? null }),
        );
        const condition = afterCondition({ kind: "after", places }, { nullIs });
        expect(holds(condition, row) === true).toBe(isBehind(row, last, order, nullIs));
      }),
      { numRuns: 2000 },
    );
  });
});

function column(index: number): Column {
  return { nativeName: String(index), allowNull: true, family: "string" } as Column;
}

function isBehind(row: Cells, last: Cells, order: Terms, nullIs: "smallest" | "largest"): boolean {
  for (const [index, { descending, nulls }] of order.entries()) {
    const nullsFirst = nulls === undefined ? descending === (nullIs === "largest") : nulls === "first";
    const rank = (cell: string | null | undefined) =>
      cell == null ? (nullsFirst ? -1000 : 1000) : cell.charCodeAt(0) * (descending ? -1 : 1);
    const difference = rank(row[index]) - rank(last[index]);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** Three-valued, as SQL is. */
function holds(predicate: Predicate, row: Cells): boolean | null {
  switch (predicate.kind) {
    case "and":
    case "or": {
      const values = predicate.terms.map((each) => holds(each, row));
      const decisive = predicate.kind === "or";
      if (values.includes(decisive)) return decisive;
      return values.includes(null) ? null : !decisive;
    }
    case "not": {
      const value = holds(predicate.term, row);
      return value === null ? null : !value;
    }
    case "null":
      return row[Number(predicate.left.column.nativeName)] == null;
    case "compare": {
      const cell = row[Number(predicate.left.column.nativeName)];
      if (cell == null || predicate.value === null) return null;
      const sign = Math.sign(cell.charCodeAt(0) - String(predicate.value).charCodeAt(0));
      return { "=": sign === 0, "<": sign < 0, ">": sign > 0, "<=": sign <= 0, ">=": sign >= 0, "!=": sign !== 0 }[
        predicate.op
      ];
    }
    default:
      throw new Error(`unexpected: ${predicate.kind}`);
  }
}
