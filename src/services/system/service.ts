import * as v from "valibot";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import type { ServiceType } from "../../contract/service.ts";
import { connectFault } from "../../db/errors.ts";
import { flag } from "../../lib/schema.ts";
import { validate } from "../../lib/validate.ts";
import { servicePurpose, storedConfig } from "../../store/load.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
import { maskConfig, readableConfig, sealConfig } from "../../store/seal.ts";
import { knownConfig, readConfig, secretPaths } from "../config.ts";
import { demandServed, type ServicePool } from "../pool.ts";
import { definite, optionalText, type SystemResource, type Write } from "./resource.ts";
import { changeConfig, MASK } from "./service-config.ts";

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
  flags: ["test"],
  show: async (row) => (Object.hasOwn(row, "config") ? { ...row, config: await shownConfig(row) } : row),
  async create(said, write) {
    const { config, ...row } = validate(v.object(entries), said);
    demandNewType(row.type, write);
    const change: Change = { type: row.type, said: (config ?? {}) as JsonObject };
    await tryConfig(row.name, change, {}, write);
    const label = row.label ?? row.name;
    return {
      row: { is_active: false, ...definite(row), label, mutable: true, deletable: true },
      follow: (id, rows) => storeConfig(id, change, {}, write, rows),
    };
  },
  async update(said, stored, write) {
    demandMutable(stored);
    const { config, ...row } = validate(v.partial(v.object(entries)), said);
    const change: Change = { type: row.type, said: (config ?? {}) as JsonObject };
    const isOtherType = row.type !== undefined && row.type !== stored.type;
    if (row.type !== undefined && isOtherType) demandNewType(row.type, write);
    const isKept = config === undefined && !isOtherType;
    if (!isKept || write.flag("test")) await tryConfig(row.name ?? String(stored.name), change, stored, write);
    if (isKept) return { row: definite(row) };
    return { row: definite(row), follow: (id, rows, before) => storeConfig(id, change, before, write, rows) };
  },
  async beforeDelete(stored) {
    if (stored.deletable !== true) throw new Fault("forbidden", `Service '${String(stored.name)}' can not be deleted.`);
  },
};

async function shownConfig(row: SystemRow): Promise<Json> {
  return maskConfig(storedConfig(row), MASK);
}

function typeOf(name: string, { parts }: Write): ServiceType {
  const type = parts.types.get(name);
  if (type === undefined) throw new Fault("bad_request", `There is no service type '${name.slice(0, 64)}'.`);
  return type;
}

/** A second service of the type that holds the settings would be a way to them that no grant names. */
function demandNewType(name: string, write: Write): void {
  const type = typeOf(name, write);
  demandServed(type, write.parts.runtime.name);
  if (type.singleton) throw new Fault("bad_request", `A service of type '${type.name}' exists already.`);
}

function demandMutable(stored: SystemRow): void {
  if (stored.mutable !== true) throw new Fault("forbidden", `Service '${String(stored.name)}' can not be changed.`);
}

/** What a request says of the type and config of a service. */
interface Change {
  readonly type: string | undefined;
  readonly said: JsonObject;
}

interface Configured {
  readonly type: ServiceType;
  readonly config: JsonObject;
}

/** Type and config after the change of the row as it stands, which has no columns when there is none yet. Raises `bad_request`. */
async function configure({ type: said, said: config }: Change, before: SystemRow, write: Write): Promise<Configured> {
  const { runtime, store } = write.parts;
  const type = typeOf(said ?? String(before.type), write);
  const changed = changeConfig({
    said: config,
    current: await readableConfig(storedConfig(before), store.vault, servicePurpose(Number(before.id))),
    secrets: secretPaths(type),
    isOtherType: before.type !== undefined && type.name !== before.type,
    principal: write.principal,
  });
  readConfig(type, changed, runtime.env);
  return { type, config: knownConfig(type, changed) };
}

/** Checks the change before any transaction begins, and with `test` whether the service can be reached then. */
async function tryConfig(name: string, change: Change, before: SystemRow, write: Write): Promise<void> {
  const { type, config } = await configure(change, before, write);
  if (write.flag("test")) await tryService({ name, type: type.name, config }, write);
}

/** Inside the transaction, from the row as it stands there, so that no other change is lost. */
async function storeConfig(id: number, change: Change, before: SystemRow, write: Write, rows: Rows): Promise<void> {
  const { type, config } = await configure(change, before, write);
  const sealed = await sealConfig(config, secretPaths(type), write.parts.store.vault, servicePurpose(id));
  await rows.update("service", { id }, { config: JSON.stringify(sealed) });
}

async function tryService(service: Parameters<ServicePool["open"]>[0], { parts, signal }: Write): Promise<void> {
  const opened = await parts.services.open(service).catch((error: unknown) => {
    throw connectFault(error);
  });
  try {
    await opened.test(signal);
  } finally {
    await opened.close();
  }
}
