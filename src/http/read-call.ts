import { type Call, VERB_BITS, type Verb } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Principal } from "../contract/principal.ts";

export const API_PREFIX = "/api/v2";

/** What a request asks for, before its body is read. */
export interface Target {
  readonly verb: Verb;
  readonly service: string;
  readonly path: readonly string[];
  readonly params: ReadonlyMap<string, string>;
}

const OVERRIDES = ["X-HTTP-Method", "X-Method-Override", "X-HTTP-Method-Override"] as const;

/** Reads verb, service, path and parameters. Raises `bad_request` or `method_not_allowed`. */
export function readTarget(request: Request, url: URL): Target {
  const segments = readSegments(pathBelowPrefix(url));
  const [name = "", ...path] = segments;
  const service = name.toLowerCase();
  return { verb: readVerb(request, url.searchParams), service, path, params: new Map(url.searchParams) };
}

/** The router compares decoded paths: one that spells the prefix in another way is not served. */
function pathBelowPrefix({ pathname }: URL): string {
  if (pathname === API_PREFIX || pathname.startsWith(`${API_PREFIX}/`)) return pathname.slice(API_PREFIX.length);
  throw nothingServed();
}

/** The answer to every path outside of the API that serves nothing. */
export function nothingServed(): Fault {
  return new Fault("not_found", `Nothing is served here. The API begins at ${API_PREFIX}.`);
}

function badPath(): Fault {
  return new Fault("bad_request", "The path holds an empty segment or dots.");
}

const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:[/?#]|$)/i;

/** Raises `bad_request` for a target whose path holds `.` or `..`, written out or encoded. */
export function refuseDots(target: string): void {
  const path = target.split("?", 1)[0] ?? "";
  if (DOT_SEGMENT.test(path)) throw badPath();
}

/** Path segments, each decoded once. A trailing slash is left out; empty segments and dots are refused. */
function readSegments(path: string): readonly string[] {
  const raw = path.replace(/^\//, "");
  if (raw === "") return [];
  const segments = raw.replace(/\/$/, "").split("/");
  return segments.map((segment) => {
    const text = decodeSegment(segment);
    if (text === "" || text === "." || text === "..") throw badPath();
    return text;
  });
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Fault("bad_request", "The path is not encoded rightly.");
  }
}

/** HEAD is GET without a body. Another verb may be tunnelled through POST, and is then the one that is authorised. */
function readVerb(request: Request, params: URLSearchParams): Verb {
  const said = request.method === "HEAD" ? "GET" : request.method;
  const header = OVERRIDES.map((name) => request.headers.get(name)).find((value) => value);
  const override = said === "POST" && (header || params.get("method") || params.get("_method"));
  const verb = (override || said).trim().toUpperCase();
  if (!isVerb(verb)) {
    throw new Fault("method_not_allowed", "The verb of the request is not served.", {
      headers: { Allow: Object.keys(VERB_BITS).join(", ") },
    });
  }
  return verb;
}

function isVerb(text: string): text is Verb {
  return Object.hasOwn(VERB_BITS, text);
}

/** Puts a call together. */
export function makeCall(
  target: Target,
  rest: Pick<Call, "body" | "upload" | "texts" | "header" | "requestId" | "trace" | "host" | "signal"> & {
    principal: Principal;
  },
): Call {
  return { ...target, ...rest, requestor: "api" };
}
