import type { Call, Params } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject, isRawNumber } from "../../lib/json.ts";
import { shown } from "../plan/names.ts";
import { SIMPLE_TYPES, type SimpleType } from "../types.ts";
import { readInline, readRoutinePath } from "./inline.ts";

/** What a call says, from wherever it says it; nothing of it has been held against the routine yet. */
export interface CallRequest {
  /** Of the body, by lower-cased name. */
  readonly named: ReadonlyMap<string, { readonly name: string; readonly value: Json }>;
  /** Of the body where that is a list, else of the path: by position. */
  readonly positional: readonly (Json | undefined)[];
  /** Of the path, where the body names its own. */
  readonly inline: readonly (Json | undefined)[];
  /** Of the query, by lower-cased name. */
  readonly query: ReadonlyMap<string, string>;
  readonly returns: CastType | undefined;
  readonly wrapper: string | undefined;
  /** The types that columns of the result are cast to, by name. */
  readonly schema: ReadonlyMap<string, SimpleType>;
}

export type CastType = SimpleType | "table";

/** Raises `bad_request` for a body that is no call. */
export function readCall(call: Call): CallRequest {
  const { argumentText } = readRoutinePath(call.path);
  const body = readBody(call.body);
  const inline = argumentText === undefined ? [] : readInline(argumentText);
  const option = (name: string) => call.params.get(name) ?? optionText(body, name);
  const returns = option("returns");
  return {
    ...readParams(body.params),
    inline,
    query: queryArguments(call.params),
    returns: returns === undefined ? undefined : readType("returns", returns),
    wrapper: option("wrapper") || undefined,
    schema: readSchema(body.schema),
  };
}

const FIELDS = ["params", "returns", "schema", "wrapper"];

function readBody(body: Json | undefined): JsonObject {
  if (body === undefined || body === null) return {};
  if (Array.isArray(body)) return { params: body };
  if (!isJsonObject(body)) throw new Fault("bad_request", "The body of a call must be an object.");
  const stray = Object.keys(body).find((name) => !FIELDS.includes(name));
  if (stray === undefined) return body;
  throw new Fault("bad_request", `The body holds '${shown(stray)}': arguments stand in 'params'.`);
}

function optionText(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  throw new Fault("bad_request", `The option '${name}' must be a text.`);
}

/** `{name: value}`, `[{name, value}]`, or values by position. */
function readParams(params: Json | undefined): Pick<CallRequest, "named" | "positional"> {
  if (params === undefined || params === null) return { named: new Map(), positional: [] };
  if (isJsonObject(params)) return { named: byName(Object.entries(params)), positional: [] };
  if (!Array.isArray(params)) throw new Fault("bad_request", "The field 'params' must be an object or a list.");
  const list = params as readonly Json[];
  if (list.length > 0 && list.every(isNamed)) {
    return { named: byName(list.map(({ name, value = null }) => [name, value])), positional: [] };
  }
  return { named: new Map(), positional: list };
}

interface Named extends JsonObject {
  readonly name: string;
}

/** What clients say of a parameter besides its name and value is known from the database. */
const NAMED = new Set(["name", "value", "param_type", "type", "length"]);

function isNamed(item: Json): item is Named {
  return isJsonObject(item) && typeof item.name === "string" && Object.keys(item).every((key) => NAMED.has(key));
}

function byName(entries: readonly (readonly [string, Json])[]): CallRequest["named"] {
  const named = new Map<string, { name: string; value: Json }>();
  for (const [name, value] of entries) {
    if (named.has(name.toLowerCase())) throw new Fault("bad_request", `The parameter '${shown(name)}' is given twice.`);
    named.set(name.toLowerCase(), { name, value });
  }
  return named;
}

/** Credentials are no arguments, whatever a parameter is called. */
const CREDENTIALS = new Set(["api_key", "session_token"]);

function queryArguments(params: Params): CallRequest["query"] {
  const entries = [...params].map(([name, value]) => [name.toLowerCase(), value] as const);
  return new Map(entries.filter(([name]) => !CREDENTIALS.has(name)));
}

const OTHER_NAMES: Readonly<Record<string, SimpleType>> = { int: "integer", bool: "boolean", str: "string" };

function readType(where: string, name: string): CastType {
  const type = name.trim().toLowerCase();
  const known =
    (Object.hasOwn(OTHER_NAMES, type) ? OTHER_NAMES[type] : undefined) ?? SIMPLE_TYPES.find((each) => each === type);
  if (known === undefined) throw new Fault("bad_request", `Unknown type '${shown(name)}' in '${where}'.`);
  return known;
}

function readSchema(schema: Json | undefined): CallRequest["schema"] {
  if (schema === undefined || schema === null) return new Map();
  if (!isJsonObject(schema) || isRawNumber(schema))
    throw new Fault("bad_request", "The field 'schema' must be an object of types by column.");
  return new Map(
    Object.entries(schema).map(([column, type]): [string, SimpleType] => {
      if (typeof type !== "string")
        throw new Fault("bad_request", `The type of '${shown(column)}' in 'schema' must be a text.`);
      return [column, readType("schema", type) as SimpleType];
    }),
  );
}
