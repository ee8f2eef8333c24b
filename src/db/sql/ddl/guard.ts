import type { SchemaChange } from "../../schema/change.ts";
import { lossFault } from "../../schema/failure.ts";
import { typeText } from "./column-type.ts";
import type { DdlDialect } from "./ddl.ts";

/** A SELECT that finds a row of which a change would lose something in silence; `undefined` where none can. */
export function guardText(change: SchemaChange, dialect: DdlDialect): string | undefined {
  if (change.kind !== "alterColumn" || change.to.type === undefined) return undefined;
  const { column } = change;
  const cell = { reference: dialect.quote(column.name), column, to: typeText(change.to.type, dialect.ddl) };
  const lost = dialect.ddl.lossText(cell, change.to.type);
  return lost && `SELECT 1 FROM ${dialect.tableName(change.table)} WHERE ${lost} LIMIT 1`;
}

type Run = (text: string) => Promise<{ readonly rows: readonly unknown[] }>;

/** Raises `conflict`, which names the field, where the table holds such a row. */
export async function demandNoLoss(change: SchemaChange, dialect: DdlDialect, execute: Run): Promise<void> {
  const guard = guardText(change, dialect);
  if (guard === undefined || change.kind !== "alterColumn") return;
  if ((await execute(guard)).rows.length > 0) throw lossFault(change.column.name);
}
