import { Hono } from "hono";
import { isOpen } from "../access/open.ts";
import type { Reply } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import type { Once } from "../contract/once.ts";
import type { Principal } from "../contract/principal.ts";
import type { LogFields, Logger } from "../contract/runtime.ts";
import type { Settings } from "../contract/settings.ts";
import { Options } from "../db/options.ts";
import { admit, dispatch } from "../dispatch.ts";
import { authenticate } from "../identity/authenticate.ts";
import { type Credentials, readCredentials } from "../identity/credentials.ts";
import { credentialsRequired } from "../identity/refusal.ts";
import type { ServiceTypes } from "../services/pool.ts";
import {
  databaseFailure,
  type Exchange,
  headersOf,
  logExchange,
  logFieldsOf,
  openExchange,
  requestIdOf,
} from "./exchange.ts";
import { chooseShape, type Shape } from "./formats/choose.ts";
import { isNotModified, withTagOf } from "./not-modified.ts";
import type { Answered, Observer } from "./observer.ts";
import { OPERATIONS, type Watched } from "./operations.ts";
import { type Body, mayHaveBody, readBody, readUpload } from "./read-body.ts";
import { API_PREFIX, makeCall, nothingServed, readTarget, refuseDots, type Target } from "./read-call.ts";
import { renderAs, renderFault, renderReply } from "./render.ts";
import type { StreamHost } from "./stream.ts";

/** What HTTP hands its calls to. */
export interface House extends Watched {
  readonly types: ServiceTypes;
  readonly log: Logger;
  readonly mostBodyBytes: number;
  readonly once: Once;
  /** Who counts the requests, if anybody. */
  readonly observer?: Observer | undefined;
}

/** Where no credentials are asked for: a login is smaller by far. */
const MOST_OPEN_BODY_BYTES = 16 * 1024;

/** What a runtime knows of a request beyond the `Request`. */
export interface Raw {
  /** The target as the client wrote it: making a `Request` of it takes dots out of the path. */
  readonly target?: string;
  /** Where an answer that streams has to be a part of its request. */
  readonly streaming?: StreamHost;
}

/** The whole of HTTP: a `Request` comes in, a `Response` goes out. */
export function createApp(house: House): Hono<{ Bindings: Raw }> {
  const app = new Hono<{ Bindings: Raw }>();
  app.all(API_PREFIX, ({ req, env }) => serve(req.raw, env, house));
  app.all(`${API_PREFIX}/*`, ({ req, env }) => serve(req.raw, env, house));
  for (const [path, answerProbe] of Object.entries(OPERATIONS)) {
    app.get(path, ({ req }) => answerProbe(req.raw, house));
  }
  app.get("/", ({ req }) => renderReply(HOME, requestIdOf(req.raw.headers)));
  app.notFound(({ req }) => renderFault(nothingServed(), req.raw, requestIdOf(req.raw.headers)));
  return app;
}

const HOME: Reply = { status: 200, content: { value: { name: "Millrace", api: API_PREFIX } } };

async function serve(request: Request, raw: Raw, house: House): Promise<Response> {
  const { log, observer } = house;
  observer?.arrived();
  const exchange = openExchange(request);
  const work = () => answer(exchange, raw, house);
  const answered = log.during ? log.during(logFieldsOf(exchange), work) : work();
  const response = await answered.catch((error: unknown) => refuse(error, exchange, house));
  const ms = performance.now() - exchange.began;
  logExchange(exchange, response.status, ms, log);
  observer?.answered(seenOf(exchange, response.status, ms, house.store.settings));
  return response;
}

function refuse(error: unknown, exchange: Exchange, house: House): Response {
  const { request, requestId, target } = exchange;
  const fault = faultOf(error);
  exchange.failure = databaseFailure(fault);
  if (fault.status >= 500 && target && exchange.failure) house.lastFailures.note(target.service, exchange.failure);
  if (!request.signal.aborted) logFault(fault, error, logFieldsOf(exchange), house.log);
  return renderFault(fault, request, requestId, headersOf(exchange));
}

function seenOf(exchange: Exchange, status: number, ms: number, settings: Settings): Answered {
  const { target, failure } = exchange;
  return {
    service: target !== undefined && settings.services.has(target.service) ? target.service : "-",
    verb: target?.verb ?? "-",
    status,
    ms,
    ...(failure !== undefined && { failure }),
    isLogin: target !== undefined && target.verb === "POST" && isSessionPath(target),
  };
}

async function answer(exchange: Exchange, raw: Raw, house: House): Promise<Response> {
  const { request, requestId, trace } = exchange;
  if (raw.target !== undefined) refuseDots(raw.target);
  const url = new URL(request.url);
  const target = readTarget(request, url);
  exchange.target = target;
  shapeOf(request, target, undefined);
  const credentials = readCredentials(request.headers, url.searchParams);
  const body = await readAllowedBody(request, target, credentials, house);
  // Only now: who was shut out while the body arrived is shut out. From here on there is one picture of the settings.
  const { settings } = house.store;
  const principal = await identify(target, credentials, house, settings);
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const call = makeCall(target, {
    principal,
    ...body,
    header,
    requestId,
    trace,
    host: url.origin,
    signal: request.signal,
  });
  const shape = shapeOf(request, target, body.body);
  const reply = withTagOf(shape.format.name, await dispatch(call, { ...house, settings }));
  const shown = isNotModified(reply, request) ? { ...reply, status: 304 } : reply;
  return renderAs(shown, {
    shape,
    requestId,
    more: headersOf(exchange),
    isHead: request.method === "HEAD",
    platform: raw.streaming,
    failed: (error) =>
      house.log.log("warn", "An answer broke off.", { ...logFieldsOf(exchange), cause: describeCause(error) }),
  });
}

/** Like all options, those of the form may stand in the body. Raises `bad_request` and `not_acceptable`. */
function shapeOf({ headers }: Request, { params, verb }: Target, body: Json | undefined): Shape {
  const options = new Options(params, body, verb);
  return chooseShape(headers, (name) => (name === "accept" ? params.get(name) : options.text(name)));
}

/** A stranger gets no more than the body of a login read, and who may not do what the call says no body at all. */
async function readAllowedBody(
  request: Request,
  target: Target,
  credentials: Credentials,
  house: House,
): Promise<Body> {
  const open = isOpen(target.verb, target.service, target.path);
  const isGuest = credentials.apiKey === undefined && credentials.token === undefined;
  if (isGuest && !open) throw credentialsRequired();
  if (!mayHaveBody(request)) return { body: undefined };
  if (open) return readBody(request, MOST_OPEN_BODY_BYTES);
  const { settings } = house.store;
  const principal = await identify(target, credentials, house, settings);
  admit({ ...target, principal, requestor: "api" }, { settings, types: house.types });
  return readUpload(request, target) ?? readBody(request, house.mostBodyBytes);
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

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("internal", "Something went wrong inside the server. The log has the details.", { cause: error });
}

/** Our own failures at once; what a caller did wrong only where somebody looks for it, and there is more to say than the answer. */
function logFault(fault: Fault, error: unknown, fields: LogFields, log: Logger): void {
  const cause = error instanceof Fault ? error.cause : error;
  const isOurs = fault.status >= 500 && fault.code !== "not_implemented";
  if (!isOurs && cause === undefined) return;
  const level = fault.status === 500 ? "error" : isOurs ? "warn" : "debug";
  if (log.writes(level))
    log.log(level, fault.message, { ...fields, status: fault.status, cause: describeCause(cause) });
}

function describeCause(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const inner = error.cause === undefined ? {} : { cause: describeCause(error.cause) };
  return { name: error.name, message: error.message, ...inner, stack: error.stack?.split("\n").slice(1, 6).join("\n") };
}
