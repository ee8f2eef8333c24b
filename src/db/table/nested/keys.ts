import type { Json } from "../../../contract/json.ts";
import type { Column } from "../../catalog.ts";
import type { Assignment } from "../../plan/plan.ts";
import type { Record_ } from "../../plan/write.ts";
import { checkValue, type Value } from "../../values.ts";
import type { KeyPart } from "./plan.ts";
import { saidOf } from "./said.ts";
import type { Spot } from "./spot.ts";

/** What finds the row of a record: its key as it says it, or as it is given one. `undefined` when a part is missing. */
export function keyOf(record: Record_, spot: Spot): readonly KeyPart[] | undefined {
  const { key } = spot.scope.table;
  const parts = key.flatMap((column) => partOf(record, column, spot) ?? []);
  return key.length > 0 && parts.length === key.length ? parts : undefined;
}

function partOf(record: Record_, column: Column, spot: Spot): KeyPart | undefined {
  const value = valueSaid(record, column, spot);
  if (value !== undefined) return { column, value };
  return spot.linked.includes(column) ? { column } : undefined;
}

/** The values of these columns, when the record says all of them. */
export function valuesSaid(record: Record_, columns: readonly Column[], spot: Spot): readonly Value[] | undefined {
  const values = columns.flatMap((column) => {
    const value = valueSaid(record, column, spot);
    return value === undefined ? [] : [value];
  });
  return values.length === columns.length ? values : undefined;
}

/** The value that a record says, checked; null is none. */
function valueSaid(record: Record_, column: Column, { scope }: Spot): Value | undefined {
  const json: Json = saidOf(record, column, scope) ?? null;
  return json === null ? undefined : checkValue(`${scope.place ?? ""}${column.name}`, column, json);
}

/** Whether the database makes a part of the key, so that who says it means a row that exists. */
export function isMadeByDatabase(key: readonly KeyPart[]): boolean {
  return key.some(({ column }) => column.autoIncrement === true || column.hasDefault);
}

/** Columns whose values are filled in later. */
export function toFill(columns: readonly Column[]): readonly Assignment[] {
  return columns.map((column) => ({ column, value: null }));
}

export function given(columns: readonly Column[]): readonly KeyPart[] {
  return columns.map((column) => ({ column }));
}

export function assigned(columns: readonly Column[], values: readonly Value[]): readonly Assignment[] {
  return columns.map((column, index) => ({ column, value: values[index] ?? null }));
}
