import type { SchemaChange } from "../../src/db/schema/change.ts";
import { definitionText, foreignKeyText } from "../../src/db/sql/ddl/column.ts";
import {
  alteredText,
  type Clause,
  type Definition,
  PLAIN_TOKENS,
  readDefinition,
  topTokens,
} from "../../src/db/sql/ddl/definition-text.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import { splitItems, type TableItem, type TableText, unquoted } from "./table-text.ts";

const STARTS: ReadonlySet<string> = new Set(
  "CONSTRAINT PRIMARY NOT NULL UNIQUE CHECK DEFAULT COLLATE REFERENCES GENERATED AS".split(" "),
);

/** The text of a table with a change made to it; indexes are no part of it. */
export function changedTable(table: TableText, change: SchemaChange, dialect: Dialect): TableText {
  switch (change.kind) {
    case "addColumn":
      return withColumn(table, { column: change.column.name, text: definitionText(change.column, dialect) });
    case "dropColumn":
      return withoutColumn(table, change.column);
    case "alterColumn":
      return onColumn(table, change.column.name, (old) => alteredText(old, change.column, change.to, dialect));
    case "addForeignKey":
      return {
        ...table,
        items: [...table.items, { column: undefined, text: foreignKeyText(change.foreignKey, dialect) }],
      };
    case "dropForeignKey":
      return withoutConstraint(table, change.foreignKey.columns, { ofTable: "FOREIGN", ofColumn: "REFERENCES" });
    case "dropIndex":
      if (!change.index.name.startsWith("sqlite_autoindex_")) return table;
      return withoutConstraint(table, change.index.columns, { ofTable: "UNIQUE", ofColumn: "UNIQUE" });
    default:
      return table;
  }
}

/** Columns stand before the constraints of the table. */
function withColumn({ items, end }: TableText, added: TableItem): TableText {
  const at = items.findIndex(({ column }) => column === undefined);
  return { end, items: at < 0 ? [...items, added] : items.toSpliced(at, 0, added) };
}

/** A constraint of this column alone goes with it; one of several columns is for SQLite to refuse. */
function withoutColumn(table: TableText, name: string): TableText {
  const unique = withoutConstraint(table, [name], { ofTable: "UNIQUE", ofColumn: "UNIQUE" });
  return { ...unique, items: unique.items.filter(({ column }) => column === undefined || !isSame(column, name)) };
}

function onColumn(table: TableText, name: string, change: (old: Definition) => string): TableText {
  const items = table.items.map((item) => {
    if (item.column === undefined || !isSame(item.column, name)) return item;
    return { column: item.column, text: change(readDefinition(item.text, STARTS, PLAIN_TOKENS)) };
  });
  return { ...table, items };
}

interface Constraint {
  /** The word by which it begins as one of the table, and as one of a column. */
  readonly ofTable: string;
  readonly ofColumn: string;
}

function withoutConstraint(table: TableText, columns: readonly string[], { ofTable, ofColumn }: Constraint): TableText {
  const items = table.items.filter((item) => item.column !== undefined || !isOn(item.text, ofTable, columns));
  const [only, ...more] = columns;
  if (only === undefined || more.length > 0) return { ...table, items };
  const keeps = ({ word }: Clause) => word !== ofColumn;
  return onColumn({ ...table, items }, only, ({ type, clauses }) =>
    [type, ...clauses.filter(keeps).map(({ text }) => text)].join(" ").trim(),
  );
}

/** Whether a constraint of the table begins with the word and is on these very columns. */
function isOn(text: string, word: string, columns: readonly string[]): boolean {
  const tokens = topTokens(text, PLAIN_TOKENS).filter((token) => token.trim() !== "");
  const from = tokens[0]?.toUpperCase() === "CONSTRAINT" ? 2 : 0;
  const list = tokens.slice(from).find((token) => token.startsWith("("));
  if (tokens[from]?.toUpperCase() !== word || list === undefined) return false;
  const names = splitItems(list.slice(1, -1)).map((name) => unquoted(topTokens(name, PLAIN_TOKENS)[0] ?? ""));
  return names.length === columns.length && columns.every((column) => names.some((name) => isSame(name, column)));
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
