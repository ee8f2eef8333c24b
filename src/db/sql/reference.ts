import type { Column } from "../catalog.ts";
import type { ExpressionText } from "../extras/kept.ts";
import type { Assignment } from "../plan/plan.ts";
import type { Dialect } from "./dialect.ts";
import { isExpression } from "./keys.ts";
import type { Writer } from "./writer.ts";

/** The column as its values are read. `owner` qualifies it: a quoted alias, or empty for bare names. */
export function selected(column: Column, owner: string, dialect: Dialect): string {
  return expressed(column, column.expressions?.select, owner, dialect);
}

/** The column as rows are searched and sorted by it. */
export function compared(column: Column, owner: string, dialect: Dialect): string {
  const { filter, select } = column.expressions ?? {};
  return expressed(column, filter ?? (column.isVirtual === true ? select : undefined), owner, dialect);
}

/** The column itself, or what stands for it, in parentheses that hold it together. */
function expressed(column: Column, text: ExpressionText | undefined, owner: string, dialect: Dialect): string {
  const reference = (native: string) => (owner === "" ? dialect.quote(native) : `${owner}.${dialect.quote(native)}`);
  if (text === undefined) return reference(column.nativeName);
  const parts = text.map((part) => (typeof part === "object" && "column" in part ? reference(part.column) : part));
  return `(${parts.join("")})`;
}

/** What a column is set to: the value, or an expression around it, which may hold it several times. */
export function assigned({ column, value }: Assignment, use: "insert" | "update", writer: Writer): string {
  const { dialect } = writer;
  const text = column.expressions?.[use];
  const plain = () =>
    isExpression(value) ? dialect.expressions[value.expression] : dialect.write(column, writer.value(column, value));
  if (text === undefined) return plain();
  const typed = () => (isExpression(value) ? plain() : dialect.typed(column, plain()));
  return `(${text.map((part) => (typeof part === "string" ? part : typed())).join("")})`;
}
