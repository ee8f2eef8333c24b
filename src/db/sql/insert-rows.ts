import { assignmentsOf } from "../plan/assignments.ts";
import type { InsertPlan } from "../plan/plan.ts";
import type { Value } from "../values.ts";
import { isExpression } from "./keys.ts";
import { assigned } from "./reference.ts";
import { commaList, type Writer } from "./writer.ts";

/** What stands behind the column names of an INSERT. */
export function rowsText(plan: InsertPlan, writer: Writer): string {
  return writer.dialect.rowSource?.(plan, writer.bind) ?? `VALUES ${commaList(plan.rows.map(rowWriter(plan, writer)))}`;
}

/** Rows of values alone have the same text where placeholders have: then it is made once, and only the values are bound. */
function rowWriter({ columns }: InsertPlan, writer: Writer): (row: InsertPlan["rows"][number]) => string {
  const { dialect } = writer;
  const text = (row: InsertPlan["rows"][number]) =>
    `(${commaList(assignmentsOf(columns, row).map((each) => assigned(each, "insert", writer)))})`;
  const placeholder = dialect.placeholder(1);
  const areAlike = placeholder === dialect.placeholder(2) && columns.every((each) => !each.expressions?.insert);
  if (!areAlike) return text;
  const plain = `(${commaList(columns.map((column) => dialect.write(column, placeholder)))})`;
  return (row) => {
    if (row.some(isExpression)) return text(row);
    for (const [at, column] of columns.entries()) writer.add(column, row[at] as Value);
    return plain;
  };
}
