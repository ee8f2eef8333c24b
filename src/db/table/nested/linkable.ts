import { Fault } from "../../../contract/fault.ts";
import type { Json } from "../../../contract/json.ts";
import type { Column } from "../../catalog.ts";
import { validate } from "../../extras/validate.ts";
import type { Assignment } from "../../plan/plan.ts";
import type { RowSaid, Spot } from "./spot.ts";

type Write = "insert" | "update";

/**
 * The values that a row gets from records around it, which are held to what a client may write: no record can be related
 * through a column that nobody may set. Raises `bad_request`.
 */
export function checkedLinks({ links, linked }: Pick<RowSaid, "links" | "linked">, spot: Spot, write: Write) {
  for (const { column, value } of links) {
    const json = linked.includes(column) ? LATER : jsonOf(value);
    demandLinkable(column, json, { field: `${spot.scope.place ?? ""}${column.name}`, write });
  }
  return links;
}

/** Stands for a value that is not known yet, as one does that the database works out. */
const LATER: Json = { expression: "" };

function jsonOf(value: Assignment["value"]): Json {
  return typeof value === "string" || typeof value === "boolean" || value === null ? value : LATER;
}

function demandLinkable(column: Column, json: Json, as: { readonly field: string; readonly write: Write }): void {
  const isOwn = column.generated === true || column.automatic !== undefined;
  if (isOwn || validate(column, json, as) === undefined)
    throw new Fault("bad_request", `Field '${as.field}' can not be set: no record can be related through it.`);
}
