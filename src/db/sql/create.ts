import type { ColumnDefinition, TableDefinition } from "../definition.ts";
import type { Dialect } from "./dialect.ts";
import type { Statement } from "./driver.ts";

/** The statements that make a table unless it exists. Defaults are the business of who writes the rows. */
export function createStatements(table: TableDefinition, dialect: Dialect): readonly Statement[] {
  const columns = table.columns.map((column) => columnText(column, dialect));
  const references = table.columns.flatMap((column) => referenceText(column, dialect));
  const text = `CREATE TABLE IF NOT EXISTS ${dialect.quote(table.name)} (${[...columns, ...references].join(", ")})`;
  return [{ text, values: [] }];
}

function columnText(column: ColumnDefinition, dialect: Dialect): string {
  const required = column.required && column.type !== "id" ? " NOT NULL" : "";
  const unique = column.unique ? " UNIQUE" : "";
  const length = column.type === "string" ? `(${column.length ?? 255})` : "";
  return `${dialect.quote(column.name)} ${dialect.columnTypes[column.type]}${length}${required}${unique}`;
}

function referenceText({ name, references }: ColumnDefinition, dialect: Dialect): readonly string[] {
  if (references === undefined) return [];
  const target = `${dialect.quote(references.table)} (${dialect.quote("id")})`;
  return [`FOREIGN KEY (${dialect.quote(name)}) REFERENCES ${target} ON DELETE ${references.onDelete}`];
}
