import type { SchemaExtras, TableExtras } from "../contract/extras.ts";
import { isJsonObject, parseJson } from "../lib/json.ts";
import type { SystemRow } from "./rows.ts";

/** The name in the row that holds the stamp of a service: no table has this name. */
export const STAMP = "";

/** Of a service whose schema was never touched. */
export const NONE: SchemaExtras = { stamp: "", tables: {} };

/** The extras of one service, of its rows. */
export function extrasOf(rows: readonly SystemRow[] = []): SchemaExtras {
  if (rows.length === 0) return NONE;
  const stamp = rows.find((row) => row.table_name === STAMP)?.content;
  const tables = rows.filter((row) => row.table_name !== STAMP);
  return {
    stamp: String(stamp ?? ""),
    tables: Object.fromEntries(tables.map((row) => [String(row.table_name), contentOf(row)])),
  };
}

function contentOf(row: SystemRow): TableExtras {
  const content = typeof row.content === "string" ? parseJson(row.content) : {};
  return isJsonObject(content) ? (content as TableExtras) : {};
}
