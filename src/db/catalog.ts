import type { Family, SimpleType } from "./types.ts";

/** A column as introspection finds it. `family` rules how values are checked, bound and written as JSON. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: SimpleType;
  readonly family: Family;
  /** The database's own name of the type, such as `character varying(40)`. */
  readonly dbType: string;
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  /** Smallest and largest value of an integer type. */
  readonly range?: readonly [bigint, bigint];
  readonly default: string | null;
  readonly hasDefault: boolean;
  readonly allowNull: boolean;
  readonly fixedLength?: boolean;
  readonly multibyte?: boolean;
  /** The database makes the value when none is given: identity, serial, auto_increment, rowid. */
  readonly autoIncrement?: boolean;
  /** Computed by the database: can never be written. */
  readonly generated?: boolean;
  /** Texts that are valid besides those of the family, such as `NaN` or `0000-00-00`. */
  readonly also?: RegExp;
  /** The values that an enum takes. */
  readonly values?: readonly string[];
  /** For arrays: what the elements are. */
  readonly element?: Pick<ColumnFacts, "family" | "dbType">;
}

/** By the names in the database. */
export interface IndexFacts {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
}

export interface ForeignKeyFacts {
  readonly columns: readonly string[];
  readonly refSchema: string;
  readonly refTable: string;
  readonly refColumns: readonly string[];
  readonly onUpdate: string | null;
  readonly onDelete: string | null;
}

/** A table or view as introspection finds it. */
export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  readonly kind: "table" | "view" | "materialized_view";
  readonly comment: string | null;
  readonly columns: readonly ColumnFacts[];
  /** Columns of the primary key, in key order. */
  readonly key: readonly string[];
  readonly indexes: readonly IndexFacts[];
  readonly foreignKeys: readonly ForeignKeyFacts[];
}

/** What a plugin reads from a database; {@link ./introspect.ts} makes a {@link Catalog} of it. */
export interface Introspection {
  /** The schema whose tables go by their bare names. */
  readonly defaultSchema: string;
  readonly tables: readonly TableFacts[];
}

/** A foreign key of a column as `_schema` shows it. */
export interface Reference {
  readonly table: string;
  readonly field: string;
  readonly onUpdate: string | null;
  readonly onDelete: string | null;
}

export interface Column extends ColumnFacts {
  /** The name in the database; `name` is that in the API. */
  readonly nativeName: string;
  readonly isKey: boolean;
  readonly isUnique: boolean;
  readonly isIndexed: boolean;
  readonly reference?: Reference;
}

export type RelationKind = "belongs_to" | "has_many" | "has_one" | "many_many";

/** A way from one table to another. Column lists stand pairwise: `fields[i] = refFields[i]`. */
export interface Relation {
  readonly name: string;
  readonly kind: RelationKind;
  readonly fields: readonly string[];
  readonly refTable: string;
  readonly refFields: readonly string[];
  readonly onUpdate: string | null;
  readonly onDelete: string | null;
  /** For many_many: `fields[i] = junction.fields[i]` and `junction.refFields[i] = refFields[i]`. */
  readonly junction?: {
    readonly table: string;
    readonly fields: readonly string[];
    readonly refFields: readonly string[];
  };
}

/** A table as it is served. Columns and relations are found by name through {@link findColumn} and {@link findRelation}. */
export interface Table {
  /** The name in the API: bare in the default schema, else `schema.table`. */
  readonly name: string;
  readonly schema: string;
  readonly nativeName: string;
  readonly isView: boolean;
  readonly label: string;
  readonly plural: string;
  readonly description: string | null;
  readonly columns: readonly Column[];
  readonly key: readonly Column[];
  readonly indexes: readonly IndexFacts[];
  readonly relations: readonly Relation[];
  /** Columns by folded name. */
  readonly columnsByName: ReadonlyMap<string, Column>;
}

/** The tables of one database at one moment. */
export interface Catalog {
  readonly tables: readonly Table[];
  /** Tables by folded name. */
  readonly tablesByName: ReadonlyMap<string, Table>;
  /** How the database compares identifiers: `Name` → `name`, or unchanged where case matters. */
  readonly foldTable: (name: string) => string;
  readonly foldColumn: (name: string) => string;
}

export function findTable(catalog: Catalog, name: string): Table | undefined {
  return catalog.tablesByName.get(name) ?? catalog.tablesByName.get(catalog.foldTable(name));
}

export function findColumn(catalog: Catalog, table: Table, name: string): Column | undefined {
  return table.columnsByName.get(name) ?? table.columnsByName.get(catalog.foldColumn(name));
}

export function findRelation(table: Table, name: string): Relation | undefined {
  const folded = name.toLowerCase();
  return table.relations.find((relation) => relation.name.toLowerCase() === folded);
}
