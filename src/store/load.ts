import type { SchemaExtras } from "../contract/extras.ts";
import type { Json, JsonObject } from "../contract/json.ts";
import type { Logger } from "../contract/runtime.ts";
import type {
  AdminRecord,
  AppRecord,
  RoleRecord,
  ServiceAccess,
  ServiceRecord,
  Settings,
} from "../contract/settings.ts";
import { isJsonObject, parseJson } from "../lib/json.ts";
import { extrasOf } from "./extras.ts";
import type { Rows, SystemRow } from "./rows.ts";
import { openConfig } from "./seal.ts";
import type { Vault } from "./secrets.ts";

/** The rows that the settings are made of, all of one moment. */
export interface SettingsRows {
  readonly version: string;
  readonly services: readonly SystemRow[];
  readonly roles: readonly SystemRow[];
  readonly access: readonly SystemRow[];
  readonly apps: readonly SystemRow[];
  readonly keys: readonly SystemRow[];
  readonly admins: readonly SystemRow[];
  readonly revoked: readonly SystemRow[];
  readonly extras: readonly SystemRow[];
}

/** Reads the system tables; `undefined` when another node changed them meanwhile, so that they do not fit together. */
export async function readSettingsRows(rows: Rows): Promise<SettingsRows | undefined> {
  const read = await rows.readAll([
    ["store_state"],
    ["service"],
    ["role"],
    ["role_service_access"],
    ["app"],
    ["api_key", { is_active: true }],
    ["user", { is_sys_admin: true }],
    ["token_revocation"],
    ["schema_extra"],
    ["store_state"],
  ]);
  const [
    before,
    services = [],
    roles = [],
    access = [],
    apps = [],
    keys = [],
    admins = [],
    revoked = [],
    extras = [],
    after,
  ] = read;
  const version = versionOf(before);
  // In some databases each statement of a transaction sees its own moment; every change changes the version.
  if (versionOf(after) !== version) return undefined;
  return { version, services, roles, access, apps, keys, admins, revoked, extras };
}

function versionOf([state]: readonly SystemRow[] = []): string {
  return String(state?.version);
}

/** The settings that these rows are. */
export async function settingsOf(rows: SettingsRows, vault: Vault, log: Logger): Promise<Settings> {
  const extras = Map.groupBy(rows.extras, (row) => Number(row.service_id));
  const services = await Promise.all(
    rows.services.map((row) => readService(row, extrasOf(extras.get(Number(row.id))), vault, log)),
  );
  const roles = readRoles(rows.roles, rows.access);
  const apps = new Map(rows.apps.map((row): [number, AppRecord] => [Number(row.id), readApp(row)]));
  const admins = rows.admins.map(readAdmin);
  return {
    version: rows.version,
    services: new Map(services.map((service) => [service.name, service])),
    roles: new Map(roles.map((role) => [role.id, role])),
    apps,
    appsByKey: readKeys(rows.keys, apps),
    admins: new Map(admins.map((admin) => [admin.id, admin])),
    revokedTokens: new Set(rows.revoked.map((row) => String(row.jti))),
  };
}

/** What the secrets of a service are bound to: its id, which a rename leaves as it is. */
export function servicePurpose(id: number): string {
  return `service ${id}`;
}

/** The config as it is stored: with its secrets encrypted. */
export function storedConfig(row: SystemRow): JsonObject {
  const config = typeof row.config === "string" ? parseJson(row.config) : {};
  return isJsonObject(config) ? config : {};
}

async function readService(row: SystemRow, extras: SchemaExtras, vault: Vault, log: Logger): Promise<ServiceRecord> {
  const name = String(row.name);
  return {
    id: Number(row.id),
    name,
    label: textOr(row.label, name),
    description: typeof row.description === "string" ? row.description : null,
    type: String(row.type),
    isActive: row.is_active === true,
    config: await openOrEmpty(row, name, vault, log),
    revision: JSON.stringify([row.id, row.type, row.config]),
    extras,
  };
}

/** One service whose secrets cannot be read must not keep all the others from being served. */
async function openOrEmpty(row: SystemRow, name: string, vault: Vault, log: Logger): Promise<JsonObject> {
  try {
    return await openConfig(storedConfig(row), vault, servicePurpose(Number(row.id)));
  } catch (error) {
    log.log("error", `service.${name}: its stored secrets can not be read.`, { error: String(error) });
    return {};
  }
}

function readRoles(roles: readonly SystemRow[], access: readonly SystemRow[]): readonly RoleRecord[] {
  return roles.map((row) => ({
    id: Number(row.id),
    name: String(row.name),
    isActive: row.is_active === true,
    access: access.filter((each) => each.role_id === row.id).map(readAccess),
  }));
}

function readAccess(row: SystemRow): ServiceAccess {
  return {
    serviceId: numberOrNull(row.service_id),
    component: String(row.component),
    verbMask: Number(row.verb_mask),
    requestorMask: Number(row.requestor_mask),
  };
}

function readApp(row: SystemRow): AppRecord {
  return {
    id: Number(row.id),
    name: String(row.name),
    isActive: row.is_active === true,
    roleId: numberOrNull(row.role_id),
  };
}

function readKeys(keys: readonly SystemRow[], apps: ReadonlyMap<number, AppRecord>): ReadonlyMap<string, AppRecord> {
  const byDigest = new Map<string, AppRecord>();
  for (const key of keys) {
    const app = apps.get(Number(key.app_id));
    if (app) byDigest.set(String(key.digest), app);
  }
  return byDigest;
}

function readAdmin(row: SystemRow): AdminRecord {
  return {
    id: Number(row.id),
    name: textOr(row.name, String(row.email)),
    username: textOr(row.username, String(row.email)),
    firstName: textOr(row.first_name, ""),
    lastName: textOr(row.last_name, ""),
    email: String(row.email),
    isSysAdmin: true,
    lastLoginDate: typeof row.last_login_date === "string" ? row.last_login_date : null,
    isActive: row.is_active === true,
    tokensSince: Number(row.tokens_since),
  };
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

function numberOrNull(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}
