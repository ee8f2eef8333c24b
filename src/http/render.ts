import type { RecordStream, Reply } from "../contract/call.ts";
import type { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { isJsonObject, parseStored } from "../lib/json.ts";
import { AS_JSON, chooseShape, type Shape } from "./formats/choose.ts";
import { attachment } from "./formats/disposition.ts";
import type { Whole } from "./formats/format.ts";
import { writeXml } from "./formats/xml.ts";
import { openStream, type StreamHost } from "./stream.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** Headers that every answer of the API carries. Answers depend on who asks and must not be kept by anybody between. */
const COMMON = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

type ResponseHeaders = Readonly<Record<string, string>>;

/** What shapes an answer besides the reply itself. */
export interface Rendering {
  readonly shape: Shape;
  readonly requestId: string;
  /** Headers of the request besides those of the reply. */
  readonly more: ResponseHeaders;
  /** A HEAD has no body, but is answered as the GET would be. */
  readonly isHead: boolean;
  readonly platform?: StreamHost | undefined;
  /** Told why a stream broke off. */
  failed(error: unknown): void;
}

/** A reply as JSON. */
export function renderReply(reply: Reply, requestId: string): Response {
  const { content } = reply;
  if ("records" in content) throw new Error("A stream is rendered as it is asked for.");
  return new Response(textOf(content), { status: reply.status, headers: headersOf(reply, AS_JSON, { requestId }) });
}

/** A reply in the form that was asked for. Raises what a stream raises before its first record. */
export async function renderAs(reply: Reply, rendering: Rendering): Promise<Response> {
  const { content, status } = reply;
  const { shape } = rendering;
  if (status === 304) return new Response(null, { status, headers: headersOf(reply, shape, rendering) });
  if ("records" in content) {
    const body = await bodyOf(content, rendering);
    return new Response(body, { status, headers: headersOf(reply, shape, rendering) });
  }
  const { text, meta } = written(content, shape);
  const headers = headersOf(reply, shape, { ...rendering, more: { ...meta, ...rendering.more } });
  return new Response(text, { status, headers });
}

async function bodyOf(stream: RecordStream, rendering: Rendering): Promise<ReadableStream<Uint8Array> | null> {
  const { shape, platform, failed, isHead } = rendering;
  const writer = shape.format.stream({ ...stream, csvSafe: shape.csvSafe });
  const body = await openStream(stream, { writer, platform, failed });
  if (!isHead) return body;
  await body.cancel();
  return null;
}

interface Written {
  readonly text: string;
  readonly meta?: ResponseHeaders;
}

function written(content: Whole, { format, csvSafe }: Shape): Written {
  if (format === AS_JSON.format) return { text: textOf(content) };
  const value = "json" in content ? parseStored(content.json) : content.value;
  const { fields, jsonFields } = "json" in content ? content : {};
  return {
    text: format.write(value, { fields, jsonFields, csvSafe }),
    ...(!format.holdsMeta && { meta: metaHeader(value) }),
  };
}

function textOf(content: Whole): string {
  return "json" in content ? content.json : JSON.stringify(content.value);
}

/** What stands beside the records, where the format has no place for it: that there are more of them must not be lost. */
function metaHeader(value: Json): ResponseHeaders {
  const meta = isJsonObject(value) && Array.isArray(value.resource) ? value.meta : undefined;
  if (!isJsonObject(meta)) return {};
  const { schema: _schema, ...rest } = meta;
  if (Object.keys(rest).length === 0) return {};
  const text = JSON.stringify(rest);
  return {
    "X-Meta": text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
  };
}

function headersOf(
  reply: Reply,
  { mediaType, fileName }: Shape,
  { requestId, more }: { readonly requestId: string; readonly more?: ResponseHeaders },
): ResponseHeaders {
  return {
    ...COMMON,
    "Content-Type": `${mediaType}; charset=utf-8`,
    ...(fileName !== undefined && { "Content-Disposition": attachment(fileName) }),
    ...reply.headers,
    ...more,
    "X-Request-Id": requestId,
  };
}

/** A failure as an HTTP response: DreamFactory's shape, as JSON or XML, or RFC 9457 where the client asks for it. */
export function renderFault(fault: Fault, request: Request, requestId: string, more: ResponseHeaders = {}): Response {
  const { type, text } = faultText(fault, request, requestId);
  const headers = { ...COMMON, ...fault.headers, ...more, "Content-Type": type, "X-Request-Id": requestId };
  return new Response(text, { status: fault.status, headers });
}

function faultText(fault: Fault, request: Request, requestId: string) {
  const isProblem = (request.headers.get("Accept") ?? "").toLowerCase().includes("application/problem+json");
  if (isProblem) return { type: PROBLEM_TYPE, text: JSON.stringify(problemBody(fault, requestId)) };
  const text = JSON.stringify(errorBody(fault));
  const asked = shapeAsked(request);
  if (asked.format.name !== "xml") return { type: JSON_TYPE, text };
  return { type: `${asked.mediaType}; charset=utf-8`, text: writeXml(parseStored(text)) };
}

/** The form that was asked for, as far as that can be said. */
function shapeAsked({ headers, url }: Request): Shape {
  try {
    const params = new URL(url).searchParams;
    return chooseShape(headers, (name) => params.get(name));
  } catch {
    return AS_JSON;
  }
}

function errorBody(fault: Fault) {
  return { error: { code: fault.wireCode, context: fault.context, message: fault.message, status_code: fault.status } };
}

function problemBody(fault: Fault, requestId: string) {
  return {
    type: "about:blank",
    title: fault.code.replaceAll("_", " "),
    status: fault.status,
    detail: fault.message,
    instance: requestId,
    context: fault.context,
  };
}
