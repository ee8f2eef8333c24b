import { columnText } from "../../src/db/sql/ddl/column.ts";
import type { AlterChange, Ddl, DdlDialect } from "../../src/db/sql/ddl/ddl.ts";
import { createIndexText } from "../../src/db/sql/ddl/index-name.ts";
import { literalOf, standardWords } from "../../src/db/sql/ddl/literal.ts";
import { standardDdl, standardTypes } from "../../src/db/sql/ddl/standard.ts";
import { TYPE_NAMES } from "./columns.ts";
import { sqliteLoss } from "./loss.ts";

const id = { text: "INTEGER" };
const words = { ...standardWords, booleans: ["0", "1"] as const };

/** DDL as SQLite has it: as a type it takes any name. What ALTER TABLE can not do is done by a rebuild. */
export const sqliteDdl: Ddl = {
  ...standardDdl,
  types: {
    ...standardTypes,
    bigid: id,
    smallid: id,
    mediumtext: { text: "MEDIUMTEXT" },
    longtext: { text: "LONGTEXT" },
    tinyint: { text: "TINYINT" },
    mediumint: { text: "MEDIUMINT" },
    double: { text: "DOUBLE" },
    float: { text: "FLOAT" },
    money: { text: "MONEY" },
    binary: { text: "BLOB", sized: "BLOB", size: "length" },
    time: { text: "TIME" },
    timetz: { text: "TIMETZ" },
    datetime: { text: "DATETIME" },
    datetimetz: { text: "DATETIMETZ" },
    timestamp: { text: "TIMESTAMP" },
    timestamptz: { text: "TIMESTAMPTZ" },
    timestamp_on_create: { text: "TIMESTAMP", reads: "timestamp" },
    timestamp_on_update: { text: "TIMESTAMP", reads: "timestamp" },
    jsonb: { text: "JSONB" },
  },
  nativeTypes: TYPE_NAMES,
  longestName: { most: 255, unit: "characters" },
  counted: () => "INTEGER PRIMARY KEY AUTOINCREMENT",
  countedIsKey: true,
  literal: (value, type) => literalOf(value, type, words),
  lossText: sqliteLoss,
  isOneSchema: true,
  alterTexts: simpleTexts,
};

/** Whether SQLite changes the table in place: an index, or a column that no row has to be looked at for. */
export function isSimple(change: AlterChange): boolean {
  if (change.kind === "addIndex") return true;
  if (change.kind === "dropIndex") return !change.index.name.startsWith("sqlite_autoindex_");
  if (change.kind !== "addColumn" || change.column.autoIncrement) return false;
  const { required, default: byDefault } = change.column;
  return byDefault === undefined ? !required : "value" in byDefault;
}

function simpleTexts(change: AlterChange, dialect: DdlDialect): readonly string[] {
  switch (change.kind) {
    case "addColumn":
      return [`ALTER TABLE ${dialect.tableName(change.table)} ADD COLUMN ${columnText(change.column, dialect)}`];
    case "addIndex":
      return [createIndexText(change.table, change.index, dialect)];
    case "dropIndex":
      return [`DROP INDEX ${dialect.quote(change.index.name)}`];
    default:
      throw new Error("SQLite rebuilds a table for this.");
  }
}
