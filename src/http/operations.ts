import { Fault } from "../contract/fault.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Principal } from "../contract/principal.ts";
import type { RuntimeName } from "../contract/runtime.ts";
import type { ServiceRecord } from "../contract/settings.ts";
import { authenticate } from "../identity/authenticate.ts";
import { readCredentials } from "../identity/credentials.ts";
import type { TokenKey } from "../identity/token.ts";
import type { ServicePool } from "../services/pool.ts";
import type { Store } from "../store/store.ts";
import { requestIdOf } from "./exchange.ts";
import type { LastFailures } from "./last-failures.ts";
import { renderFault, renderReply } from "./render.ts";

/** What can be told of a running Millrace. */
export interface Watched {
  readonly store: Store;
  readonly services: ServicePool;
  readonly tokenKey: TokenKey;
  readonly lastFailures: LastFailures;
  readonly version: string;
  readonly runtime: RuntimeName;
  /** When it began to serve, in milliseconds since 1970. */
  readonly since: number;
  /** Whether it serves on only until somebody else does. */
  isStopping(): boolean;
}

type Answer = (request: Request, watched: Watched) => Response | Promise<Response>;

/** The paths for those who watch. None of them asks a database. */
export const OPERATIONS: Readonly<Record<string, Answer>> = { "/livez": alive, "/readyz": ready, "/status": status };

/** That this is answered is all it says: it needs no settings. */
export function alive(request: Request): Response {
  return reply(request, { status: "ok" });
}

/** Whether requests should be sent here. The settings are loaded, or this would not be asked. */
function ready(request: Request, watched: Watched): Response {
  if (!watched.isStopping()) return reply(request, { status: "ok" });
  const headers = { "Retry-After": "1" };
  const fault = new Fault("unavailable", "Millrace is stopping; please ask another.", { headers });
  return renderFault(fault, request, requestIdOf(request.headers));
}

/** To strangers only that it serves: versions and names help an attacker. To administrators what they need to find a fault. */
async function status(request: Request, watched: Watched): Promise<Response> {
  try {
    const { kind } = await identify(request, watched);
    return reply(request, { ...brief(watched), ...(kind === "admin" && details(watched)) });
  } catch (error) {
    if (error instanceof Fault) return renderFault(error, request, requestIdOf(request.headers));
    throw error;
  }
}

function identify({ headers, url }: Request, { tokenKey, store }: Watched): Promise<Principal> {
  const credentials = readCredentials(headers, new URL(url).searchParams);
  return authenticate(credentials, store.settings, { tokenKey, now: Date.now });
}

function brief(watched: Watched): JsonObject {
  return { name: "Millrace", status: watched.isStopping() ? "stopping" : "ok" };
}

function details(watched: Watched): JsonObject {
  const { version, runtime, since, store } = watched;
  const { readAt, checkedAt, isCurrent } = store.freshness;
  return {
    version,
    runtime,
    uptime_s: Math.floor((Date.now() - since) / 1000),
    settings: {
      version: store.settings.version,
      read_at: timeOf(readAt),
      checked_at: timeOf(checkedAt),
      is_current: isCurrent,
    },
    services: [...store.settings.services.values()].map((record) => describe(record, watched)),
  };
}

function describe(record: ServiceRecord, { services, lastFailures }: Watched): JsonObject {
  const { isOpen, running } = services.usage(record);
  const failure = lastFailures.of(record.name);
  return {
    name: record.name,
    type: record.type,
    is_active: record.isActive,
    is_open: isOpen,
    running_calls: running,
    last_failure: failure === undefined ? null : { kind: failure.kind, at: timeOf(failure.at) },
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function reply(request: Request, value: JsonObject): Response {
  return renderReply({ status: 200, content: { value } }, requestIdOf(request.headers));
}
