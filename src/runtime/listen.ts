import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { Fault } from "../contract/fault.ts";
import type { Raw } from "../http/app.ts";
import { renderFault } from "../http/render.ts";
import type { Variables } from "./variables.ts";

type Fetch = (request: Request, raw: Raw) => Promise<Response> | Response;

/** A port that is taken, and who answers there. */
export interface Listener {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Until this is called, everybody is told to come again. */
  answerWith(fetch: Fetch): void;
  /** Takes no new requests, and finishes those that run. */
  close(): Promise<void>;
}

/** Room for a filter of 64 KiB in the query, percent-encoded. */
const MOST_HEADER_BYTES = 256 * 1024;
/** How long requests that run may take to finish when the server closes. */
const DRAIN_MS = 10_000;

/** Takes the port. Raises an Error of one sentence when it can not. */
export async function listen(variables: Variables): Promise<Listener> {
  let answer: Fetch = refuse;
  const { server, port } = await bind(variables, (request, raw) => answer(request, raw));
  const { HOST } = variables;
  return {
    url: `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${port}`,
    answerWith: (fetch) => {
      answer = fetch;
    },
    close: () => drain(server),
  };
}

function refuse(request: Request): Response {
  const fault = new Fault("unavailable", "Millrace is starting; please try again in a moment.", {
    headers: { "Retry-After": "1" },
  });
  return renderFault(fault, request, crypto.randomUUID());
}

function bind(variables: Variables, answer: Fetch): Promise<{ server: Server; port: number }> {
  const { HOST: hostname, PORT: port } = variables;
  const fetch = (request: Request, { incoming }: { incoming: { url?: string } }) =>
    answer(request, { target: incoming.url ?? "" });
  const serverOptions = { maxHeaderSize: MOST_HEADER_BYTES };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port, serverOptions }, (info) =>
      resolve({ server, port: info.port }),
    ) as Server;
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, variables)));
  });
}

function listenError(error: NodeJS.ErrnoException, { HOST, PORT }: Variables): Error {
  const reason =
    error.code === "EADDRINUSE"
      ? "something else listens there; choose another by PORT"
      : (error.code ?? "unknown error");
  return new Error(`Millrace can not listen on ${HOST}:${PORT}: ${reason}.`, { cause: error });
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
