import { labelOf, pluralOf } from "../lib/words.ts";
import type {
  Catalog,
  Column,
  ColumnFacts,
  ColumnRules,
  Introspection,
  Reference,
  Table,
  TableFacts,
} from "./catalog.ts";
import { relationsOf } from "./relations.ts";

/** How a database compares identifiers. */
export interface Folding {
  foldTable(name: string): string;
  foldColumn(name: string): string;
  readonly columnRules?: ColumnRules;
}

/** Makes the catalog that everything else reads out of the facts that a plugin found. */
export function makeCatalog(found: Introspection, folding: Folding): Catalog {
  const served = (schema: string, name: string) => (schema === found.defaultSchema ? name : `${schema}.${name}`);
  const relations = relationsOf(found.tables, served);
  const tables = found.tables
    .map((facts) => makeTable(facts, served, folding, relations.get(facts) ?? []))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    tables,
    places: { defaultSchema: found.defaultSchema, ...(found.schemas && { schemas: found.schemas }) },
    tablesByName: indexTables(tables, found.defaultSchema, folding),
    foldTable: folding.foldTable,
    foldColumn: folding.foldColumn,
    ...(folding.columnRules && { columnRules: folding.columnRules }),
  };
}

/**
 * Tables by their own names, and by the folded ones that are still free: tables that differ only by case are told apart.
 * A table of the default schema wins its name from one of another schema that would be served under the same.
 */
function indexTables(tables: readonly Table[], defaultSchema: string, folding: Folding): ReadonlyMap<string, Table> {
  const exact = new Map<string, Table>();
  const folded = new Map<string, Table>();
  for (const table of tables) {
    const isOwn = table.schema === defaultSchema;
    const name = folding.foldTable(table.name);
    if (isOwn || !exact.has(table.name)) exact.set(table.name, table);
    if (isOwn || !folded.has(name)) folded.set(name, table);
  }
  return new Map([...folded, ...exact]);
}

function makeTable(
  facts: TableFacts,
  served: (schema: string, name: string) => string,
  folding: Folding,
  relations: Table["relations"],
): Table {
  const references = referencesOf(facts, served);
  const columns = facts.columns.map((column) => makeColumn(column, facts, references.get(column.name)));
  const label = labelOf(facts.name);
  return {
    name: served(facts.schema, facts.name),
    schema: facts.schema,
    nativeName: facts.name,
    isView: facts.kind !== "table",
    kind: facts.kind,
    foreignKeys: facts.foreignKeys,
    label,
    plural: pluralOf(label),
    description: facts.comment,
    columns,
    key: facts.key.flatMap((name) => columns.filter((column) => column.name === name)),
    indexes: facts.indexes,
    relations,
    columnsByName: new Map(columns.map((column) => [folding.foldColumn(column.name), column])),
  };
}

function referencesOf(
  facts: TableFacts,
  served: (schema: string, name: string) => string,
): ReadonlyMap<string, Reference> {
  const references = new Map<string, Reference>();
  for (const key of facts.foreignKeys) {
    key.columns.forEach((column, index) => {
      const field = key.refColumns[index];
      if (field === undefined || references.has(column)) return;
      const { onUpdate, onDelete } = key;
      references.set(column, { table: served(key.refSchema, key.refTable), field, onUpdate, onDelete });
    });
  }
  return references;
}

function makeColumn(column: ColumnFacts, table: TableFacts, reference: Reference | undefined): Column {
  const isKey = table.key.includes(column.name);
  const covering = table.indexes.filter((index) => index.columns.includes(column.name));
  return {
    ...column,
    nativeName: column.name,
    type: simpleType(column, table, isKey, reference),
    isKey,
    isUnique: covering.some((index) => index.unique && index.columns.length === 1) || (isKey && table.key.length === 1),
    isIndexed: isKey || covering.length > 0,
    ...(reference ? { reference } : {}),
  };
}

function simpleType(column: ColumnFacts, table: TableFacts, isKey: boolean, reference: Reference | undefined) {
  if (column.family !== "integer") return column.type;
  if (isKey && table.key.length === 1 && column.autoIncrement) return "id";
  const isSingle = table.foreignKeys.some((key) => key.columns.length === 1 && key.columns[0] === column.name);
  return reference && isSingle ? "reference" : column.type;
}
