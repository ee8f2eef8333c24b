import type { Kept, KeptColumn } from "./extras/kept.ts";
import type { Family, GroupFunction, SimpleType } from "./types.ts";

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
  /** It holds some rows only, or expressions too: more than a list of columns says. */
  readonly isPart?: boolean;
  /** It is that of the primary key. */
  readonly primary?: boolean;
}

export interface ForeignKeyFacts {
  /** Where the database has one. */
  readonly name?: string;
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
  /** The schemas that are served: none named = the default one, `*` = all but those of the database itself. */
  readonly schemas?: readonly string[];
  readonly tables: readonly TableFacts[];
}

/** A foreign key of a column as `_schema` shows it. */
export interface Reference {
  readonly table: string;
  readonly field: string;
  readonly onUpdate: string | null;
  readonly onDelete: string | null;
}

export interface Column extends ColumnFacts, KeptColumn {
  /** The name in the database; `name` is that in the API. */
  readonly nativeName: string;
  readonly isKey: boolean;
  readonly isUnique: boolean;
  readonly isIndexed: boolean;
  readonly reference?: Reference;
}

export type RelationKind = "belongs_to" | "has_many" | "has_one" | "many_many";

/** A way from one table to another. Column lists stand pairwise: `fields[i] = refFields[i]`. */
export interface Relation extends Kept {
  readonly name: string;
  readonly kind: RelationKind;
  readonly fields: readonly string[];
  readonly refTable: string;
  readonly refFields: readonly string[];
  readonly onUpdate: string | null;
  readonly onDelete: string | null;
  /** The name without its alias, where it has one. */
  readonly ownName?: string;
  /** It is kept by Millrace, not by a foreign key. */
  readonly isVirtual?: boolean;
  readonly refServiceId?: number;
  readonly junctionServiceId?: number;
  /** Its rows are in the answer to every read, asked for or not. */
  readonly alwaysFetch?: boolean;
  /** The fields of the one related row stand in the record itself, each behind the name of the relationship and `_`. */
  readonly flatten?: boolean;
  /** Flattened fields keep their bare names. */
  readonly flattenDropPrefix?: boolean;
  /** The service that holds the other table, when it is not this one. */
  readonly refService?: string;
  /** The service that holds the junction, when it is not this one. */
  readonly junctionService?: string;
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
  /** The name in the API without its alias, where it has one; extras are kept by it: see {@link ownNameOf}. */
  readonly ownName?: string;
  readonly alias?: string;
  /** The field that a person would call a record by, where somebody said so. */
  readonly nameField?: string;
  readonly schema: string;
  readonly nativeName: string;
  readonly isView: boolean;
  readonly kind?: TableFacts["kind"];
  readonly label: string;
  readonly plural: string;
  readonly description: string | null;
  readonly columns: readonly Column[];
  /** Virtual fields that an expression over the rows of a group makes: they are no part of a row. */
  readonly aggregates?: readonly Column[];
  readonly key: readonly Column[];
  readonly indexes: readonly IndexFacts[];
  /** By the names in the database. */
  readonly foreignKeys?: readonly ForeignKeyFacts[];
  readonly relations: readonly Relation[];
  /** Columns by folded name. */
  readonly columnsByName: ReadonlyMap<string, Column>;
}

/** What a database can do with a column besides reading and comparing it. */
export interface ColumnRules {
  /**
   * What comes of a column in groups, by a function or as what they are grouped by. `undefined` where the database has no
   * such function for it, or can not tell its values apart.
   */
  grouped(column: ColumnFacts, fn?: GroupFunction): ColumnFacts | undefined;
  /** The column as what its rows are sorted by, exactly: itself, or another view of its cells. `undefined` where there is none. */
  sorted(column: Column): Column | undefined;
}

/** The tables of one database at one moment. */
export interface Catalog {
  /** As the database has it, where extras are laid over it. */
  readonly base?: Catalog;
  readonly tables: readonly Table[];
  /** Where new tables can be made. */
  readonly places?: Pick<Introspection, "defaultSchema" | "schemas">;
  /** Tables by folded name. */
  readonly tablesByName: ReadonlyMap<string, Table>;
  /** How the database compares identifiers: `Name` → `name`, or unchanged where case matters. */
  readonly foldTable: (name: string) => string;
  readonly foldColumn: (name: string) => string;
  /** Where the database says nothing, the standard ones hold. */
  readonly columnRules?: ColumnRules;
}

/** The name of a table without its alias. */
export function ownNameOf({ ownName, name }: Table): string {
  return ownName ?? name;
}

/** Whether both are one table, by their names in the database. */
export function sameTable(
  one: Pick<Table, "schema" | "nativeName">,
  other: Pick<Table, "schema" | "nativeName">,
): boolean {
  return one.schema === other.schema && one.nativeName === other.nativeName;
}

/** The table of this name in the API, or of this one without its alias. */
export function findSaidTable(catalog: Catalog, name: string): Table | undefined {
  const found = findTable(catalog, name);
  if (found) return found;
  return catalog.tables.find(({ ownName }) => ownName && catalog.foldTable(ownName) === catalog.foldTable(name));
}

export function findTable(catalog: Catalog, name: string): Table | undefined {
  return catalog.tablesByName.get(name) ?? catalog.tablesByName.get(catalog.foldTable(name));
}

export function findColumn(catalog: Catalog, table: Table, name: string): Column | undefined {
  return table.columnsByName.get(name) ?? table.columnsByName.get(catalog.foldColumn(name));
}

/** The field of this name in the API, or of this one in the database. */
export function findSaidField(catalog: Catalog, table: Table, name: string): Column | undefined {
  const folded = catalog.foldColumn(name);
  const isOwn = ({ nativeName }: Column) => catalog.foldColumn(nativeName) === folded;
  return findField(catalog, table, name) ?? [...table.columns, ...(table.aggregates ?? [])].find(isOwn);
}

/** The field of this name: a column, or an aggregate, which only groups have. */
export function findField(catalog: Catalog, table: Table, name: string): Column | undefined {
  return findColumn(catalog, table, name) ?? findAggregate(catalog, table, name);
}

export function findAggregate({ foldColumn }: Catalog, { aggregates }: Table, name: string): Column | undefined {
  return aggregates?.find((column) => column.name === name || foldColumn(column.name) === foldColumn(name));
}

export function findRelation(table: Table, name: string): Relation | undefined {
  const folded = name.toLowerCase();
  return table.relations.find((relation) => relation.name.toLowerCase() === folded);
}

/** The relationship of this name, or of this one without its alias. */
export function findSaidRelation(table: Table, name: string): Relation | undefined {
  const folded = name.toLowerCase();
  return findRelation(table, name) ?? table.relations.find(({ ownName }) => ownName?.toLowerCase() === folded);
}
