import * as v from "valibot";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { connectFault } from "../../db/errors.ts";
import { isJsonObject } from "../../lib/json.ts";
import { flag } from "../../lib/schema.ts";
import { validate } from "../../lib/validate.ts";
import { servicePurpose, storedConfig } from "../../store/load.ts";
import type { SystemRow } from "../../store/rows.ts";
import { maskConfig, openConfig, sealConfig } from "../../store/seal.ts";
import { knownConfig, readConfig, secretPaths } from "../config.ts";
import { definite, optionalText, type SystemResource, type Write } from "./resource.ts";

/** What stands in place of a secret in an answer, and leaves it as it is in a request. */
const MASK = "**********";

/** Names of services that Millrace itself has or will have. */
const RESERVED: readonly string[] = ["system", "user", "api_docs"];

const entries = {
  name: v.pipe(
    v.string(),
    v.trim(),
    v.toLowerCase(),
    v.maxLength(40),
    v.regex(/^[a-z0-9_-]+$/, "may hold only letters, digits, '_' and '-'"),
    v.check((name) => !RESERVED.includes(name), "is reserved"),
  ),
  label: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(80)))),
  description: optionalText,
  is_active: v.optional(flag),
  type: v.string(),
  config: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
};

/** The configured services. */
export const serviceResource: SystemResource = {
  name: "service",
  table: "service",
  hidden: [],
  nested: {},
  show: async (row) => (Object.hasOwn(row, "config") ? { ...row, config: await shownConfig(row) } : row),
  async create(said, write) {
    const { config, ...row } = validate(v.object(entries), said);
    const type = demandType(row.type, write);
    if (type.singleton) throw new Fault("bad_request", `A service of type '${type.name}' exists already.`);
    const label = row.label ?? row.name;
    const stored = await prepareConfig({ ...row, config: (config ?? {}) as JsonObject }, write);
    return { row: { is_active: false, ...definite(row), label, mutable: true, deletable: true, config: stored } };
  },
  async update(said, stored, write) {
    demandMutable(stored, "changed");
    const { config, ...row } = validate(v.partial(v.object(entries)), said);
    if (row.type !== undefined && row.type !== stored.type) demandType(row.type, write);
    const next = { name: row.name ?? String(stored.name), type: row.type ?? String(stored.type) };
    const isKept = config === undefined && next.name === stored.name && next.type === stored.type;
    if (isKept && write.params.get("test") !== "true") return { row: definite(row) };
    const current = await openConfig(
      storedConfig(stored),
      write.parts.store.vault,
      servicePurpose(String(stored.name)),
    );
    const merged = mergeConfig((config ?? {}) as JsonObject, current);
    return { row: { ...definite(row), config: await prepareConfig({ ...next, config: merged }, write) } };
  },
  async beforeDelete(stored) {
    if (stored.deletable !== true) throw new Fault("forbidden", `Service '${String(stored.name)}' can not be deleted.`);
  },
};

async function shownConfig(row: SystemRow): Promise<Json> {
  return maskConfig(storedConfig(row), MASK);
}

function demandType(name: string, { parts }: Write) {
  const type = parts.types.get(name);
  if (type === undefined) throw new Fault("bad_request", `There is no service type '${name.slice(0, 64)}'.`);
  return type;
}

function demandMutable(stored: SystemRow, done: string): void {
  if (stored.mutable !== true) throw new Fault("forbidden", `Service '${String(stored.name)}' can not be ${done}.`);
}

/** A mask that comes back means the secret that it stands for; keys that are not sent stay. */
function mergeConfig(said: JsonObject, current: JsonObject): JsonObject {
  const merged = Object.entries(said).map(([name, value]): [string, Json] => {
    const before = current[name] ?? null;
    if (value === MASK) return [name, before];
    return [name, isJsonObject(value) && isJsonObject(before) ? mergeConfig(value, before) : value];
  });
  return { ...current, ...Object.fromEntries(merged) };
}

interface Configured {
  readonly name: string;
  readonly type: string;
  readonly config: JsonObject;
}

/** Checks a config, tries it when that was asked for, and gives the text to be stored. */
async function prepareConfig(service: Configured, write: Write): Promise<string> {
  const { types, runtime, store } = write.parts;
  const type = types.get(service.type);
  if (type === undefined) throw new Fault("bad_request", `There is no service type '${service.type.slice(0, 64)}'.`);
  readConfig(type, service.config, runtime.env);
  if (write.params.get("test") === "true") await tryService(service, write);
  const known = knownConfig(type, service.config);
  return JSON.stringify(await sealConfig(known, secretPaths(type), store.vault, servicePurpose(service.name)));
}

async function tryService(service: Configured, { parts, signal }: Write): Promise<void> {
  const opened = await parts.services.open(service).catch((error: unknown) => {
    throw connectFault(error);
  });
  try {
    await opened.test(signal);
  } finally {
    await opened.close();
  }
}
