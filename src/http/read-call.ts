import { type Call, VERB_BITS, type Verb } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import type { Principal } from "../contract/principal.ts";
import { parseJson } from "../lib/json.ts";
import { jsonErrorAt } from "../lib/json-position.ts";

export const API_PREFIX = "/api/v2";

/** What a request asks for, before its body is read. */
export interface Target {
  readonly verb: Verb;
  readonly service: string;
  readonly path: readonly string[];
  readonly params: ReadonlyMap<string, string>;
}

/** Each costs the memory of an object: more of them would make a body of 10 MiB cost seconds. */
const MOST_KEPT_NUMBERS = 250_000;

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

/** The method first: on Node the body of a request that has none costs as much as the rest of reading it. */
export function mayHaveBody(request: Request): boolean {
  return request.method !== "GET" && request.method !== "HEAD" && request.body !== null;
}

/** The body of a request as JSON, or `undefined` when there is none. Raises `bad_request`, `unsupported_media_type` or `payload_too_large`. */
export async function readBody(request: Request, mostBytes: number): Promise<Json | undefined> {
  demandPlain(request);
  const text = await readText(request, mostBytes);
  if (text.trim() === "") return undefined;
  demandJsonType(request);
  try {
    return parseJson(text, MOST_KEPT_NUMBERS);
  } catch (error) {
    throw new Fault(
      "bad_request",
      error instanceof RangeError
        ? `The JSON of the request ${error.message}.`
        : `The body of the request is not valid JSON at position ${jsonErrorAt(text)}.`,
    );
  }
}

function demandPlain(request: Request): void {
  const coding = request.headers.get("Content-Encoding")?.trim().toLowerCase() ?? "";
  if (coding === "" || coding === "identity") return;
  throw new Fault("unsupported_media_type", "The body of the request must not be compressed.");
}

/** Curl sends JSON as a form unless it is told otherwise; what begins like JSON is read as JSON. */
function demandJsonType(request: Request): void {
  const type = (request.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (
    type === "" ||
    type === "application/json" ||
    type.endsWith("+json") ||
    type === "text/json" ||
    type === "text/plain"
  )
    return;
  if (type === "application/x-www-form-urlencoded") return;
  throw new Fault("unsupported_media_type", "The body of the request must be JSON (application/json).");
}

async function readText(request: Request, mostBytes: number): Promise<string> {
  const tooLarge = () => new Fault("payload_too_large", `The body of the request is larger than ${mostBytes} bytes.`);
  if (Number(request.headers.get("Content-Length") ?? 0) > mostBytes) throw tooLarge();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let size = 0;
  let text = "";
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength;
    if (size > mostBytes) throw tooLarge();
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/** Only the client ends a body too early: that is no failure of the server. */
async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body ?? [];
  } catch (cause) {
    throw new Fault("bad_request", "The body of the request ended too early.", { cause });
  }
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new Fault("bad_request", "The body of the request is not valid UTF-8.");
  }
}

/** Puts a call together. */
export function makeCall(
  target: Target,
  rest: Pick<Call, "body" | "header" | "requestId" | "trace" | "host" | "signal"> & { principal: Principal },
): Call {
  return { ...target, ...rest, requestor: "api" };
}
