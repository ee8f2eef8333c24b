import type { SchemaChange } from "../../schema/change.ts";

import { createTableTexts, dropText } from "./create-table.ts";
import { type DdlDialect, demandName } from "./ddl.ts";

/** One change of the schema as SQL. Raises `bad_request` before anything is done. */
export function changeTexts(change: SchemaChange, dialect: DdlDialect): readonly string[] {
  if (change.kind === "createTable") return createTableTexts(change, dialect);
  if (change.kind === "dropTable") return [dropText(change, dialect)];
  if (change.kind === "addColumn") demandName(change.column.name, "field", dialect.ddl);
  return dialect.ddl.alterTexts(change, dialect);
}
