import { type IncomingMessage, STATUS_CODES } from "node:http";
import { Fault } from "../../contract/fault.ts";
import { renderFault } from "../../http/render.ts";

/** Why what came in on a connection is no request, from the error of Node's parser. */
export function wireFault({ code }: NodeJS.ErrnoException): Fault {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new Fault("headers_too_large", "The target and the headers of the request are too large.");
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return slowFault();
  return new Fault("bad_request", "The request is not valid HTTP/1.1.");
}

/** The answer to who lets the server wait in the middle of a request. */
export function slowFault(): Fault {
  return new Fault("request_timeout", "The request took too long to arrive.");
}

/** The answer to a request for a tunnel. */
export function tunnelFault(): Fault {
  return new Fault("bad_request", "Tunnels are not served.");
}

/** The answer to a target or a Host header of which no URL can be made. */
export function targetFault(cause: unknown): Fault {
  const message = "The target or the Host header of the request is not valid.";
  return new Fault("bad_request", message, { cause, headers: { Connection: "close" } });
}

/** What Node's parser lets pass: other versions of HTTP, and no or several Host headers (RFC 9112 §3.2). */
export function framingFault({ httpVersion, rawHeaders, headers }: IncomingMessage): Fault | undefined {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") {
    return new Fault("bad_request", "Only HTTP/1.1 and HTTP/1.0 are served.");
  }
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts === 0 && httpVersion === "1.0") return undefined;
  if (hosts === 1 && headers.host !== "") return undefined;
  return new Fault("bad_request", "The request must name its host, in exactly one Host header.");
}

/** Stands for one that could not be looked at. */
export const NO_REQUEST = new Request("http://localhost");

/** A refusal for which no request could be looked at. */
export function render(fault: Fault): Response {
  return renderFault(fault, NO_REQUEST, crypto.randomUUID());
}

/** A refusal as the text of the last answer on a connection. */
export async function refusalText(fault: Fault): Promise<string> {
  const response = render(fault);
  const body = await response.text();
  const headers = {
    ...Object.fromEntries(response.headers),
    Date: new Date().toUTCString(),
    Connection: "close",
    "Content-Length": Buffer.byteLength(body),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}\r\n${lines.join("")}\r\n${body}`;
}
