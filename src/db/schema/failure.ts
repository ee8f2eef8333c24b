import { Fault } from "../../contract/fault.ts";
import { DatabaseError, type DatabaseErrorKind } from "../errors.ts";
import type { SchemaChange } from "./change.ts";

const DO_NOT_FIT = "The values that the table holds do not fit the change.";

/** What a database says of a change of its schema, where that is not about a record. */
const SENTENCES: Readonly<Partial<Record<DatabaseErrorKind, readonly ["conflict" | "bad_request", string]>>> = {
  unique: ["conflict", "The table holds the same value twice in what has to be unique."],
  not_null: ["conflict", "The table holds records without a value in what has to have one: give the field a default."],
  foreign_key: [
    "conflict",
    "The table holds references to records that are missing, or other tables still refer to it.",
  ],
  check: ["conflict", DO_NOT_FIT],
  out_of_range: ["conflict", DO_NOT_FIT],
  too_long: ["conflict", DO_NOT_FIT],
  invalid_value: ["conflict", DO_NOT_FIT],
  rejected: [
    "bad_request",
    "The database refuses this change of its schema: it can not have it in this form, or something else depends on what is to go.",
  ],
};

/** The changes of which one failed, and whether something of them holds. */
export interface FailedPart {
  readonly changes: readonly SchemaChange[];
  readonly isPart: boolean;
}

/** The failure of a change as the caller is told it; whatever is not about the change stays as it is. */
export function changeFault(error: unknown, { isPart, changes }: FailedPart): unknown {
  if (!(error instanceof DatabaseError)) return error;
  const [code, sentence = ""] = SENTENCES[error.kind] ?? [];
  if (code === undefined) return error;
  const held = isPart ? " What of the request was done before holds: this database can not undo it." : "";
  const typed = changes.flatMap((each) => (each.kind === "alterColumn" && each.to.type ? [each.column.name] : []));
  const [field, ...others] = sentence === DO_NOT_FIT ? typed : [];
  const said = field !== undefined && others.length === 0 ? misfit(field) : sentence;
  return new Fault(code, `${said}${held}`, { cause: error });
}

function misfit(field: string): string {
  return `Field '${field}': the values that the table holds do not fit the change.`;
}

/** Raised before a change of which a row would lose something. */
export function lossFault(field: string): Fault {
  return new Fault("conflict", misfit(field));
}
