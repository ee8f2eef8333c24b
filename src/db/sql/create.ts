import type { ColumnDefinition, DefinableType, TableDefinition } from "../definition.ts";
import type { DefinedType, NewColumn, NewForeignKey } from "../schema/change.ts";
import type { Family } from "../types.ts";
import { createTableTexts } from "./ddl/create-table.ts";
import type { Dialect } from "./dialect.ts";
import type { Statement } from "./driver.ts";

/** The statements that make a table unless it exists. Defaults are the business of who writes the rows. */
export function createStatements({ name, columns }: TableDefinition, dialect: Dialect): readonly Statement[] {
  const change = {
    kind: "createTable",
    table: { schema: "", nativeName: name },
    unlessExists: true,
    columns: columns.map(newColumn),
    key: columns.flatMap((column) => (column.type === "id" ? [column.name] : [])),
    indexes: columns.flatMap((column) => (column.unique ? [{ columns: [column.name], unique: true }] : [])),
    foreignKeys: columns.flatMap(foreignKey),
  } as const;
  // Without a schema: the store is where its connection leads.
  const unplaced: Dialect = { ...dialect, tableName: ({ nativeName }) => dialect.quote(nativeName) };
  return createTableTexts(change, unplaced).map((text) => ({ text, values: [] }));
}

const TYPES: Readonly<Record<DefinableType, readonly [DefinedType, Family]>> = {
  id: ["id", "integer"],
  integer: ["integer", "integer"],
  bigint: ["bigint", "integer"],
  boolean: ["boolean", "boolean"],
  string: ["string", "string"],
  text: ["longtext", "string"],
  datetime: ["datetime", "datetime"],
};

function newColumn({ name, type, length = 255, required = false }: ColumnDefinition): NewColumn {
  const [simple, family] = TYPES[type];
  const sizes = {
    length: type === "string" ? length : null,
    precision: type === "datetime" ? 0 : null,
    scale: null,
    fixedLength: false,
    multibyte: false,
  };
  return { name, type: { simple, family, ...sizes }, required, autoIncrement: type === "id" };
}

function foreignKey({ name, references }: ColumnDefinition): readonly NewForeignKey[] {
  if (references === undefined) return [];
  const refTable = { schema: "", nativeName: references.table };
  return [{ columns: [name], refTable, refColumns: ["id"], onUpdate: null, onDelete: references.onDelete }];
}
