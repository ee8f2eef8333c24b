import { accessOf, seesService } from "../../src/access/access.ts";
import type { Requestor } from "../../src/contract/call.ts";
import type { Principal } from "../../src/contract/principal.ts";
import type { AppRecord, RoleRecord, ServiceAccess, ServiceRecord, Settings } from "../../src/contract/settings.ts";

export const DB = service(1, "db");
export const FILES = service(2, "files");

/** An entry of a role: on service `db` and for API calls, unless said otherwise. */
export function entry(component: string, verbMask: number, rest: Partial<ServiceAccess> = {}): ServiceAccess {
  return { serviceId: DB.id, component, verbMask, requestorMask: 1, ...rest };
}

/** What an app with these entries may do with a component of `db`. */
export function mask(
  access: readonly ServiceAccess[],
  component: readonly string[],
  requestor: Requestor = "api",
  on: ServiceRecord = DB,
): number {
  const { settings, principal } = house(access);
  return accessOf(settings, principal, requestor, on).verbs(component);
}

export function sees(access: readonly ServiceAccess[], requestor: Requestor = "api", on: ServiceRecord = DB): boolean {
  const { settings, principal } = house(access);
  return seesService(settings, principal, requestor, on);
}

/** Settings with one role, and an app that has it. */
export function house(access: readonly ServiceAccess[], isActive = true): { settings: Settings; principal: Principal } {
  const role: RoleRecord = { id: 7, name: "reader", isActive, access };
  const app: AppRecord = { id: 3, name: "site", isActive: true, roleId: role.id };
  const settings: Settings = {
    version: "1",
    services: new Map([DB, FILES].map((each) => [each.name, each])),
    roles: new Map([[role.id, role]]),
    apps: new Map([[app.id, app]]),
    appsByKey: new Map(),
    admins: new Map(),
    revokedTokens: new Set(),
  };
  return { settings, principal: { kind: "app", app, role } };
}

function service(id: number, name: string): ServiceRecord {
  return {
    id,
    name,
    label: name,
    description: null,
    type: "sqlite",
    isActive: true,
    config: {},
    extras: { stamp: "", tables: {} },
    revision: "1",
  };
}
