import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import { shown } from "../plan/names.ts";
import type { Default, DefinedType, NewColumn, NewForeignKey, NewType } from "./change.ts";
import { readDefault } from "./default.ts";
import { COUNTED, nativeTypeOf, readNewType, rulesOf, simpleTypeOf } from "./new-type.ts";
import { type Design, foreignKeyOf, readReference, type Target, targetOf } from "./reference.ts";
import { flagOf, nameOf } from "./said.ts";

/** A new column with what it brings to its table. */
export interface ReadColumn {
  readonly column: NewColumn;
  readonly isKey: boolean;
  readonly isUnique: boolean;
  readonly isIndexed: boolean;
  readonly foreignKey: NewForeignKey | undefined;
}

/** Reads what is said of a new field. Raises `bad_request` that names it. */
export function readColumn(said: JsonObject, design: Design): ReadColumn {
  const name = nameOf(said, "field");
  const simple = simpleTypeOf(said);
  const reference = readReference(said);
  const target = reference && targetOf(reference, design);
  const type = typeOf(said, simple, target, design);
  const autoIncrement = flagOf(said, "auto_increment") ?? (simple !== undefined && COUNTED.has(simple));
  if (autoIncrement) demandCountable(name, type, said);
  const isKey = autoIncrement || (flagOf(said, "is_primary_key") ?? false);
  const isUnique = flagOf(said, "is_unique") ?? false;
  const required = isKey || !(flagOf(said, "allow_null") ?? false);
  return {
    column: { name, type, required, default: autoIncrement ? undefined : defaultOf(said, type, simple), autoIncrement },
    isKey,
    isUnique,
    isIndexed: !isUnique && (flagOf(said, "is_index") ?? false),
    foreignKey: reference && target && foreignKeyOf([name], reference, target),
  };
}

/** A reference that says no type of its own has that of what it refers to. */
function typeOf(
  said: JsonObject,
  simple: DefinedType | undefined,
  target: Target | undefined,
  design: Design,
): NewType {
  const native = nativeTypeOf(said);
  const [only, ...more] = target?.columns ?? [];
  const isCopy = native === undefined && only !== undefined && more.length === 0;
  if (isCopy && (simple === undefined || simple === "reference")) return only.type;
  if (native !== undefined && !design.isType(native))
    throw new Fault(
      "bad_request",
      `Field '${shown(String(said.name))}': the database type '${shown(native)}' is not one of this database.`,
    );
  return readNewType(said, simple, native);
}

function demandCountable(name: string, { family }: NewType, said: JsonObject): void {
  if (family !== undefined && family !== "integer")
    throw new Fault("bad_request", `Field '${shown(name)}': only an integer can be counted up by the database.`);
  if (said.default !== undefined && said.default !== null)
    throw new Fault(
      "bad_request",
      `Field '${shown(name)}': the database counts it up, so that it can have no default.`,
    );
}

function defaultOf(said: JsonObject, type: NewType, simple: DefinedType | undefined): Default | undefined {
  if (said.default !== undefined && said.default !== null)
    return readDefault(String(said.name), rulesOf(type), said.default);
  const isStamp = simple === "timestamp_on_create" || simple === "timestamp_on_update";
  return isStamp && said.default === undefined ? { expression: "now" } : undefined;
}
