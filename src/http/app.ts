import { Hono } from "hono";
import { isOpen } from "../access/open.ts";
import type { Reply } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Principal } from "../contract/principal.ts";
import type { Logger } from "../contract/runtime.ts";
import type { Settings } from "../contract/settings.ts";
import { dispatch } from "../dispatch.ts";
import { authenticate } from "../identity/authenticate.ts";
import { type Credentials, readCredentials } from "../identity/credentials.ts";
import { credentialsRequired } from "../identity/refusal.ts";
import type { TokenKey } from "../identity/token.ts";
import type { ServicePool, ServiceTypes } from "../services/pool.ts";
import type { Store } from "../store/store.ts";
import {
  API_PREFIX,
  makeCall,
  mayHaveBody,
  nothingServed,
  readBody,
  readTarget,
  refuseDots,
  type Target,
} from "./read-call.ts";
import { demandJsonAccepted, renderFault, renderReply } from "./render.ts";

/** What HTTP hands its calls to. */
export interface House {
  readonly store: Store;
  readonly services: ServicePool;
  readonly types: ServiceTypes;
  readonly tokenKey: TokenKey;
  readonly log: Logger;
  readonly mostBodyBytes: number;
}

/** Where no credentials are asked for: a login is smaller by far. */
const MOST_OPEN_BODY_BYTES = 16 * 1024;

/** What a runtime knows of a request beyond the `Request`. */
export interface Raw {
  /** The target as the client wrote it: making a `Request` of it takes dots out of the path. */
  readonly target?: string;
}

/** The whole of HTTP: a `Request` comes in, a `Response` goes out. */
export function createApp(house: House): Hono<{ Bindings: Raw }> {
  const app = new Hono<{ Bindings: Raw }>();
  app.all(API_PREFIX, ({ req, env }) => serve(req.raw, env, house));
  app.all(`${API_PREFIX}/*`, ({ req, env }) => serve(req.raw, env, house));
  for (const [path, value] of Object.entries(FIXED)) {
    app.get(path, ({ req }) => renderReply({ status: 200, content: { value } }, requestIdOf(req.raw)));
  }
  app.notFound(({ req }) => renderFault(nothingServed(), req.raw, requestIdOf(req.raw)));
  return app;
}

/** What is answered to everybody, outside of the API. */
const FIXED: Readonly<Record<string, JsonObject>> = {
  "/livez": { status: "ok" },
  "/readyz": { status: "ok" },
  "/": { name: "Millrace", api: API_PREFIX },
};

async function serve(request: Request, raw: Raw, house: House): Promise<Response> {
  const requestId = requestIdOf(request);
  const began = performance.now();
  const response = await answer(request, raw, house, requestId).catch((error: unknown) => {
    const fault = faultOf(error);
    if (!request.signal.aborted) logFault(fault, error, requestId, house.log);
    return renderFault(fault, request, requestId);
  });
  logRequest(request, response, performance.now() - began, requestId, house.log);
  return response;
}

/** The table is told, an identifier behind it is not: it is a value. */
function logRequest(request: Request, { status }: Response, ms: number, requestId: string, log: Logger): void {
  if (!log.writes("debug")) return;
  const path = new URL(request.url).pathname.split("/").slice(3, 6).join("/");
  log.log("debug", "request", {
    request_id: requestId,
    verb: request.method,
    path,
    status,
    ms: Math.round(ms * 100) / 100,
  });
}

async function answer(request: Request, raw: Raw, house: House, requestId: string): Promise<Response> {
  if (raw.target !== undefined) refuseDots(raw.target);
  const url = new URL(request.url);
  const target = readTarget(request, url);
  demandJsonAccepted(request);
  const credentials = readCredentials(request.headers, url.searchParams);
  const body = await readAllowedBody(request, target, credentials, house);
  // Only now: who was shut out while the body arrived is shut out. From here on there is one picture of the settings.
  const { settings } = house.store;
  const principal = await identify(target, credentials, house, settings);
  const call = makeCall(target, { principal, body, requestId, host: url.origin, signal: request.signal });
  const reply: Reply = await dispatch(call, { settings, services: house.services, types: house.types });
  return renderReply(reply, requestId);
}

/** A stranger gets no more than the body of a login read. */
async function readAllowedBody(request: Request, target: Target, credentials: Credentials, house: House) {
  const open = isOpen(target.verb, target.service, target.path);
  const isGuest = credentials.apiKey === undefined && credentials.token === undefined;
  if (isGuest && !open) throw credentialsRequired();
  if (!mayHaveBody(request)) return undefined;
  if (!open) await identify(target, credentials, house, house.store.settings);
  return readBody(request, open ? MOST_OPEN_BODY_BYTES : house.mostBodyBytes);
}

function identify(target: Target, credentials: Credentials, house: House, settings: Settings): Promise<Principal> {
  const isSession = isSessionPath(target);
  const context = { tokenKey: house.tokenKey, now: Date.now, forRefresh: isSession && target.verb === "PUT" };
  const principal = authenticate(credentials, settings, context);
  // Whoever logs in may still carry the token of a session that is over.
  return isSession && target.verb === "POST" ? principal.catch(() => ({ kind: "guest" })) : principal;
}

/** Segment by segment: `admin%2Fsession` is one segment, and not the resource. */
function isSessionPath({ service, path }: Target): boolean {
  return service === "system" && path.length === 2 && path[0] === "admin" && path[1] === "session";
}

/** An id that the client or a proxy gave is kept when it is harmless in a header and in a log. */
function requestIdOf(request: Request): string {
  const given = request.headers.get("X-Request-Id");
  return given !== null && /^[\w.:-]{1,64}$/.test(given) ? given : crypto.randomUUID();
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("internal", "Something went wrong inside the server. The log has the details.", { cause: error });
}

/** Our own failures at once; what a caller did wrong only where somebody looks for it, and there is more to say than the answer. */
function logFault(fault: Fault, error: unknown, requestId: string, log: Logger): void {
  const cause = error instanceof Fault ? error.cause : error;
  const isOurs = fault.status >= 500 && fault.code !== "not_implemented";
  if (!isOurs && cause === undefined) return;
  const level = fault.status === 500 ? "error" : isOurs ? "warn" : "debug";
  if (log.writes(level))
    log.log(level, fault.message, { request_id: requestId, status: fault.status, cause: describeCause(cause) });
}

function describeCause(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const inner = error.cause === undefined ? {} : { cause: describeCause(error.cause) };
  return { name: error.name, message: error.message, ...inner, stack: error.stack?.split("\n").slice(1, 6).join("\n") };
}
