import type { Json, JsonObject } from "../../contract/json.ts";
import { isTrue } from "../../lib/schema.ts";
import type { Column } from "../catalog.ts";
import { SIMPLE_TYPES } from "../types.ts";
import { readFunctions } from "./functions.ts";
import { aliasName, flag, names, type Place, type Reader, type Readers, refused, splitBy, textOf } from "./said.ts";
import { readPicklist, readValidation } from "./validation-config.ts";

/** What was said of something: the part that Millrace keeps, and the part that is for the database. */
export interface Split {
  readonly extras: JsonObject;
  readonly rest: JsonObject;
}

const DESCRIBED: Readers = { label: textOf(255), description: textOf(4_000), alias: aliasName };

const TABLE: Readers = { ...DESCRIBED, plural: textOf(255), name_field: names };

/** Splits what is said of a table; its `field` and `related` stay in the rest. Raises `bad_request`. */
export function splitTable(said: JsonObject): Split {
  return splitBy(TABLE, said, placeOf("Table", said));
}

/** Types that only Millrace knows of a column: it fills them, or says what they are. */
const KEPT_TYPES = new Set([
  "user_id",
  "user_id_on_create",
  "user_id_on_update",
  "timestamp_on_create",
  "timestamp_on_update",
]);

const FIELD: Readers = {
  ...DESCRIBED,
  picklist: readPicklist,
  validation: readValidation,
  db_function: readFunctions,
  is_virtual: flag,
  is_aggregate: flag,
};

/**
 * Splits what is said of a field. A type that only Millrace knows is in both parts. `isVirtual` is what the field was until
 * now, if it was. Of a virtual field nothing is for the database. Raises `bad_request`.
 */
export function splitField(said: JsonObject, wasVirtual = false): Split & { readonly isVirtual: boolean } {
  const place = placeOf("Field", said);
  const { extras, rest } = splitBy(FIELD, said, place);
  const isVirtual = said.is_virtual === undefined || said.is_virtual === null ? wasVirtual : isTrue(said.is_virtual);
  if (said.is_aggregate !== undefined && isTrue(said.is_aggregate) && !isVirtual)
    throw refused(place, "is_aggregate", "is for virtual fields only");
  if (isVirtual) return { extras: { ...extras, is_virtual: true, ...virtualType(said, place) }, rest: {}, isVirtual };
  return { extras: { ...extras, ...keptType(said.type) }, rest, isVirtual };
}

function virtualType({ type }: JsonObject, place: Place): JsonObject {
  if (type === undefined || type === null) return {};
  const name = String(type).toLowerCase();
  if (!VIRTUAL_TYPES.has(name)) throw refused(place, "type", "must be a simple type such as 'string' or 'integer'");
  return { type: name };
}

const VIRTUAL_TYPES: ReadonlySet<string> = new Set(SIMPLE_TYPES.slice(0, SIMPLE_TYPES.indexOf("column")));

function keptType(type: Json | undefined): JsonObject {
  if (type === undefined) return {};
  const name = String(type).toLowerCase();
  return { type: KEPT_TYPES.has(name) ? name : null };
}

/** A column that can hold what a kept type says needs no change for it. */
export function withoutKeptType(said: JsonObject, { family }: Pick<Column, "family">): JsonObject {
  const { type, ...rest } = said;
  const name = String(type).toLowerCase();
  const isHeld = name.startsWith("timestamp") ? family.startsWith("datetime") : family === "integer";
  return KEPT_TYPES.has(name) && isHeld ? rest : said;
}

const KINDS = new Set(["belongs_to", "has_many", "has_one", "many_many"]);

const kind: Reader = (value, place, property) => {
  const name = String(value).toLowerCase();
  if (!KINDS.has(name)) throw refused(place, property, "must be belongs_to, has_many, has_one or many_many");
  return name;
};

const serviceId: Reader = (value, place, property) => {
  const id = Number(value);
  if (!Number.isSafeInteger(id) || id < 1) throw refused(place, property, "must be the id of a service");
  return id;
};

const RELATION: Readers = { ...DESCRIBED, always_fetch: flag, flatten: flag, flatten_drop_prefix: flag };

const VIRTUAL_RELATION: Readers = {
  ...RELATION,
  is_virtual: flag,
  type: kind,
  field: names,
  ref_service_id: serviceId,
  ref_table: names,
  ref_field: names,
  junction_service_id: serviceId,
  junction_table: names,
  junction_field: names,
  junction_ref_field: names,
};

/**
 * Splits what is said of a relationship. Of a virtual one nothing is for the database; of another the rest says again what
 * the database already knows. `wasVirtual` is what it was until now, if it was. Raises `bad_request`.
 */
export function splitRelation(said: JsonObject, wasVirtual = false): Split & { readonly isVirtual: boolean } {
  const isVirtual = said.is_virtual === undefined || said.is_virtual === null ? wasVirtual : isTrue(said.is_virtual);
  const place = placeOf("Relationship", said);
  if (!isVirtual) return { ...splitBy(RELATION, said, place), isVirtual };
  const { extras } = splitBy(VIRTUAL_RELATION, said, place);
  return { extras: { ...extras, is_virtual: true }, rest: {}, isVirtual };
}

function placeOf(of: Place["kind"], { name, alias }: JsonObject): Place {
  return { kind: of, name: String(name ?? alias ?? "") };
}
