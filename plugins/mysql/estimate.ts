import type { Estimate } from "../../src/db/sql/dialect.ts";
import type { Cell, Result } from "../../src/db/sql/driver.ts";

/**
 * EXPLAIN gives a line for each table: its first cell says which SELECT it belongs to, the last ones how many rows of it are
 * looked at, what percentage of them fits, and remarks. MariaDB leaves the percentage out where it is not asked for.
 */
export const estimate: Estimate = {
  explain: "EXPLAIN ",
  rows: (lines) =>
    Math.round(lines.filter((line) => line[0] === lines[0]?.[0]).reduce((rows, line) => rows * fitting(line), 1)),
};

const WITHOUT_PERCENTAGE = 10;

/** Nothing is looked at where nothing can fit. */
function fitting(line: Result["rows"][number]): number {
  const hasPercentage = line.length > WITHOUT_PERCENTAGE;
  const [rows, percentage] = hasPercentage ? line.slice(-3, -1) : [line.at(-2), 100];
  return numberOf(rows) * (numberOf(percentage) / 100);
}

function numberOf(cell: Cell | undefined): number {
  return cell === null || cell === undefined ? 0 : Number(cell);
}
