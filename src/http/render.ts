import type { Content, RecordStream, Reply } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** Headers that every answer of the API carries. Answers depend on who asks and must not be kept by anybody between. */
const COMMON = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

type ResponseHeaders = Readonly<Record<string, string>>;

/** A reply as an HTTP response, with headers of its request besides its own. */
export function renderReply(reply: Reply, requestId: string, more: ResponseHeaders = {}): Response {
  return new Response(bodyOf(reply.content), {
    status: reply.status,
    headers: { ...COMMON, "Content-Type": JSON_TYPE, ...reply.headers, ...more, "X-Request-Id": requestId },
  });
}

function bodyOf(content: Content): string | ReadableStream<Uint8Array> {
  if ("records" in content) return streamOf(listParts(content.records));
  return "json" in content ? content.json : JSON.stringify(content.value);
}

async function* listParts(records: RecordStream["records"]): AsyncGenerator<string> {
  let separator = "";
  yield '{"resource":[';
  for await (const some of records) {
    if (some.length === 0) continue;
    yield separator + some.join(",");
    separator = ",";
  }
  yield "]}";
}

/** Each part is asked for when the client has taken those before it; the parts end when the client is gone. */
function streamOf(parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

/** A failure as an HTTP response: DreamFactory's shape, or RFC 9457 where the client asks for it. */
export function renderFault(fault: Fault, request: Request, requestId: string, more: ResponseHeaders = {}): Response {
  const isProblem = (request.headers.get("Accept") ?? "").toLowerCase().includes("application/problem+json");
  const body = isProblem ? problemBody(fault, requestId) : errorBody(fault);
  const headers = {
    ...COMMON,
    ...fault.headers,
    ...more,
    "Content-Type": isProblem ? PROBLEM_TYPE : JSON_TYPE,
    "X-Request-Id": requestId,
  };
  return new Response(JSON.stringify(body), { status: fault.status, headers });
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

const JSON_ACCEPTED = /(?:^|[\s,])(?:\*\/\*|application\/\*|application\/(?:[\w.-]+\+)?json|text\/json)/i;

/** Raises `not_acceptable` when the client takes no JSON. Browsers ask for HTML first, and take anything. */
export function demandJsonAccepted(request: Request): void {
  const accept = request.headers.get("Accept");
  if (accept === null || accept.trim() === "" || JSON_ACCEPTED.test(accept)) return;
  throw new Fault("not_acceptable", "Answers are served as JSON (application/json).");
}
