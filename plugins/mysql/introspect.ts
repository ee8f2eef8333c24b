import type { ColumnFacts, ForeignKeyFacts, IndexFacts, Introspection, TableFacts } from "../../src/db/catalog.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import { columnFacts, jsonColumnOf } from "./column-facts.ts";
import { byTable, number, partId, parts, Reader, tableId, text } from "./information-schema.ts";

/** Reads tables and views of the schemas that the config names, in a handful of statements. */
export async function introspect(execute: Execute, schema: string): Promise<Introspection> {
  const reader = await Reader.open(execute, schema);
  const tables = await reader.select(
    "TABLES",
    ["TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "TABLE_COMMENT"],
    "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW', 'SYSTEM VIEW')",
  );
  const columns = await readColumns(reader);
  const indexes = await readIndexes(reader);
  const foreignKeys = await readForeignKeys(reader);
  const found = tables.map((row) => {
    const [tableSchema = "", name = "", type = "", comment = ""] = row.map(text);
    const id = tableId(row);
    return tableFacts(
      { schema: tableSchema, name, type, comment },
      columns.get(id),
      indexes.get(id),
      foreignKeys.get(id),
    );
  });
  return { defaultSchema: reader.defaultSchema, schemas: reader.schemas, tables: found };
}

interface Named {
  readonly schema: string;
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

function tableFacts(
  { schema, name, type, comment }: Named,
  columns: readonly ColumnFacts[] = [],
  indexes: readonly IndexFacts[] = [],
  foreignKeys: readonly ForeignKeyFacts[] = [],
): TableFacts {
  const isView = type.endsWith("VIEW");
  return {
    schema,
    name,
    kind: isView ? "view" : "table",
    comment: isView || comment === "" ? null : comment,
    columns,
    key: indexes.find((index) => index.name === "PRIMARY")?.columns ?? [],
    indexes,
    foreignKeys,
  };
}

async function readColumns(reader: Reader): Promise<ReadonlyMap<string, ColumnFacts[]>> {
  const json = await readJsonColumns(reader);
  const rows = await reader.select(
    "COLUMNS",
    [
      "TABLE_SCHEMA",
      "TABLE_NAME",
      "COLUMN_NAME",
      "DATA_TYPE",
      "COLUMN_TYPE",
      "CHARACTER_MAXIMUM_LENGTH",
      "NUMERIC_PRECISION",
      "NUMERIC_SCALE",
      "DATETIME_PRECISION",
      "CHARACTER_SET_NAME",
      "COLUMN_DEFAULT",
      "IS_NULLABLE",
      "EXTRA",
    ],
    "",
    "TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION",
  );
  return byTable(rows, (row) => {
    const [name = "", dataType = "", columnType = ""] = row.slice(2).map(text);
    const [length = null, precision = null, scale = null, datetimePrecision = null] = row.slice(5).map(number);
    const [characterSet = "", , nullable = "", extra = ""] = row.slice(9).map(text);
    const fallback = row[10] ?? null;
    return columnFacts({
      name,
      dataType,
      columnType,
      length,
      precision,
      scale,
      datetimePrecision,
      characterSet,
      extra,
      default: fallback === null ? null : text(fallback),
      allowNull: nullable === "YES",
      isMariadb: reader.isMariadb,
      isJson: json.get(tableId(row))?.includes(name) ?? false,
    });
  });
}

/** MariaDB's JSON is text with a check. */
async function readJsonColumns(reader: Reader): Promise<ReadonlyMap<string, string[]>> {
  if (!reader.isMariadb) return new Map();
  const rows = await reader.select("CHECK_CONSTRAINTS", ["CONSTRAINT_SCHEMA", "TABLE_NAME", "CHECK_CLAUSE"]);
  return byTable(rows, (row) => jsonColumnOf(text(row[2])));
}

async function readIndexes(reader: Reader): Promise<ReadonlyMap<string, IndexFacts[]>> {
  const rows = await reader.select(
    "STATISTICS",
    ["TABLE_SCHEMA", "TABLE_NAME", "INDEX_NAME", "NON_UNIQUE", "COLUMN_NAME"],
    "",
    "TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
  );
  return parts(rows, ([first, ...rest]) => {
    const columns = [first, ...rest].map((row) => text(row[4]));
    // A part that is an expression has no column.
    const name = text(first[2]);
    return columns.includes("")
      ? undefined
      : { name, columns, unique: Number(first[3]) === 0, primary: name === "PRIMARY" };
  });
}

async function readForeignKeys(reader: Reader): Promise<ReadonlyMap<string, ForeignKeyFacts[]>> {
  const rules = await reader.select("REFERENTIAL_CONSTRAINTS", [
    "CONSTRAINT_SCHEMA",
    "TABLE_NAME",
    "CONSTRAINT_NAME",
    "UPDATE_RULE",
    "DELETE_RULE",
  ]);
  const actions = new Map(rules.map((row) => [partId(row), row.slice(3).map(text)]));
  const rows = await reader.select(
    "KEY_COLUMN_USAGE",
    [
      "TABLE_SCHEMA",
      "TABLE_NAME",
      "CONSTRAINT_NAME",
      "COLUMN_NAME",
      "REFERENCED_TABLE_SCHEMA",
      "REFERENCED_TABLE_NAME",
      "REFERENCED_COLUMN_NAME",
    ],
    "REFERENCED_TABLE_NAME IS NOT NULL",
    "TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION",
  );
  return parts(rows, ([first, ...rest]) => {
    const all = [first, ...rest];
    const [onUpdate = null, onDelete = null] = actions.get(partId(first)) ?? [];
    return {
      name: text(first[2]),
      columns: all.map((row) => text(row[3])),
      refSchema: text(first[4]),
      refTable: text(first[5]),
      refColumns: all.map((row) => text(row[6])),
      onUpdate,
      onDelete,
    };
  });
}
