import { accessOf, seesService } from "./access/access.ts";
import { isGuardedByParts, isOpen } from "./access/open.ts";
import type { Call, Reply } from "./contract/call.ts";
import { Fault } from "./contract/fault.ts";
import type { Once } from "./contract/once.ts";
import { type Access, SYSTEM_TYPE } from "./contract/service.ts";
import type { ServiceRecord, Settings } from "./contract/settings.ts";
import { readOnce } from "./identity/once.ts";
import { credentialsRequired } from "./identity/refusal.ts";
import type { ServicePool, ServiceTypes } from "./services/pool.ts";
import { listServices } from "./services/root.ts";
import { whileStreaming } from "./services/streaming.ts";

/** What the river runs on. */
export interface Bed {
  readonly settings: Settings;
  readonly services: ServicePool;
  readonly types: ServiceTypes;
  /** Does what must be done once. */
  readonly once: Once;
}

/** THE RIVER: the one way that every call takes, wherever it comes from. */
export async function dispatch(call: Call, bed: Bed): Promise<Reply> {
  const open = isOpen(call.verb, call.service, call.path);
  if (call.principal.kind === "guest" && !open) throw credentialsRequired();
  if (call.service === "") return listServices(call, seenServices(call, bed), bed.types);
  const record = findService(call, bed, open);
  const access: Access = {
    ...accessOf(bed.settings, call.principal, call.requestor, record),
    enter: (inner) => dispatch({ ...withoutBody(call), ...inner, header: () => undefined }, bed),
  };
  if (!open && !isGuardedByParts(call.verb, call.path)) access.demand(componentOf(call, record, bed), call.verb);
  const work = () =>
    bed.services.use(record, async (service, hold) => whileStreaming(await service.handle(call, access), hold));
  const once = readOnce(call, record.type === SYSTEM_TYPE);
  return once === undefined ? work() : bed.once(once, work);
}

/** What the rights of the call are about: its path, unless services of the type put more than names there. */
function componentOf({ path }: Call, { type }: ServiceRecord, { types }: Bed): readonly string[] {
  return types.get(type)?.component?.(path) ?? path;
}

/** Of a call that is made for another one: what that one sent is its own. */
function withoutBody({ upload: _upload, texts: _texts, ...call }: Call): Call {
  return call;
}

function seenServices(call: Call, { settings }: Bed): readonly ServiceRecord[] {
  return [...settings.services.values()].filter(
    (record) => record.isActive && seesService(settings, call.principal, call.requestor, record),
  );
}

/** A service that the caller may not use at all answers as one that does not exist. */
function findService(call: Call, { settings }: Bed, open: boolean): ServiceRecord {
  const record = settings.services.get(call.service);
  const isSeen = record !== undefined && (open || seesService(settings, call.principal, call.requestor, record));
  if (!isSeen) throw new Fault("not_found", `Could not find a service for '${call.service.slice(0, 64)}'.`);
  if (!record.isActive) throw new Fault("forbidden", `Service '${record.name}' is not active.`);
  return record;
}
