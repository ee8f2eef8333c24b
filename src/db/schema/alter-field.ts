import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isRawNumber } from "../../lib/json.ts";
import { isTrue } from "../../lib/schema.ts";
import type { Column, Table } from "../catalog.ts";
import { shown } from "../plan/names.ts";
import type { ColumnChange, Default, SchemaChange } from "./change.ts";
import { readDefault } from "./default.ts";
import { rulesOf } from "./new-type.ts";
import { type Design, foreignKeyOf, isSameKey, readReference, targetOf } from "./reference.ts";
import { flagOf } from "./said.ts";
import { typeChange } from "./type-change.ts";

/** The changes that make a column what is said of it. What is not said stays, and what is said again is no change. */
export function planField(column: Column, said: JsonObject, table: Table, design: Design): readonly SchemaChange[] {
  demandSameNature(column, said);
  const to = columnChange(column, said, design);
  const { nativeName: name, dbType, family, hasDefault, autoIncrement: isCounted = false } = column;
  const old = { name, dbType, family, hasDefault, isCounted };
  const altered = Object.keys(to).length === 0 ? [] : [{ kind: "alterColumn", table, column: old, to } as const];
  const references = referenceChanges(column, said, table, design);
  const isDrop = (change: SchemaChange) => change.kind.startsWith("drop");
  return [
    ...references.filter(isDrop),
    ...indexDrops(column, said, table),
    ...altered,
    ...indexAdds(column, said, table),
    ...references.filter((change) => !isDrop(change)),
  ];
}

/** What a column is made as it stays. */
function demandSameNature(column: Column, said: JsonObject): void {
  const isKey = flagOf(said, "is_primary_key");
  if (isKey !== undefined && isKey !== column.isKey)
    throw new Fault("bad_request", `Field '${column.name}': the primary key of a table can not be changed.`);
  const counts = flagOf(said, "auto_increment");
  if (counts !== undefined && counts !== (column.autoIncrement ?? false))
    throw new Fault("bad_request", `Field '${column.name}': whether the database counts it up can not be changed.`);
}

function columnChange(column: Column, said: JsonObject, design: Design): ColumnChange {
  const type = typeChange(column, said, design);
  const required = requiredChange(column, said);
  const byDefault = defaultChange(column, said, type && rulesOf(type));
  if ((type || byDefault !== undefined || required !== undefined) && column.generated)
    throw new Fault("bad_request", `Field '${column.name}' is computed by the database, and can not be changed.`);
  return {
    ...(type && { type }),
    ...(required !== undefined && { required }),
    ...(byDefault !== undefined && { default: byDefault }),
  };
}

function requiredChange(column: Column, said: JsonObject): boolean | undefined {
  const allowNull = flagOf(said, "allow_null");
  if (allowNull === undefined || allowNull === column.allowNull) return undefined;
  if (allowNull && column.isKey)
    throw new Fault("bad_request", `Field '${column.name}' is in the primary key, and can not be NULL.`);
  return !allowNull;
}

function defaultChange(
  column: Column,
  said: JsonObject,
  rules: ReturnType<typeof rulesOf>,
): Default | null | undefined {
  const value = said.default;
  if (value === undefined || isSameDefault(column, value)) return undefined;
  if (column.autoIncrement)
    throw new Fault(
      "bad_request",
      `Field '${column.name}': the database counts it up, so that it can have no default.`,
    );
  return value === null ? null : readDefault(column.name, rules ?? column, value);
}

/** `5`, `"5"` and `5.00` are one default, and so are `true` and `1`. */
function isSameDefault({ default: stands, family }: Column, said: Json): boolean {
  if (said === null || stands === null) return said === stands;
  if (family === "boolean") return isTrue(said) === isTrue(stands.toLowerCase());
  const text = isRawNumber(said) ? said.rawJSON : typeof said === "object" ? JSON.stringify(said) : String(said);
  if (text === stands) return true;
  const isNumber = family === "decimal" || family === "float" || family === "integer";
  return isNumber && text.length < 15 && stands.length < 15 && Number(text) === Number(stands) && text.trim() !== "";
}

function onlyOn(column: Column, unique: boolean) {
  return ({ columns, unique: isUnique, primary, isPart }: Table["indexes"][number]) =>
    columns.length === 1 && columns[0] === column.nativeName && isUnique === unique && !primary && !isPart;
}

function indexDrops(column: Column, said: JsonObject, table: Table): readonly SchemaChange[] {
  const uniques =
    flagOf(said, "is_unique") === false && column.isUnique ? table.indexes.filter(onlyOn(column, true)) : [];
  const plain = flagOf(said, "is_index") === false ? table.indexes.filter(onlyOn(column, false)) : [];
  return [...uniques, ...plain].map((index) => ({ kind: "dropIndex", table, index }));
}

function indexAdds(column: Column, said: JsonObject, table: Table): readonly SchemaChange[] {
  const columns = [column.nativeName];
  if (flagOf(said, "is_unique") && !column.isUnique)
    return [{ kind: "addIndex", table, index: { columns, unique: true } }];
  if (flagOf(said, "is_index") && !column.isIndexed)
    return [{ kind: "addIndex", table, index: { columns, unique: false } }];
  return [];
}

/** The foreign key of this column alone. */
export function foreignKeyOn(table: Table, columns: readonly string[]) {
  return table.foreignKeys?.find((key) => key.columns.join("\0") === columns.join("\0"));
}

function referenceChanges(column: Column, said: JsonObject, table: Table, design: Design): readonly SchemaChange[] {
  const stands = foreignKeyOn(table, [column.nativeName]);
  const drop = stands ? [{ kind: "dropForeignKey", table, foreignKey: stands } as const] : [];
  const reference = readReference(said);
  if (reference === undefined) return isUnreferenced(said) ? drop : [];
  if (flagOf(said, "is_foreign_key") === false)
    throw new Fault("bad_request", `Field '${shown(column.name)}' is said to refer to a table, and not to.`);
  const foreignKey = foreignKeyOf([column.nativeName], reference, targetOf(reference, design));
  if (stands && isSameKey(stands, foreignKey, reference)) return [];
  return [...drop, { kind: "addForeignKey", table, foreignKey }];
}

/** Who may not know the other table is shown none: to send that back is not to drop the reference. */
function isUnreferenced(said: JsonObject): boolean {
  const isForeign = flagOf(said, "is_foreign_key");
  return isForeign === false || (said.ref_table === null && isForeign === undefined);
}
