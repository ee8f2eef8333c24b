/** What a column of a new table may be. */
export type DefinableType = "id" | "integer" | "bigint" | "boolean" | "string" | "text" | "datetime";

export interface ColumnDefinition {
  readonly name: string;
  readonly type: DefinableType;
  /** For `string`: how many characters at most. */
  readonly length?: number;
  readonly required?: boolean;
  readonly unique?: boolean;
  /** The row of another table that it names by `id`, and what becomes of this row when that one goes. */
  readonly references?: { readonly table: string; readonly onDelete: "CASCADE" | "SET NULL" };
}

/** A table to be made. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
}
