import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { Effort } from "../../lib/regex-automaton.ts";
import type { Column } from "../catalog.ts";
import type { Value } from "../values.ts";
import { ownOf } from "./names.ts";
import { VALIDATORS } from "./validators.ts";

/** How a field is written: as messages call it, and whether its row is new. */
export interface FieldWrite {
  readonly field: string;
  readonly write: "insert" | "update";
  /** The work that this value and the others of the request may be. */
  readonly effort?: Effort | undefined;
}

/** Raised for a field that is only set when a record is created. */
export class OnlyCreated extends Fault {}

/**
 * The value of a record as the validations of its field leave it; `undefined` when the field is to be left out. Raises
 * `bad_request` with the sentence of the validation that fails.
 */
export function validate(column: Column, value: Json, { field, write, effort }: FieldWrite): Json | undefined {
  let valid = value;
  for (const [name, said] of Object.entries(column.validation ?? {})) {
    const settings = isJsonObject(said) ? said : {};
    const result = ownOf(VALIDATORS, name)?.({ value: valid, settings, column, write, effort });
    if (result === undefined) continue;
    if ("value" in result) valid = result.value;
    else if (isIgnored(settings)) return undefined;
    else {
      const Raised = name === "create_only" ? OnlyCreated : Fault;
      throw new Raised("bad_request", messageOf(settings) ?? `Field '${field}' ${result.why}.`);
    }
  }
  return valid;
}

/** Raises `bad_request` for a value of a new row that its field would refuse, or leave out: a key that a path says. */
export function demandValid(column: Column, value: Value): void {
  if (value === null || typeof value === "object") return;
  const field = column.name;
  if (validate(column, value, { field, write: "insert" }) === undefined)
    throw new Fault("bad_request", `Field '${field}' can not have this value.`);
}

function isIgnored({ on_fail }: JsonObject): boolean {
  return typeof on_fail === "string" && on_fail.trim().toLowerCase() === "ignore_field";
}

function messageOf({ on_fail }: JsonObject): string | undefined {
  return typeof on_fail === "string" && on_fail.trim() !== "" ? on_fail : undefined;
}
