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
import type { Rows, SystemRow } from "./rows.ts";
import { openConfig } from "./seal.ts";
import type { Vault } from "./secrets.ts";

/** Reads the settings from the system tables. */
export async function loadSettings(rows: Rows, vault: Vault, log: Logger): Promise<Settings> {
  // The version first: a change made while the rest is read then shows as a newer version.
  const [state] = await rows.read("store_state");
  const services = await Promise.all((await rows.read("service")).map((row) => readService(row, vault, log)));
  const roles = readRoles(await rows.read("role"), await rows.read("role_service_access"));
  const apps = new Map((await rows.read("app")).map((row): [number, AppRecord] => [Number(row.id), readApp(row)]));
  const admins = (await rows.read("user", { is_sys_admin: true })).map(readAdmin);
  return {
    version: String(state?.version),
    services: new Map(services.map((service) => [service.name, service])),
    roles: new Map(roles.map((role) => [role.id, role])),
    apps,
    appsByKey: readKeys(await rows.read("api_key", { is_active: true }), apps),
    admins: new Map(admins.map((admin) => [admin.id, admin])),
    revokedTokens: new Set((await rows.read("token_revocation")).map((row) => String(row.jti))),
  };
}

/** What the secrets of a service are bound to. */
export function servicePurpose(name: string): string {
  return `service ${name}`;
}

/** The config as it is stored: with its secrets encrypted. */
export function storedConfig(row: SystemRow): JsonObject {
  const config = typeof row.config === "string" ? parseJson(row.config) : {};
  return isJsonObject(config) ? config : {};
}

async function readService(row: SystemRow, vault: Vault, log: Logger): Promise<ServiceRecord> {
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
  };
}

/** One service whose secrets cannot be read must not keep all the others from being served. */
async function openOrEmpty(row: SystemRow, name: string, vault: Vault, log: Logger): Promise<JsonObject> {
  try {
    return await openConfig(storedConfig(row), vault, servicePurpose(name));
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
