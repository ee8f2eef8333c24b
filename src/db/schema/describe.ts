import { VERB_BITS, VERBS, type Verb } from "../../contract/call.ts";
import type { MutableJsonObject } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { labelOf } from "../../lib/words.ts";
import { type Column, ownNameOf, type Relation, type Table } from "../catalog.ts";
import type { Kept } from "../extras/kept.ts";
import { isRequired } from "../plan/write.ts";

/** The verbs that the caller may use on a table, under `_table` or `_schema`. */
export function accessOfTable(table: Table, access: Access, resource = "_table"): readonly Verb[] {
  const mask = access.verbs([resource, table.name]);
  return VERBS.filter((verb) => (mask & VERB_BITS[verb]) !== 0);
}

/** The short form of a table in lists. */
export function summarizeTable(table: Table): MutableJsonObject {
  return {
    alias: table.alias ?? null,
    name: ownNameOf(table),
    label: table.label,
    description: table.description,
    native: [],
    plural: table.plural,
    is_view: table.isView,
  };
}

/** All that `_schema/{table}` says. */
export function describeTable(table: Table, access: Access): MutableJsonObject {
  return {
    ...summarizeTable(table),
    primary_key: table.key.map((column) => column.name),
    name_field: nameField(table),
    field: [...table.columns, ...(table.aggregates ?? [])].map((column) => describeField(column, access)),
    related: relationsSeen(table, access).map(describeRelation),
    access: accessOfTable(table, access),
  };
}

/** Whether the caller may use anything of a table, and so may learn its name. */
export function seesTable(name: string, access: Access): boolean {
  return ["_table", "_schema"].some(
    (resource) => access.verbs([resource, name]) !== 0 || access.verbs([resource, name, "*"]) !== 0,
  );
}

/** The relationships whose tables the caller may know of. */
export function relationsSeen(table: Table, access: Access): readonly Relation[] {
  return table.relations.filter(
    ({ refTable, junction }) =>
      seesTable(refTable, access) && (junction === undefined || seesTable(junction.table, access)),
  );
}

export function describeField(column: Column, access: Access): MutableJsonObject {
  const reference = column.reference && seesTable(column.reference.table, access) ? column.reference : undefined;
  return {
    ...nameAndLabel(column, column.nativeName),
    type: column.type,
    db_type: column.isVirtual ? null : column.dbType,
    length: column.length,
    precision: column.precision,
    scale: column.scale,
    default: column.default,
    required: isRequired(column),
    allow_null: column.allowNull,
    fixed_length: column.fixedLength ?? false,
    supports_multibyte: column.multibyte ?? false,
    auto_increment: column.autoIncrement ?? false,
    is_primary_key: column.isKey,
    is_unique: column.isUnique,
    is_index: column.isIndexed,
    is_foreign_key: column.reference !== undefined,
    ref_table: reference?.table ?? null,
    ref_field: reference?.field ?? null,
    ref_on_update: reference?.onUpdate ?? null,
    ref_on_delete: reference?.onDelete ?? null,
    ...describeKept(column),
  };
}

/** What Millrace keeps of a field besides its name. */
function describeKept(column: Column): MutableJsonObject {
  return {
    picklist: column.picklist ?? column.values ?? null,
    validation: column.validation ?? null,
    db_function: column.functions ?? null,
    is_virtual: column.isVirtual ?? false,
    is_aggregate: column.isAggregate ?? false,
  };
}

/** The name that a thing has of itself, and what it is called. */
function nameAndLabel({ alias, label, description }: Kept, name: string): MutableJsonObject {
  return {
    alias: alias ?? null,
    name,
    label: label ?? labelOf(name),
    description: description ?? null,
    native: [],
  };
}

export function describeRelation(relation: Relation): MutableJsonObject {
  const { junction } = relation;
  return {
    ...nameAndLabel(relation, relation.ownName ?? relation.name),
    type: relation.kind,
    field: relation.fields.join(","),
    is_virtual: relation.isVirtual ?? false,
    ref_service_id: relation.refServiceId ?? null,
    ref_table: relation.refTable,
    ref_field: relation.refFields.join(","),
    ref_on_update: relation.onUpdate,
    ref_on_delete: relation.onDelete,
    junction_service_id: relation.junctionServiceId ?? null,
    junction_table: junction?.table ?? null,
    junction_field: junction?.fields.join(",") ?? null,
    junction_ref_field: junction?.refFields.join(",") ?? null,
    always_fetch: relation.alwaysFetch ?? false,
    flatten: relation.flatten ?? false,
    flatten_drop_prefix: relation.flattenDropPrefix ?? false,
  };
}

/** The column whose value a person would call the record by: the first text that is not the key. */
function nameField(table: Table): string | null {
  if (table.nameField !== undefined) return table.nameField;
  const texts = table.columns.filter((column) => column.family === "string" && !column.isKey);
  return (texts.find((column) => /name|title|label/i.test(column.name)) ?? texts[0])?.name ?? null;
}
