import type { Estimate } from "../../src/db/sql/dialect.ts";

/** The planner's own guess, as fresh as the statistics of the table. */
export const estimate: Estimate = {
  explain: "EXPLAIN (FORMAT JSON) ",
  rows([row]) {
    const [explained] = JSON.parse(String(row?.[0])) as readonly { readonly Plan: { readonly "Plan Rows": number } }[];
    return explained?.Plan["Plan Rows"] ?? 0;
  },
};
