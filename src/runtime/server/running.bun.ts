import type { Server } from "bun";
import { within } from "../../lib/within.ts";
import type { Timeouts } from "./timeouts.ts";

/** How often a closing server looks whether it has gone quiet. */
const SWEEP_MS = 50;
/** How long an answer is kept back for the rest of a body that nobody reads: mostly it is on its way. */
const REST_MS = 100;
/** How long a client that has its answer may pause in the middle of its body: longer ones are done. */
const PAUSE_MS = 1_000;

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
      const rest = restOf(request, response, this.#timeouts.lingerMs);
      const isWhole = rest === undefined || (await within(rest, REST_MS));
      if (this.#isDraining || !isWhole || asksForClose(request)) response.headers.set("Connection", "close");
      return isWhole ? response : endingAfter(rest, response);
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
    // Who has connected and asked nothing yet may be about to.
    this.#usedAt = performance.now();
    let cut = 0;
    const grace = setTimeout(() => {
      cut = server.pendingRequests;
      server.stop(true);
    }, this.#timeouts.graceMs);
    await this.#quiet();
    const stopped = server.stop();
    // Connections on which nothing was asked yet would be waited for, too.
    while (server.pendingRequests > 0) await sleep(SWEEP_MS);
    // The last answers may still be on their way, but for those that were cut.
    if (cut === 0) await this.#quiet();
    await Promise.all([server.stop(true), stopped]);
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

/** Takes the rest of a body that nobody reads, for a while, and gives whether it came to an end. Nothing where there is none. */
function restOf({ body, bodyUsed }: Request, { status }: Response, lingerMs: number): Promise<boolean> | undefined {
  if (body === null) return undefined;
  if (!bodyUsed) return readToEnd(body, lingerMs);
  // Who reads no further does not learn whether there is more; Bun throws it away.
  return status === 413 ? sleep(PAUSE_MS).then(() => false) : undefined;
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

/**
 * Gives the answer at once, and its end when the rest of the body has come. Bun closes after a last answer even when
 * bytes are unread: a reset, which takes the answer with it.
 */
function endingAfter(rest: Promise<unknown>, response: Response): Response {
  const { status, headers, body } = response;
  if (body === null) return response;
  const lingering = new ReadableStream({
    async start(controller) {
      for await (const part of body) controller.enqueue(part);
      await rest;
      controller.close();
    },
  });
  return new Response(lingering, { status, headers });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
