import * as v from "valibot";
import { Fault } from "../contract/fault.ts";
import type { Json, JsonObject, MutableJsonObject } from "../contract/json.ts";
import type { ConfigSchema, ServiceType } from "../contract/service.ts";
import { isJsonObject } from "../lib/json.ts";
import { validate } from "../lib/validate.ts";

type Schema = v.GenericSchema;
type Env = (name: string) => string | undefined;

/** Variables that hold Millrace's own secrets: no config may carry them away. */
const OWN_VARIABLE = /^(MILLRACE_|DATABASE_URL$|REDIS_URL$)/;

/**
 * The config of a service as its type understands it: `env:NAME` replaced by the variable, defaults filled in, unknown
 * keys dropped. Raises `bad_request` naming the field that is wrong.
 */
export function readConfig<S extends ConfigSchema>(type: ServiceType<S>, said: JsonObject, env: Env): v.InferOutput<S> {
  return validate(type.config, resolveVariables(said, env, "config"), "config");
}

function resolveVariables(value: Json, env: Env, path: string): Json {
  if (typeof value === "string" && value.startsWith("env:")) return variable(value.slice(4), env, path);
  if (Array.isArray(value)) return value.map((item, index) => resolveVariables(item, env, `${path}.${index}`));
  if (!isJsonObject(value)) return value;
  // Forms send null for what was left blank.
  const given = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(given.map(([name, item]) => [name, resolveVariables(item, env, `${path}.${name}`)]));
}

function variable(name: string, env: Env, path: string): string {
  const value = OWN_VARIABLE.test(name) ? undefined : env(name);
  if (value === undefined)
    throw new Fault("bad_request", `The environment variable that '${path}' names is not set, or may not be used.`);
  return value;
}

/** What of a config its type knows, at every depth, as it was said: nothing else is stored, where nobody would seal or mask it. */
export function knownConfig(type: ServiceType, said: JsonObject): JsonObject {
  return knownFields(type.config, said);
}

function knownFields(schema: Schema, said: JsonObject): JsonObject {
  const known = fieldsOf(schema).filter(([name]) => Object.hasOwn(said, name));
  return Object.fromEntries(known.map(([name, inner]) => [name, knownPart(unwrap(inner), said[name] ?? null)]));
}

function knownPart(schema: Schema, value: Json): Json {
  if ("item" in schema && Array.isArray(value)) {
    return value.map((item) => knownPart(unwrap(schema.item as Schema), item));
  }
  return "entries" in schema && isJsonObject(value) ? knownFields(schema, value) : value;
}

/** Where the secrets of a config stand. */
export function secretPaths(type: ServiceType): readonly (readonly string[])[] {
  return fieldsOf(type.config).flatMap(([name, schema]) => pathsBelow(schema, [name]));
}

function pathsBelow(schema: Schema, path: readonly string[]): readonly (readonly string[])[] {
  if (v.getMetadata(unwrap(schema)).secret === true) return [path];
  return fieldsOf(unwrap(schema)).flatMap(([name, inner]) => pathsBelow(inner, [...path, name]));
}

/** The fields of a config for people and forms, made from the schema that checks it. */
export function describeConfig(type: ServiceType): readonly JsonObject[] {
  return fieldsOf(type.config).map(([name, schema]) => describeField(name, schema));
}

function describeField(name: string, schema: Schema): JsonObject {
  const inner = unwrap(schema);
  const fields = fieldsOf(inner);
  const field: MutableJsonObject = {
    name,
    label: v.getTitle(inner) ?? name,
    type: String(v.getMetadata(inner).type ?? inner.type),
    description: v.getDescription(inner) ?? null,
    required: schema.type !== "optional" && schema.type !== "nullish",
    default: defaultOf(schema),
  };
  const options = optionsOf(inner);
  if (options !== undefined) field.values = options.map((option) => ({ label: String(option), name: option }));
  if (fields.length > 0) field.items = fields.map(([each, below]) => describeField(each, below));
  return field;
}

function fieldsOf(schema: Schema): readonly [string, Schema][] {
  return "entries" in schema ? Object.entries(schema.entries as Readonly<Record<string, Schema>>) : [];
}

function optionsOf(schema: Schema): readonly Json[] | undefined {
  return schema.type === "picklist" && "options" in schema ? (schema.options as readonly Json[]) : undefined;
}

/** What an optional field holds when it is given. */
function unwrap(schema: Schema): Schema {
  return "wrapped" in schema ? unwrap(schema.wrapped as Schema) : schema;
}

function defaultOf(schema: Schema): Json {
  const value = "default" in schema ? (schema.default as Json | undefined) : undefined;
  return value ?? null;
}
