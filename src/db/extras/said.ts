import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject, MutableJsonObject } from "../../contract/json.ts";
import { isTrue } from "../../lib/schema.ts";
import { shown } from "../plan/names.ts";

/** What a property belongs to, for messages: `Field 'age'`. */
export interface Place {
  readonly kind: "Table" | "Field" | "Relationship";
  readonly name: string;
}

/** Reads one property as it is kept; `null` = there is none. Raises `bad_request`. */
export type Reader = (value: Json, place: Place, property: string) => Json;
export type Readers = Readonly<Record<string, Reader>>;

/** The failure of one property. */
export function refused(place: Place, property: string, why: string): Fault {
  return new Fault("bad_request", `${place.kind} '${shown(place.name)}': the property '${shown(property)}' ${why}.`);
}

/** What was said apart into the properties that `readers` know, read by them, and the rest. */
export function splitBy(readers: Readers, said: JsonObject, place: Place): { extras: JsonObject; rest: JsonObject } {
  const extras: MutableJsonObject = {};
  const rest: MutableJsonObject = {};
  for (const [property, value] of Object.entries(said)) {
    const reader = Object.hasOwn(readers, property) ? readers[property] : undefined;
    if (reader) extras[property] = value === null ? null : reader(value, place, property);
    else if (property !== "__proto__") rest[property] = value;
  }
  return { extras, rest };
}

/** A text of at most so many characters; an empty one is none. */
export function textOf(most: number): Reader {
  return (value, place, property) => {
    if (typeof value !== "string" || value.length > most || !value.isWellFormed() || value.includes("\0"))
      throw refused(place, property, `must be a text of at most ${most} characters`);
    return value.trim() === "" ? null : value;
  };
}

const LONGEST_NAME = 128;

/** Another name of something: what can stand in a path, in a list of fields and before the dot of `relation.field`. */
export const aliasName: Reader = (value, place, property) => {
  const name = textOf(LONGEST_NAME)(value, place, property);
  if (typeof name === "string" && !/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name))
    throw refused(place, property, "must begin with a letter and hold only letters, digits, '_' and '-'");
  return name;
};

/** The name of a table or field, or several with commas between. */
export const names: Reader = (value, place, property) =>
  textOf(2_000)(Array.isArray(value) ? value.map(String).join(",") : value, place, property);

/** A flag in the ways that forms write one; `false` is not kept. */
export const flag: Reader = (value, place, property) => {
  const isFlag = typeof value === "boolean" || (typeof value !== "object" && FLAGS.has(String(value).toLowerCase()));
  if (!isFlag) throw refused(place, property, "must be true or false");
  return isTrue(value) ? true : null;
};

const FLAGS = new Set(["true", "false", "1", "0", "yes", "no", "on", "off"]);
