import type { JsonObject } from "../../contract/json.ts";
import type { Column } from "../catalog.ts";
import type { DefinedType, NewType } from "./change.ts";
import { bitsOf, familyOf, nativeTypeOf, readNewType, simpleTypeOf } from "./new-type.ts";
import type { Design } from "./reference.ts";
import { flagOf, sizeOf } from "./said.ts";

/** The type that a column is to have, when that is another than it has. What is said again is no change. */
export function typeChange(column: Column, said: JsonObject, design: Design): NewType | undefined {
  const native = nativeTypeOf(said);
  if (native !== undefined && native.toLowerCase() !== column.dbType.toLowerCase())
    return readNewType(said, simpleTypeOf(said), native);
  const simple = simpleTypeOf(said);
  const isOther = simple !== undefined && !isSameType(simple, column, design);
  if (isOther) return readNewType(said, simple, undefined);
  return isResized(column, said) ? readNewType(kept(column, said), column.type as DefinedType, undefined) : undefined;
}

/** Integers that read back as something more: what they are besides is said by their key or reference. */
const MARKED: readonly string[] = ["id", "reference"];
const PLAIN: Readonly<Partial<Record<DefinedType, DefinedType>>> = {
  id: "integer",
  bigid: "bigint",
  smallid: "smallint",
  mediumid: "mediumint",
  reference: "integer",
  user_id: "integer",
  user_id_on_create: "integer",
  user_id_on_update: "integer",
};

function isSameType(simple: DefinedType, column: Column, { storedAs }: Design): boolean {
  const plain = PLAIN[simple] ?? simple;
  if (!MARKED.includes(column.type)) return storedAs(plain) === column.type || simple === column.type;
  if (familyOf(simple) !== "integer") return false;
  const bits = bitsOf(storedAs(plain) as DefinedType);
  return bits === undefined || column.range === undefined || column.range[1] === 2n ** (bits - 1n) - 1n;
}

/** A size that the column has, and that is said otherwise. */
function isResized(column: Column, said: JsonObject): boolean {
  const differs = (property: "length" | "precision" | "scale") => {
    const size = sizeOf(said, property);
    return size !== null && size !== column[property];
  };
  const isFixed = flagOf(said, "fixed_length");
  switch (column.family) {
    case "string":
    case "binary":
      return differs("length") || (isFixed !== undefined && isFixed !== (column.fixedLength ?? false));
    case "decimal":
      return differs("precision") || differs("scale");
    case "time":
    case "datetime":
    case "datetimetz":
      return differs("precision");
    default:
      return false;
  }
}

function kept({ length, precision, scale, fixedLength = false }: Column, said: JsonObject): JsonObject {
  return {
    ...said,
    length: said.length ?? length,
    precision: said.precision ?? precision,
    scale: said.scale ?? scale,
    fixed_length: said.fixed_length ?? fixedLength,
  };
}
