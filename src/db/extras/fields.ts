import type { JsonObject } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { Column, ColumnFacts } from "../catalog.ts";
import type { SimpleType } from "../types.ts";
import { type FieldsOf, functionsOf } from "./expressions.ts";
import { type Automatic, type KeptColumn, keptOf } from "./kept.ts";
import { ownOf } from "./names.ts";
import { virtualColumn } from "./virtual-field.ts";

/** The columns of a table with their extras, and behind them its virtual fields. */
export function columnsOf(on: FieldsOf): readonly Column[] {
  const { table, extras } = on;
  const real = table.columns.map((column) => realColumn(column, ownOf(extras, column.nativeName) ?? {}, on));
  const taken = new Set(table.columns.map(({ nativeName }) => nativeName));
  const virtual = Object.entries(extras)
    .filter(([name, each]) => each.is_virtual === true && !taken.has(name))
    .flatMap(([name, each]) => virtualColumn(name, each, on) ?? []);
  return [...real, ...virtual];
}

function realColumn(column: Column, said: JsonObject, on: FieldsOf): Column {
  const name = on.names.field(on.table.name, column.nativeName);
  const { reference } = column;
  const named = reference && {
    ...reference,
    table: on.names.table(reference.table),
    field: on.names.field(reference.table, reference.field),
  };
  return {
    ...column,
    ...keptOf(said, name !== column.nativeName ? name : undefined),
    ...columnKept(column, said, on),
    name,
    ...(named && { reference: named }),
    ...typeOf(said),
  };
}

function columnKept(column: Column, said: JsonObject, on: FieldsOf): Partial<KeptColumn> {
  const { picklist, validation, db_function: functions } = said;
  return {
    ...(Array.isArray(picklist) && { picklist: picklist.map(String) }),
    ...(isJsonObject(validation) && { validation }),
    ...(Array.isArray(functions) && functionsOf(column, functions as readonly JsonObject[], on)),
  };
}

/** What is known of a column whose expressions were worked out already: its type is what they gave. */
export function withoutExpressions(facts: ColumnFacts & Pick<KeptColumn, "expressions">): ColumnFacts & KeptColumn {
  const { expressions, ...rest } = facts;
  return expressions?.select === undefined ? rest : { ...rest, isVirtual: true };
}

/** Whether an expression makes the values that are read, so that their type may be another than that of the column. */
export function isExpressed({ isVirtual, expressions }: Column): boolean {
  return isVirtual === true || expressions?.select !== undefined;
}

/** The types that say who fills a column. */
const AUTOMATIC: ReadonlySet<string> = new Set<Automatic>([
  "user_id_on_create",
  "user_id_on_update",
  "timestamp_on_create",
  "timestamp_on_update",
]);

function typeOf({ type }: JsonObject): Partial<Column> {
  if (typeof type !== "string") return {};
  return { type: type as SimpleType, ...(AUTOMATIC.has(type) && { automatic: type as Automatic }) };
}
