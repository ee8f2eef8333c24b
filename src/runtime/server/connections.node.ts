import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import { Server as PortServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Timeouts } from "./timeouts.ts";

/** How often a closing server looks for connections that have gone quiet. */
const SWEEP_MS = 100;
/** How long a closing server waits for somebody who connects. */
const LETTING_IN_MS = 10;
/** How long it lets in who connects without a pause. */
const MOST_LETTING_IN_MS = 500;

interface Connection {
  /** Requests that are not answered to the end. */
  readonly running: Set<ServerResponse>;
  /** When the last answer ended, in milliseconds of `performance.now()`. */
  quietSince: number;
  /** What comes in after the requests that run can not be read. */
  isBroken: boolean;
  /** Its last answer is written: what still comes in is not looked at. */
  isEnding: boolean;
}

/** The connections of an HTTP server, and how they end without cutting an answer off. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #timeouts: Timeouts;
  #accepted = 0;
  /** In milliseconds of `performance.now()`. */
  #drainingSince: number | undefined;

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
  }

  add(socket: Socket): void {
    this.#accepted++;
    this.#open.set(socket, { running: new Set(), quietSince: performance.now(), isBroken: false, isEnding: false });
    socket.once("close", () => this.#open.delete(socket));
    // Who resets a connection that Node no longer listens to must not end the process.
    socket.on("error", () => undefined);
    // Node closes after a last answer even when bytes are unread: a reset, which takes the answer with it.
    socket.destroySoon = () => this.end(socket);
  }

  /** Counts a request in until it is answered. False for one that follows the last answer (RFC 9112 §9.6). */
  admit({ socket }: IncomingMessage, outgoing: ServerResponse): boolean {
    const connection = this.#open.get(socket);
    if (connection === undefined || connection.isEnding) return false;
    connection.running.add(outgoing);
    outgoing.once("close", () => {
      connection.running.delete(outgoing);
      connection.quietSince = performance.now();
      if (connection.isBroken && connection.running.size === 0) this.end(socket);
    });
    return true;
  }

  /** The requests that have not arrived to their ends. */
  *arriving(): Generator<IncomingMessage> {
    for (const { running, isBroken } of this.#open.values())
      if (!isBroken) for (const { req } of running) if (!req.complete) yield req;
  }

  /** To be called before an answer is written: it may be the last, and must be taken in time. */
  prepare({ socket, complete }: IncomingMessage, outgoing: ServerResponse): void {
    socket.setTimeout(this.#timeouts.stalledMs);
    const connection = this.#open.get(socket);
    const isDraining = this.#drainingSince !== undefined;
    const isLast = connection?.running.size === 1 && (isDraining || connection.isBroken);
    if (isLast || !complete) outgoing.setHeader("Connection", "close");
    outgoing.destroy = (error) => breakAnswerOff(outgoing, error);
  }

  /** Ends a connection on which something came in that is no request, once those that came before it have their answers. */
  refuse(socket: Socket, answer: string): void {
    const connection = this.#open.get(socket);
    if (connection === undefined || connection.isEnding) return;
    connection.isBroken = true;
    const isBusy = [...connection.running].some(({ req, headersSent }) => req.complete || headersSent);
    if (!isBusy) this.end(socket, socket.bytesRead === 0 ? "" : answer);
    breakOff(connection, socket);
  }

  /** Ends our side after a last text, and lets the client read before the connection is gone. */
  end(socket: Socket, last = ""): void {
    const connection = this.#open.get(socket);
    if (connection?.isEnding !== false) return;
    connection.isEnding = true;
    socket.end(last, () => {
      const timer = setTimeout(() => socket.destroy(), this.#timeouts.lingerMs);
      socket.once("close", () => clearTimeout(timer));
    });
  }

  /** Lets nobody in any more, and waits until all have their answers. Resolves with how many requests had to be cut. */
  async drain(server: Server): Promise<number> {
    await this.#letAllIn();
    let cut = 0;
    const sweep = setInterval(() => this.#endQuiet(), SWEEP_MS);
    const grace = setTimeout(() => {
      cut = this.#cutAll();
    }, this.#timeouts.graceMs);
    const closed = closePort(server);
    // Only now: whoever is told that the connection closes makes another.
    this.#drainingSince = performance.now();
    await closed;
    clearInterval(sweep);
    clearTimeout(grace);
    return cut;
  }

  /**
   * A port that closes resets whoever waits in the kernel's queue, where each turn of the loop takes one.
   * So it closes when the queue is empty, and best when those from it wait for answers: they do not come again by then.
   */
  async #letAllIn(): Promise<void> {
    const began = performance.now();
    let patience = LETTING_IN_MS;
    for (let isEmpty = false; !isEmpty || performance.now() - began < patience; ) {
      const before = this.#accepted;
      await nextTurn();
      isEmpty = this.#accepted === before;
      if (!isEmpty) patience = 0;
      if (performance.now() - began > MOST_LETTING_IN_MS) return;
    }
  }

  /** Not at once, nor those that were busy a moment ago: their next request may be on its way. */
  #endQuiet(): void {
    const before = performance.now() - this.#timeouts.quietMs;
    for (const [socket, { running, quietSince }] of this.#open) {
      const since = Math.max(quietSince, this.#drainingSince ?? quietSince);
      if (running.size === 0 && since < before) this.end(socket);
    }
  }

  #cutAll(): number {
    const running = [...this.#open.values()].reduce((sum, connection) => sum + connection.running.size, 0);
    for (const socket of this.#open.keys()) socket.destroy();
    return running;
  }
}

/** What is missing of a request must not arrive any more: its client is told that it failed, so it must not be done. */
function breakOff({ running }: Connection, socket: Socket): void {
  // A listener takes the bytes away from the parser; without any they are thrown away.
  socket.on("data", () => undefined).removeAllListeners("data");
  socket.resume();
  for (const { req } of running) {
    if (req.complete) continue;
    // Node's own would reset the connection, and the answer with it.
    req._destroy = (error, done) => done(error);
    req.destroy();
  }
}

/** Only chunks tell that an answer is not whole (RFC 9112 §8); HTTP/1.0 has none, so that its connection must be reset. */
function breakAnswerOff(outgoing: ServerResponse, error: Error | undefined): ServerResponse {
  if (outgoing.headersSent && !outgoing.chunkedEncoding) outgoing.socket?.resetAndDestroy();
  return ServerResponse.prototype.destroy.call(outgoing, error) as ServerResponse;
}

/** Resolves when the last connection is gone. An HTTP server's own `close` would cut those that are between two requests. */
async function closePort(server: Server): Promise<void> {
  await new Promise((resolve) => PortServer.prototype.close.call(server, resolve));
  // Its watch over the timeouts ends only so.
  server.close();
}
