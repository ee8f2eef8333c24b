import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { splitList } from "../../lib/list.ts";
import { contentOf } from "../envelope.ts";
import { shown } from "../plan/names.ts";

/** How many tables, fields or relationships a request may hold, and how many parts a table. */
const MOST = 500;
const MOST_PARTS = 2_000;

/** Reads `{"resource":[…]}`, a bare list or a bare object. Raises `bad_request` when it holds nothing. */
export function readSaid(body: Json | undefined, what: string): readonly JsonObject[] {
  const content = body === undefined || body === null ? [] : contentOf(body);
  const items = Array.isArray(content) ? content : [content];
  const isEmpty = items.length === 0 || items.every((item) => isJsonObject(item) && Object.keys(item).length === 0);
  if (isEmpty) throw new Fault("bad_request", `No ${what} was found in the request.`);
  if (items.length > MOST) throw new Fault("bad_request", `The request holds more than ${MOST} ${what}s.`);
  return items.map((item) => demandObject(item, what));
}

/** The one thing that a request says something of, whose name stands in the path; `own` is its name without its alias. */
export function readNamed(body: Json | undefined, name: string, [what, own = name]: What): JsonObject {
  const [item = {}, ...more] = readSaid(body, what);
  if (more.length > 0) throw new Fault("bad_request", `The request must hold exactly one ${what}.`);
  const names = [name, own].map((each) => each.toLowerCase());
  if (item.name !== undefined && item.name !== null && !names.includes(String(item.name).toLowerCase()))
    throw new Fault(
      "bad_request",
      `The ${what} of the request has another name than the path: a ${what} can not be renamed.`,
    );
  return { ...item, name };
}

type What = readonly [what: string, own?: string | undefined];

function demandObject(item: Json, what: string): JsonObject {
  if (!isJsonObject(item)) throw new Fault("bad_request", `Each ${what} of the request must be an object.`);
  return item;
}

/** The name of a thing. Raises `bad_request`. */
export function nameOf({ name }: JsonObject, what: string): string {
  if (typeof name !== "string" || name.trim() === "") throw new Fault("bad_request", `A ${what} needs a 'name'.`);
  return name;
}

/** The list of objects under a name such as `field`; `undefined` when it is not said. A single object is a list of one. */
export function listOf(said: JsonObject, property: string, what: string): readonly JsonObject[] | undefined {
  const value = said[property];
  if (value === undefined || value === null) return undefined;
  const list = Array.isArray(value) ? value : [value];
  if (list.length > MOST_PARTS) throw new Fault("bad_request", `A table can not have so many ${what}s.`);
  return list.map((item) => demandObject(item, what));
}

/** Several names with commas between, or as a list. */
export function namesOf(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? splitList(value) : [];
}

/** A whole number, or none. Raises `bad_request` that names the field. */
export function sizeOf(said: JsonObject, property: "length" | "precision" | "scale", least = 0): number | null {
  const value = said[property];
  if (value === undefined || value === null || value === "") return null;
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= MOST_SIZE) return number;
  throw new Fault(
    "bad_request",
    `Field '${shown(String(said.name))}': '${property}' must be a whole number from ${least} to ${MOST_SIZE}.`,
  );
}

const MOST_SIZE = 10_000_000;

/** A flag that may be left unsaid. */
export function flagOf(said: JsonObject, property: string): boolean | undefined {
  const value = said[property];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  const text = String(value).toLowerCase();
  if (["true", "1", "yes", "on"].includes(text)) return true;
  if (["false", "0", "no", "off", ""].includes(text)) return false;
  throw new Fault("bad_request", `Field '${shown(String(said.name))}': '${property}' must be true or false.`);
}
