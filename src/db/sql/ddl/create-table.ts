import { Fault } from "../../../contract/fault.ts";
import type { CreateTable, NewIndex, SchemaChange } from "../../schema/change.ts";

import { columnText, foreignKeyText, list } from "./column.ts";
import { type DdlDialect, demandName } from "./ddl.ts";
import { createIndexText, indexName } from "./index-name.ts";

/** The statements that make a table with all that belongs to it. Raises `bad_request` for what the database can not have. */
export function createTableTexts(change: CreateTable, dialect: DdlDialect): readonly string[] {
  const { ddl } = dialect;
  const { table, columns, indexes, foreignKeys } = change;
  demandName(table.nativeName, "table", ddl);
  for (const { name } of columns) demandName(name, "field", ddl);
  const parts = [
    ...columns.map((column) => columnText(column, dialect)),
    ...keyText(change, dialect),
    ...indexes.flatMap((index) => innerIndex(index, change, dialect)),
    ...foreignKeys.map((each) => foreignKeyText(each, dialect)),
  ];
  const outer = ddl.indexesInside ? [] : indexes.filter((index) => !index.unique);
  const unless = change.unlessExists ? "IF NOT EXISTS " : "";
  return [
    `CREATE TABLE ${unless}${dialect.tableName(table)} (${parts.join(", ")})`,
    ...outer.map((index) => createIndexText(table, index, dialect)),
  ];
}

function keyText({ table, columns, key }: CreateTable, dialect: DdlDialect): readonly string[] {
  const counted = columns.filter((column) => column.autoIncrement);
  if (counted.length > 0 && dialect.ddl.countedIsKey) {
    if (key.length === 1) return [];
    throw new Fault(
      "bad_request",
      `Table '${table.nativeName}': this database counts up only a field that is the primary key alone.`,
    );
  }
  return key.length === 0 ? [] : [`PRIMARY KEY ${list(key, dialect)}`];
}

function innerIndex(index: NewIndex, { table }: CreateTable, dialect: DdlDialect): readonly string[] {
  if (index.unique) return [`UNIQUE ${list(index.columns, dialect)}`];
  if (!dialect.ddl.indexesInside) return [];
  return [`INDEX ${dialect.quote(indexName(table, index))} ${list(index.columns, dialect)}`];
}

const KINDS = { table: "TABLE", view: "VIEW", materialized_view: "MATERIALIZED VIEW" } as const;

/** The statement that drops a table or view. */
export function dropText({ table, what }: Extract<SchemaChange, { kind: "dropTable" }>, dialect: DdlDialect): string {
  return `DROP ${KINDS[what]} ${dialect.tableName(table)}`;
}
