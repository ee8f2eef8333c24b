import type { ForeignKeyFacts, IndexFacts, TableFacts } from "../catalog.ts";
import type { Expression } from "../plan/plan.ts";
import type { Family, SimpleType } from "../types.ts";
import type { Value } from "../values.ts";

/** The simple types that a column can be made of. */
export type DefinedType = Exclude<SimpleType, "column" | "ref_cursor" | "row" | "table">;

/** A table by its names in the database. */
export interface TableName {
  readonly schema: string;
  readonly nativeName: string;
}

/** The type of a new column: a simple one, or one of the database's own. */
export interface NewType {
  readonly simple: DefinedType;
  /** Takes the place of `simple`. A connector refuses what is no type of its database. */
  readonly native?: string;
  /** What its values are like; unknown of a type of the database's own. */
  readonly family: Family | undefined;
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly fixedLength: boolean;
  readonly multibyte: boolean;
}

/** What a column holds when nothing is given. */
export type Default = { readonly value: NonNullable<Value> } | { readonly expression: Expression };

export interface NewColumn {
  readonly name: string;
  readonly type: NewType;
  readonly required: boolean;
  readonly default?: Default | undefined;
  /** The database makes its values. */
  readonly autoIncrement: boolean;
}

export interface NewForeignKey {
  readonly columns: readonly string[];
  readonly refTable: TableName;
  readonly refColumns: readonly string[];
  readonly onUpdate: string | null;
  readonly onDelete: string | null;
}

export interface NewIndex {
  readonly columns: readonly string[];
  readonly unique: boolean;
}

export interface CreateTable {
  readonly kind: "createTable";
  readonly table: TableName;
  /** Nothing is done where there is one of that name. */
  readonly unlessExists?: boolean;
  readonly columns: readonly NewColumn[];
  readonly key: readonly string[];
  readonly indexes: readonly NewIndex[];
  readonly foreignKeys: readonly NewForeignKey[];
}

/** What becomes of a column; what is not said stays. */
export interface ColumnChange {
  readonly type?: NewType;
  readonly required?: boolean;
  /** `null` = there is none any more. */
  readonly default?: Default | null;
}

/** A column that is changed, as it is. */
export interface OldColumn {
  readonly name: string;
  readonly dbType: string;
  readonly family: Family;
  readonly hasDefault: boolean;
  /** The database makes its values. */
  readonly isCounted: boolean;
}

/** One step of a change of the schema. All names are those of the database. */
export type SchemaChange =
  | CreateTable
  | { readonly kind: "dropTable"; readonly table: TableName; readonly what: TableFacts["kind"] }
  | { readonly kind: "addColumn"; readonly table: TableName; readonly column: NewColumn }
  | { readonly kind: "alterColumn"; readonly table: TableName; readonly column: OldColumn; readonly to: ColumnChange }
  | { readonly kind: "dropColumn"; readonly table: TableName; readonly column: string }
  | { readonly kind: "addIndex"; readonly table: TableName; readonly index: NewIndex }
  | { readonly kind: "dropIndex"; readonly table: TableName; readonly index: IndexFacts }
  | { readonly kind: "addForeignKey"; readonly table: TableName; readonly foreignKey: NewForeignKey }
  | { readonly kind: "dropForeignKey"; readonly table: TableName; readonly foreignKey: ForeignKeyFacts };

/** Raised when one of several changes failed: which, and whether those before it hold. */
export class ChangeFailure extends Error {
  readonly index: number;
  readonly reason: unknown;
  readonly holds: boolean;

  constructor(index: number, reason: unknown, holds = false) {
    super(`change ${index} of a schema failed`, { cause: reason });
    this.index = index;
    this.reason = reason;
    this.holds = holds && index > 0;
  }
}
