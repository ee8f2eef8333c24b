import type { NewColumn, NewForeignKey } from "../../schema/change.ts";
import { typeText } from "./column-type.ts";
import { type DdlDialect, referenced } from "./ddl.ts";

/** A column as CREATE TABLE and ADD COLUMN define it. */
export function columnText(column: NewColumn, dialect: DdlDialect): string {
  return `${dialect.quote(column.name)} ${definitionText(column, dialect)}`;
}

/** What follows the name of a column in its definition. */
export function definitionText({ type, required, autoIncrement, ...rest }: NewColumn, dialect: DdlDialect): string {
  const { ddl } = dialect;
  const text = typeText(type, ddl);
  if (autoIncrement) return ddl.counted(text);
  const byDefault = rest.default === undefined ? "" : ` DEFAULT ${ddl.defaultText({ type, default: rest.default })}`;
  return `${text}${required ? " NOT NULL" : " NULL"}${byDefault}`;
}

/** `FOREIGN KEY … REFERENCES …` */
export function foreignKeyText(
  { columns, refTable, refColumns, ...actions }: NewForeignKey,
  dialect: DdlDialect,
): string {
  const onUpdate = actions.onUpdate === null ? "" : ` ON UPDATE ${actions.onUpdate}`;
  const onDelete = actions.onDelete === null ? "" : ` ON DELETE ${actions.onDelete}`;
  const target = `${referenced(refTable, dialect)} ${list(refColumns, dialect)}`;
  return `FOREIGN KEY ${list(columns, dialect)} REFERENCES ${target}${onUpdate}${onDelete}`;
}

/** Names in parentheses. */
export function list(names: readonly string[], dialect: DdlDialect): string {
  return `(${names.map((name) => dialect.quote(name)).join(", ")})`;
}
