import { ALL_VERBS, type Requestor, VERB_BITS, type Verb } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Principal } from "../contract/principal.ts";
import { type Access, SYSTEM_TYPE } from "../contract/service.ts";
import type { RoleRecord, ServiceRecord, Settings } from "../contract/settings.ts";
import { type GrantedService, grantsOf } from "./grants.ts";

/** What the caller may do with the service: everything for an admin, nothing for a guest, else what the role says (contract §7). */
export function accessOf(
  settings: Settings,
  principal: Principal,
  requestor: Requestor,
  service: ServiceRecord,
): Omit<Access, "enter"> {
  const verbs = verbsOf(settings, principal, requestor, service);
  const allows = (component: readonly string[], verb: Verb) => (verbs(component) & VERB_BITS[verb]) !== 0;
  return {
    verbs,
    allows,
    demand(component, verb) {
      if (!allows(component, verb)) throw denied(verb, service);
    },
  };
}

/** Whether the caller may use anything of the service, and so may learn that it exists. */
export function seesService(
  settings: Settings,
  principal: Principal,
  requestor: Requestor,
  service: ServiceRecord,
): boolean {
  if (principal.kind === "admin") return true;
  const role = roleOf(settings, principal);
  return role !== undefined && grantsOf(role, requestor, granted(service)).giveAnything;
}

/** What the caller may do anywhere, as a text that differs when that does. */
export function rightsOf(settings: Settings, principal: Principal): string {
  return principal.kind === "admin" ? "all" : JSON.stringify(roleOf(settings, principal) ?? null);
}

function verbsOf(
  settings: Settings,
  principal: Principal,
  requestor: Requestor,
  service: ServiceRecord,
): Access["verbs"] {
  if (principal.kind === "admin") return () => ALL_VERBS;
  const role = roleOf(settings, principal);
  if (role === undefined) return () => 0;
  const grants = grantsOf(role, requestor, granted(service));
  return (component) => grants.mask(component);
}

function granted({ id, type }: ServiceRecord): GrantedService {
  return { id, isSystem: type === SYSTEM_TYPE };
}

/** The role as the settings know it now: one that was removed or switched off since the login gives nothing. */
function roleOf(settings: Settings, principal: Exclude<Principal, { kind: "admin" }>): RoleRecord | undefined {
  if (principal.kind === "guest") return undefined;
  const role = settings.roles.get(principal.role.id);
  return role?.isActive ? role : undefined;
}

/** Says nothing of the component: one that does not exist has to be refused in the same words. */
function denied(verb: Verb, service: ServiceRecord): Fault {
  return new Fault(
    "forbidden",
    `The role of this caller does not allow ${verb} on this resource of service '${service.name}'.`,
  );
}
