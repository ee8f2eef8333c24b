import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { findSaidTable } from "../catalog.ts";
import type { EditMode, ExtrasEdit } from "../extras/edit.ts";
import { missingEnd, missingJunction } from "../extras/relations.ts";
import { splitRelation } from "../extras/split.ts";
import { shown } from "../plan/names.ts";
import type { NewForeignKey } from "./change.ts";
import { seesTable } from "./describe.ts";
import { type Design, foreignKeyOf, readReference, targetOf } from "./reference.ts";
import { namesOf } from "./said.ts";

/** A column by its name in the database, and that in the API where it is another. */
export interface PlacedColumn {
  readonly name: string;
  readonly served?: string;
}

/** The table that a relationship begins at. */
export interface RelationPlace {
  readonly design: Design;
  readonly edit: ExtrasEdit;
  /** The name by which Millrace keeps what it knows of the table. */
  readonly kept: string;
  readonly columns: readonly PlacedColumn[];
  readonly mode?: EditMode;
}

/** Plans a new relationship: a foreign key, or none when it is virtual. Raises `bad_request`. */
export function planNewRelation(said: JsonObject, place: RelationPlace): NewForeignKey | undefined {
  const { extras, rest, isVirtual } = splitRelation(said);
  const { design, edit, kept, mode = "replace" } = place;
  if (isVirtual) {
    const name = virtualName(said);
    demandEnds(extras, name, design);
    edit.putRelation(kept, name, extras, mode);
    return undefined;
  }
  const foreignKey = planForeignKey(rest, place);
  const name = typeof said.name === "string" ? said.name : relationName(said, foreignKey.columns);
  edit.putRelation(kept, name, extras, mode);
  return foreignKey;
}

/** A table that the caller may not know of is as one that there is not. */
export function demandEnds(extras: JsonObject, name: string, { catalog, access, problems }: Design): void {
  const isHidden = (service: Json | undefined, said: Json | undefined) => {
    const table = typeof said === "string" && typeof service !== "number" ? findSaidTable(catalog, said) : undefined;
    return table !== undefined && !seesTable(table.name, access);
  };
  if (isHidden(extras.ref_service_id, extras.ref_table)) problems.push(missingEnd(name));
  else if (isHidden(extras.junction_service_id, extras.junction_table)) problems.push(missingJunction(name));
}

/** The foreign key that a relationship of the type `belongs_to` is. Raises `bad_request`. */
export function planForeignKey(said: JsonObject, { design, columns }: RelationPlace): NewForeignKey {
  const type = String(said.type ?? "belongs_to").toLowerCase();
  if (type !== "belongs_to")
    throw new Fault(
      "bad_request",
      `A relationship of the type '${shown(type)}' follows from the foreign key of the other table; here it can only be virtual.`,
    );
  const reference = readReference(said);
  const fields = namesOf(said.field);
  if (reference === undefined || fields.length === 0)
    throw new Fault("bad_request", "A relationship needs a 'field' and a 'ref_table'.");
  const native = fields.map((field) => nativeOf(field, { design, columns }));
  return foreignKeyOf(native, reference, targetOf(reference, design));
}

function nativeOf(field: string, { design, columns }: Pick<RelationPlace, "design" | "columns">): string {
  const folded = design.catalog.foldColumn(field);
  const column =
    columns.find(({ name, served = name }) => served === field) ??
    columns.find(({ name, served = name }) => design.catalog.foldColumn(served) === folded);
  if (column === undefined)
    throw new Fault("bad_request", `The field '${shown(field)}' of the relationship does not exist.`);
  return column.name;
}

/** The name of a virtual relationship: as said, else as that of a real one would be. */
export function virtualName(said: JsonObject): string {
  if (typeof said.name === "string" && said.name.trim() !== "") return said.name;
  const table = typeof said.ref_table === "string" ? said.ref_table : "";
  if (table === "") throw new Fault("bad_request", "A relationship needs a 'ref_table'.");
  if (said.type === "many_many") return `${table}_by_${String(said.junction_table)}`;
  return relationName(said, namesOf(said.type === "belongs_to" ? said.field : said.ref_field));
}

function relationName({ ref_table: table }: JsonObject, fields: readonly string[]): string {
  return `${String(table)}_by_${fields.join("_")}`;
}
