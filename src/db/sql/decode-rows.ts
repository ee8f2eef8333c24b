import type { Column } from "../catalog.ts";
import type { Row } from "../plan/plan.ts";
import type { Decoder, Dialect } from "./dialect.ts";
import type { Cell, Result } from "./driver.ts";

/** Rows of cells as rows of JSON texts. */
export function decodeRows(rows: Result["rows"], columns: readonly Column[], dialect: Dialect): readonly Row[] {
  const decoders = columns.map((column) => dialect.decoder(column));
  return rows.map((row) => decoders.map((decode, index) => decodeCell(row[index], decode)));
}

function decodeCell(cell: Cell | undefined, decode: Decoder): string {
  return cell === null || cell === undefined ? "null" : decode(cell);
}
