import type { Trace } from "../contract/trace.ts";

/** Version, trace id, parent id, flags, and what only a later version may add. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/s;
/** The flags that are defined: sampled and, since Level 2, random. Others are not handed on. */
const KNOWN_FLAGS = 0b11;
const RANDOM = 0b10;

/**
 * The trace that a request belongs to (W3C Trace Context Level 2), with a span id of its own. A `traceparent` that is missing
 * or not valid begins a new trace, and its `tracestate` is then not looked at.
 */
export function readTrace(headers: Headers): Trace {
  const parent = readParent(headers.get("traceparent"));
  if (parent === undefined) return { traceId: newTraceId(), spanId: newSpanId(), flags: RANDOM };
  const state = readState(headers.get("tracestate"));
  return { ...parent, spanId: newSpanId(), ...(state !== undefined && { state }) };
}

/** The headers that carry a trace on to a server that is called on behalf of its request. */
export function traceHeaders(trace: Trace): Readonly<Record<string, string>> {
  return { traceparent: traceparentOf(trace), ...(trace.state !== undefined && { tracestate: trace.state }) };
}

/** A trace in the form `00-{trace id}-{span id}-{flags}`, which `traceparent` and `traceresponse` share. */
export function traceparentOf({ traceId, spanId, flags }: Trace): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}`;
}

function readParent(header: string | null): Pick<Trace, "traceId" | "flags"> | undefined {
  const [, version, traceId, flags, rest] = (header !== null && TRACEPARENT.exec(header)) || [];
  if (traceId === undefined || flags === undefined || (version === "00" && rest !== undefined)) return undefined;
  return { traceId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
}

/** The digits of a UUID: its version keeps them from being all zeros, and the last seven bytes are random, as Level 2 asks. */
function newTraceId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** The last half of a UUID: its variant keeps it from being all zeros. */
function newSpanId(): string {
  const id = crypto.randomUUID();
  return id.slice(19, 23) + id.slice(24);
}

const MEMBER = /^([a-z0-9][a-z0-9_*/@-]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MOST_MEMBERS = 32;
/** As many characters are handed on: what the standard asks for at least. */
const MOST_STATE = 512;
/** Where there is not room for all, members longer than this go first. */
const LONG_MEMBER = 128;
/** 32 members of the greatest length with a comma each; a longer header is not even read. */
const LONGEST_HEADER = MOST_MEMBERS * 514;

/** A `tracestate` without empty members; `undefined` when nothing is left or any of it is not valid. */
function readState(header: string | null): string | undefined {
  if (header === null || header.length > LONGEST_HEADER) return undefined;
  const members = header.split(",").flatMap((each) => each.trim() || []);
  const keys = members.map((member) => MEMBER.exec(member)?.[1]);
  const isValid = !keys.includes(undefined) && new Set(keys).size === keys.length && keys.length <= MOST_MEMBERS;
  return isValid && keys.length > 0 ? shorten(members) : undefined;
}

/** Whole members are left out, long ones first, and then from the end. */
function shorten(members: readonly string[]): string | undefined {
  const isLong = members.join(",").length > MOST_STATE;
  let kept = isLong ? members.filter((member) => member.length <= LONG_MEMBER) : members;
  while (kept.join(",").length > MOST_STATE) kept = kept.slice(0, -1);
  return kept.length === 0 ? undefined : kept.join(",");
}
