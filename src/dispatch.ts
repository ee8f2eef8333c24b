import { accessOf, rightsOf, seesService } from "./access/access.ts";
import { isOpen } from "./access/open.ts";
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

/** Who asks for what: all of a call that its rights are about. */
export type Attempt = Pick<Call, "verb" | "service" | "path" | "principal" | "requestor">;
type Gates = Pick<Bed, "settings" | "types">;

/** THE RIVER: the one way that every call takes, wherever it comes from. */
export async function dispatch(call: Call, bed: Bed): Promise<Reply> {
  const admitted = admit(call, bed);
  if (admitted === undefined) return listServices(call, seenServices(call, bed), bed.types);
  const { record } = admitted;
  const access: Access = {
    ...admitted.access,
    enter: (inner) => dispatch({ ...withoutBody(call), ...inner, header: () => undefined }, bed),
  };
  const serve = (said: Call) =>
    bed.services.use(record, async (service, hold) => whileStreaming(await service.handle(said, access), hold));
  const once = readOnce(call, rightsOf(bed.settings, call.principal), record.type === SYSTEM_TYPE);
  // What is to be done once is done to its end, whether or not its caller waits for it.
  return once === undefined ? serve(call) : bed.once(once, () => serve({ ...call, signal: NEVER }));
}

interface Admitted {
  readonly record: ServiceRecord;
  readonly access: Omit<Access, "enter">;
}

/**
 * The service of a call, and what its caller may do there; nothing for the root of the API. Raises what shuts the caller
 * out: to be asked before a body is read, too.
 */
export function admit(call: Attempt, bed: Gates): Admitted | undefined {
  const open = isOpen(call.verb, call.service, call.path);
  if (call.principal.kind === "guest" && !open) throw credentialsRequired();
  if (call.service === "") return undefined;
  const record = findService(call, bed, open);
  const access = accessOf(bed.settings, call.principal, call.requestor, record);
  if (!open && !bed.types.get(record.type)?.guardsParts?.(call))
    access.demand(componentOf(call, record, bed), call.verb);
  return { record, access };
}

const NEVER = new AbortController().signal;

/** What the rights of the call are about: its path, unless services of the type put more than names there. */
function componentOf({ path }: Attempt, { type }: ServiceRecord, { types }: Gates): readonly string[] {
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
function findService(call: Attempt, { settings }: Gates, open: boolean): ServiceRecord {
  const record = settings.services.get(call.service);
  const isSeen = record !== undefined && (open || seesService(settings, call.principal, call.requestor, record));
  if (!isSeen) throw new Fault("not_found", `Could not find a service for '${call.service.slice(0, 64)}'.`);
  if (!record.isActive) throw new Fault("forbidden", `Service '${record.name}' is not active.`);
  return record;
}
