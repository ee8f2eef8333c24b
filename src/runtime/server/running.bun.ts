import type { Server } from "bun";
import { within } from "../../lib/within.ts";
import type { Timeouts } from "./timeouts.ts";

/** How often a closing server looks whether it has gone quiet. */
const SWEEP_MS = 50;
/** How long a client that is refused may pause in the middle of its body: longer ones wait for the answer. */
const PAUSE_MS = 500;

/** The requests that a server of Bun runs, and how they end without cutting an answer off. */
export class Running {
  readonly #requests = new Set<Request>();
  readonly #timeouts: Timeouts;
  #watch: ReturnType<typeof setInterval> | undefined;
  #usedAt = Number.NEGATIVE_INFINITY;
  #isDraining = false;

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
  }

  /** Counts a request in until there is an answer, which is the last of its connection when the server closes. */
  async answer(request: Request, work: () => Promise<Response>): Promise<Response> {
    this.#requests.add(request);
    try {
      const response = await work();
      const isLast = !(await letFinish(request, response, this.#timeouts.lingerMs)) || asksForClose(request);
      if (this.#isDraining || isLast) response.headers.set("Connection", "close");
      return response;
    } finally {
      this.#requests.delete(request);
      this.#usedAt = performance.now();
    }
  }

  /** Bun takes a connection for idle while we work on its request; it is the client's time that is measured. */
  watch(server: Server<undefined>): void {
    const { keepAliveMs } = this.#timeouts;
    this.#watch = setInterval(() => {
      for (const request of this.#requests) if (hasArrived(request)) server.timeout(request, keepAliveMs / 1000);
    }, keepAliveMs / 5);
  }

  /**
   * Waits until all have their answers. Resolves with how many requests had to be cut. Bun's `stop` closes at once all
   * connections that are between two requests, so it has to wait until they have been told.
   */
  async drain(server: Server<undefined>): Promise<number> {
    this.#isDraining = true;
    let cut = 0;
    const grace = setTimeout(() => {
      cut = server.pendingRequests;
      server.stop(true);
    }, this.#timeouts.graceMs);
    await this.#quiet();
    // Connections on which nothing was asked yet would be waited for, too.
    await server.stop(server.pendingRequests === 0);
    clearTimeout(grace);
    clearInterval(this.#watch);
    return cut;
  }

  /** Whose connection was used a moment ago may be sending the next request; not for ever, as others keep coming. */
  async #quiet(): Promise<void> {
    const { quietMs } = this.#timeouts;
    const latest = performance.now() + 3 * quietMs;
    while (performance.now() < Math.min(latest, this.#usedAt + quietMs)) await sleep(SWEEP_MS);
  }
}

/** Whether the client has sent all: there is no body, or it has been read to the end. */
function hasArrived(request: Request): boolean {
  return request.body === null || (request.bodyUsed && !request.body.locked);
}

/** Bun closes when it is asked to, but does not say so: clients would take the connection for theirs. */
function asksForClose({ headers }: Request): boolean {
  return /\bclose\b/i.test(headers.get("Connection") ?? "");
}

/** Lets a client that is refused send on for a while: it would be reset, and never see why. Gives whether it came to an end. */
async function letFinish(request: Request, { status }: Response, lingerMs: number): Promise<boolean> {
  if (request.body === null) return true;
  if (!request.bodyUsed) return readToEnd(request.body, lingerMs);
  // Who reads no further does not learn whether there is more; Bun throws it away.
  if (status === 413) await sleep(PAUSE_MS);
  return status !== 413;
}

async function readToEnd(body: ReadableStream<Uint8Array>, lingerMs: number): Promise<boolean> {
  const reader = body.getReader();
  for (const deadline = performance.now() + lingerMs; performance.now() < deadline; ) {
    const part = await within(reader.read(), PAUSE_MS).catch(() => undefined);
    if (part === undefined) return false;
    if (part.done) return true;
  }
  return false;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
