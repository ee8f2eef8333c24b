import type { LogFields, Logger } from "../contract/runtime.ts";
import type { Trace } from "../contract/trace.ts";
import { DatabaseError, type DatabaseErrorKind } from "../db/errors.ts";
import { readTrace, traceparentOf } from "../lib/trace-context.ts";
import type { Target } from "./read-call.ts";

/** One request of the API, from its arrival to its answer. */
export interface Exchange {
  readonly request: Request;
  readonly requestId: string;
  readonly trace: Trace;
  /** In milliseconds of `performance.now()`. */
  readonly began: number;
  /** What it asks for, once that is read. */
  target?: Target;
  /** What a database said, where that made it fail. */
  failure?: DatabaseErrorKind;
}

export function openExchange(request: Request): Exchange {
  const { headers } = request;
  return { request, requestId: requestIdOf(headers), trace: readTrace(headers), began: performance.now() };
}

/** An id that the client or a proxy gave is kept when it is harmless in a header and in a log. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get("X-Request-Id");
  return given !== null && /^[\w.:-]{1,64}$/.test(given) ? given : crypto.randomUUID();
}

/** What the answer says of its trace. Only who takes part in one can use it: all others have the id of the request. */
export function headersOf({ request, trace }: Exchange): Readonly<Record<string, string>> {
  return request.headers.has("traceparent") ? { traceresponse: traceparentOf(trace) } : {};
}

/** What every log line about a request carries. */
export function logFieldsOf({ requestId, trace }: Exchange): LogFields {
  return { request_id: requestId, trace_id: trace.traceId, span_id: trace.spanId };
}

/** What the database of a service said, if that is why a call failed. */
export function databaseFailure(error: unknown): DatabaseErrorKind | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DatabaseError ? cause.kind : undefined;
}

/** The table is told, an identifier behind it is not: it is a value. */
export function logExchange(exchange: Exchange, status: number, ms: number, log: Logger): void {
  if (!log.writes("debug")) return;
  const { method, url } = exchange.request;
  log.log("debug", "request", {
    ...logFieldsOf(exchange),
    verb: method,
    path: new URL(url).pathname.split("/").slice(3, 6).join("/"),
    status,
    ms: Math.round(ms * 100) / 100,
  });
}
