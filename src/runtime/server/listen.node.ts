import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener, type HttpBindings, RequestError } from "@hono/node-server";
import type { Fault } from "../../contract/fault.ts";
import type { Logger } from "../../contract/runtime.ts";
import type { Variables } from "../variables.ts";
import { Connections } from "./connections.node.ts";
import { type Fetch, type Listener, listenError, refuseAtStart, refuseFailed, urlOf } from "./listen.ts";
import {
  framingFault,
  NO_REQUEST,
  refusalText,
  render,
  slowFault,
  targetFault,
  tunnelFault,
  wireFault,
} from "./refusals.node.ts";
import { StalledBodies } from "./stalled-bodies.node.ts";
import { TIMEOUTS, type Timeouts } from "./timeouts.ts";

/** Room for a filter of 64 KiB in the query, percent-encoded. */
const MOST_HEADER_BYTES = 256 * 1024;
/** How often connections are looked at for requests that take too long to arrive. */
const TIMEOUT_CHECK_MS = 1_000;

/** Takes the port by Node's HTTP server. Raises an Error of one sentence when it can not. */
export async function listen(variables: Variables, log: Logger, timeouts: Timeouts = TIMEOUTS): Promise<Listener> {
  let answer: Fetch = refuseAtStart;
  const connections = new Connections(timeouts);
  const serve = requestListener((request, raw) => answer(request, raw), connections, log);
  const server = makeServer(serve, connections, timeouts);
  const port = await bind(server, variables);
  return {
    url: urlOf(variables.HOST, port),
    answerWith: (fetch) => {
      answer = fetch;
    },
    close: () => connections.drain(server),
  };
}

function makeServer(serve: RequestListener, connections: Connections, timeouts: Timeouts): Server {
  const server = createServer({
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: timeouts.headersMs,
    // It would be for all of a request together, and large bodies may take their time.
    requestTimeout: 0,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, timeouts.headersMs),
    // It is demanded by us, with a body that says so.
    requireHostHeader: false,
  });
  watchBodies(server, connections, timeouts);
  server.on("connection", (socket: Socket) => connections.add(socket));
  server.on("request", serve);
  // An expectation that nobody knows may be left out of account (RFC 9110 §10.1.1).
  server.on("checkExpectation", serve);
  server.on("connect", (_request, socket) => refuse(socket, tunnelFault(), connections));
  server.on("clientError", (error, socket) => refuse(socket, wireFault(error), connections));
  return server;
}

/** Refuses what stops in the middle of a body. */
function watchBodies(server: Server, connections: Connections, { bodyMs }: Timeouts): void {
  const bodies = new StalledBodies(bodyMs);
  const watch = setInterval(
    () => {
      for (const socket of bodies.find(connections.arriving())) refuse(socket, slowFault(), connections);
    },
    Math.min(TIMEOUT_CHECK_MS, bodyMs),
  );
  server.once("close", () => clearInterval(watch));
}

/** What Node's server hands requests to. */
function requestListener(answer: Fetch, connections: Connections, log: Logger): RequestListener {
  const fetch = async (request: Request, { incoming, outgoing }: HttpBindings) => {
    const fault = framingFault(incoming);
    const response = fault ? render(fault) : await answer(request, { target: incoming.url ?? "" });
    connections.prepare(incoming, outgoing);
    return response;
  };
  const serve = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
    // Where HTTP/1.0 names no host.
    hostname: "localhost",
    errorHandler: (error) =>
      error instanceof RequestError ? render(targetFault(error)) : refuseFailed(NO_REQUEST, error, log),
  });
  return (incoming, outgoing) => {
    if (connections.admit(incoming, outgoing)) serve(incoming, outgoing);
    else incoming.resume();
  };
}

async function refuse(socket: Duplex, fault: Fault, connections: Connections): Promise<void> {
  connections.refuse(socket as Socket, await refusalText(fault));
}

function bind(server: Server, variables: Variables): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: unknown) => reject(listenError(error, variables)));
    server.listen(variables.PORT, variables.HOST, () => resolve((server.address() as AddressInfo).port));
  });
}
