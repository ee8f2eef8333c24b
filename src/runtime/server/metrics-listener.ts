import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RuntimeName } from "../../contract/runtime.ts";
import type { Variables } from "../variables.ts";
import { buildOf } from "./build.ts";
import { urlOf } from "./listen.ts";
import type { Metrics } from "./metrics.ts";

/** A port of its own for Prometheus: what is counted is not for the public. */
export interface MetricsListener extends Pick<Metrics, "observer" | "follow"> {
  /** Where the metrics are, such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves metrics where METRICS_PORT asks for it. Raises an Error of one sentence when the port can not be taken. */
export async function listenForMetrics(variables: Variables, name: RuntimeName): Promise<MetricsListener | undefined> {
  if (variables.METRICS_PORT === undefined) return undefined;
  // Only now: who asks for no metrics pays for none.
  const { createMetrics } = await import("./metrics.ts");
  const metrics = createMetrics(buildOf(name));
  const server = createServer((request, response) => {
    answer(request, response, metrics).catch(() => response.destroy());
  });
  const port = await bind(server, variables.METRICS_HOST, variables.METRICS_PORT);
  const { observer, follow } = metrics;
  return { url: `${urlOf(variables.METRICS_HOST, port)}/metrics`, observer, follow, close: () => end(server) };
}

async function answer({ method, url }: IncomingMessage, response: ServerResponse, metrics: Metrics): Promise<void> {
  const isAsked = (method === "GET" || method === "HEAD") && url?.split("?", 1)[0] === "/metrics";
  if (!isAsked) {
    response.writeHead(404, { "Content-Type": "text/plain" }).end("Only /metrics is served here.\n");
    return;
  }
  const text = await metrics.text();
  response.writeHead(200, { "Content-Type": metrics.contentType }).end(text);
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(bindError(error, host, port)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function bindError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const isTaken = error.code === "EADDRINUSE";
  const reason = isTaken ? "something else listens there; choose another by METRICS_PORT" : error.code;
  return new Error(`Millrace can not serve metrics on ${host}:${port}: ${reason ?? "unknown error"}.`, {
    cause: error,
  });
}

/** Nobody is kept waiting: who reads metrics reads them again. */
function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
