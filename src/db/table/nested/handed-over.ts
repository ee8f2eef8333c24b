import { Fault } from "../../../contract/fault.ts";
import type { Column } from "../../catalog.ts";
import type { RowWrite } from "./plan.ts";

/**
 * A value that a row hands over to another one can be read there: of a row that the caller may not read this can only be its
 * key, which every write answers with, or what the request itself sets. Raises `forbidden`.
 */
export function demandHandedOver(row: RowWrite, fields: readonly Column[]): void {
  if (fields.some((field) => !field.isKey && !isSaid(row, field))) row.scope.demandOwnRead();
}

/** Whether the row surely has the value that the request gives this column. */
function isSaid({ known, create }: RowWrite, field: Column): boolean {
  const isFound = known?.key.some(({ column }) => column === field);
  const isSet = known?.deed.kind === "change" && known.deed.set.some(({ column }) => column === field);
  const isMade = create === undefined || create instanceof Fault || create.columns.includes(field);
  return (known === undefined || isFound === true || isSet) && isMade;
}
