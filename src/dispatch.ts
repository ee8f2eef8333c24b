import { accessOf, seesService } from "./access/access.ts";
import { isOpen } from "./access/open.ts";
import type { Call, Reply } from "./contract/call.ts";
import { Fault } from "./contract/fault.ts";
import type { Access } from "./contract/service.ts";
import type { ServiceRecord, Settings } from "./contract/settings.ts";
import { credentialsRequired } from "./identity/refusal.ts";
import type { ServicePool, ServiceTypes } from "./services/pool.ts";
import { listServices } from "./services/root.ts";

/** What the river runs on. */
export interface Bed {
  readonly settings: Settings;
  readonly services: ServicePool;
  readonly types: ServiceTypes;
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
  if (!open) access.demand(call.path, call.verb);
  return bed.services.use(record, (service) => service.handle(call, access));
}

/** Of a call that is made for another one: what that one sent is its own. */
function withoutBody({ upload: _upload, ...call }: Call): Call {
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
