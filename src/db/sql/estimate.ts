import type { Connector } from "../connector.ts";
import type { CountPlan } from "../plan/plan.ts";
import type { Dialect, Estimate } from "./dialect.ts";
import type { Driver } from "./driver.ts";
import { sourceOf } from "./group.ts";
import { whereClause } from "./where.ts";
import { Writer } from "./writer.ts";

/** The part of a connector that guesses at counts, where the database does. */
export function estimating(driver: Pick<Driver, "execute">, dialect: Dialect): Pick<Connector, "estimate"> {
  const { estimate } = dialect;
  if (estimate === undefined) return {};
  return {
    async estimate(plan, signal) {
      const { rows } = await driver.execute(explained(plan, estimate, dialect), signal);
      return estimate.rows(rows);
    },
  };
}

function explained(plan: CountPlan, { explain }: Estimate, dialect: Dialect) {
  const writer = new Writer(dialect);
  const { from, owner } = sourceOf(plan, writer);
  return writer.statement(`${explain}SELECT 1 FROM ${from}${whereClause(plan.where, owner, writer)}`);
}
