import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { type Fetch, type Listener, listenError, refuseAtStart, urlOf } from "./listen.ts";
import type { Variables } from "./variables.ts";

/** Room for a filter of 64 KiB in the query, percent-encoded. */
const MOST_HEADER_BYTES = 256 * 1024;
/** How long requests that run may take to finish when the server closes. */
const DRAIN_MS = 10_000;

/** Takes the port by Node's HTTP server. Raises an Error of one sentence when it can not. */
export async function listen(variables: Variables): Promise<Listener> {
  let answer: Fetch = refuseAtStart;
  const { server, port } = await bind(variables, (request, raw) => answer(request, raw));
  return {
    url: urlOf(variables.HOST, port),
    answerWith: (fetch) => {
      answer = fetch;
    },
    close: () => drain(server),
  };
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
    server.once("error", (error: unknown) => reject(listenError(error, variables)));
  });
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
