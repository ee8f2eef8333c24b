import { Fault } from "../../../contract/fault.ts";
import type { DefinedType, NewColumn, NewType, OldColumn, SchemaChange, TableName } from "../../schema/change.ts";
import type { SimpleType } from "../../types.ts";
import type { Value } from "../../values.ts";

/** What a simple type is in one database. */
export interface TypeRule {
  /** The whole type where no size is said. */
  readonly text: string;
  /** What takes a size in parentheses: a length, precision and scale, or the digits of a second. */
  readonly sized?: string;
  readonly size?: "length" | "digits" | "fraction";
  /** `sized` for a column of fixed length. */
  readonly fixed?: string;
  /** The simple type that it reads back as, where that is another. */
  readonly reads?: SimpleType;
}

export type TypeRules = Readonly<Record<DefinedType, TypeRule>>;

/** What is particular to the DDL of one database: data and small functions. */
export interface Ddl {
  readonly types: TypeRules;
  /** The names of types that may be asked for by name, in small letters and without sizes. */
  readonly nativeTypes: ReadonlySet<string>;
  /** Those of them that are none without a size. */
  readonly sizedTypes?: ReadonlySet<string>;
  /** The longest name. */
  readonly longestName: { readonly most: number; readonly unit: "bytes" | "characters" };
  /** The type of a column that the database counts up, made of the type of its values. */
  counted(type: string): string;
  /** `counted` names the primary key by itself. */
  readonly countedIsKey?: boolean;
  /** What is added to a type for a column of characters of many bytes. */
  readonly multibyte?: string;
  /** A checked value as a literal: DDL binds none. Raises `bad_request` for what can not be written as one. */
  literal(value: NonNullable<Value>, type: NewType): string;
  /** What follows DEFAULT. */
  defaultText(column: Pick<NewColumn, "type" | "default">): string;
  /** A foreign key, and the table of an index, are named without their schema. */
  readonly isOneSchema?: boolean;
  /**
   * What holds of a value that a change of its type would change or lose: mostly that it is another when it is cast to the
   * new type and back. `undefined` where the database itself refuses such a value.
   */
  lossText(cell: OldCell, type: NewType): string | undefined;
  /** Indexes stand in CREATE TABLE; else each is a statement of its own. */
  readonly indexesInside?: boolean;
  /** The statements of one change of a table that stands; those of CREATE and DROP TABLE are the same everywhere. */
  alterTexts(change: AlterChange, dialect: DdlDialect): readonly string[];
}

/** A column whose type is changed, its name in quotes, and its new type as SQL. */
export interface OldCell {
  readonly reference: string;
  readonly column: OldColumn;
  readonly to: string;
}

/** The part of a dialect that DDL is written with. */
export interface DdlDialect {
  readonly ddl: Ddl;
  quote(name: string): string;
  tableName(table: TableName): string;
}

/** A table in REFERENCES, and after the ON of an index. */
export function referenced(table: TableName, dialect: DdlDialect): string {
  return dialect.ddl.isOneSchema ? dialect.quote(table.nativeName) : dialect.tableName(table);
}

export type AlterChange = Exclude<SchemaChange, { readonly kind: "createTable" | "dropTable" }>;

/** Raises `bad_request` for a name that the database would cut, or can not take. */
export function demandName(name: string, what: string, { longestName }: Pick<Ddl, "longestName">): void {
  const { most, unit } = longestName;
  if (name.trim() === "") throw new Fault("bad_request", `The name of a ${what} can not be empty.`);
  if (name !== name.trim() || !name.isWellFormed() || [...name].some(isControl))
    throw new Fault("bad_request", `The name of a ${what} holds characters that no name can have.`);
  const size = unit === "bytes" ? new TextEncoder().encode(name).length : [...name].length;
  if (size > most)
    throw new Fault("bad_request", `The name of a ${what} can have at most ${most} ${unit}: '${name.slice(0, 64)}'.`);
}

function isControl(char: string): boolean {
  return char < " " || char === "\x7f";
}
