import { Fault } from "../../contract/fault.ts";
import type { Logger } from "../../contract/runtime.ts";
import type { Raw } from "../../http/app.ts";
import { alive } from "../../http/operations.ts";
import { renderFault } from "../../http/render.ts";
import type { Variables } from "../variables.ts";

export type Fetch = (request: Request, raw: Raw) => Promise<Response> | Response;

/** Takes the port. Raises an Error of one sentence when it can not. */
export type Listen = (variables: Variables, log: Logger) => Promise<Listener>;

/** A port that is taken, and who answers there. */
export interface Listener {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Until this is called, everybody is told to come again. */
  answerWith(fetch: Fetch): void;
  /** Takes no new connections, and finishes what runs. Resolves with how many requests had to be cut. */
  close(): Promise<number>;
}

/** The answer to everybody until the settings are read, but to those who ask whether the process lives. */
export function refuseAtStart(request: Request): Response {
  if (isLivenessProbe(request)) return alive(request);
  const fault = new Fault("unavailable", "Millrace is starting; please try again in a moment.", {
    headers: { "Retry-After": "1" },
  });
  return renderFault(fault, request, crypto.randomUUID());
}

/** The answer where the house fails to give one. The log says why, under the id that the client is told. */
export function refuseFailed(request: Request, error: unknown, log: Logger): Response {
  const fault = new Fault("internal", "Something went wrong inside the server.");
  const requestId = crypto.randomUUID();
  const cause = error instanceof Error ? error.stack : String(error);
  log.log("error", fault.message, { request_id: requestId, status: fault.status, cause });
  return renderFault(fault, request, requestId);
}

/** Whether that the process answers is all that is asked. */
export function isLivenessProbe({ method, url }: Request): boolean {
  return (method === "GET" || method === "HEAD") && new URL(url).pathname === "/livez";
}

/** The address of a listener as a URL. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Why the port could not be taken, as one sentence. */
export function listenError(error: unknown, { HOST, PORT }: Variables): Error {
  const { code } = error as { readonly code?: string };
  const reason =
    code === "EADDRINUSE" ? "something else listens there; choose another by PORT" : (code ?? "unknown error");
  return new Error(`Millrace can not listen on ${HOST}:${PORT}: ${reason}.`, { cause: error });
}
