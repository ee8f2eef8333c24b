import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

interface Progress {
  readonly bytes: number;
  /** In milliseconds of `performance.now()`. */
  readonly since: number;
}

/** Finds the clients that have stopped in the middle of a body: those that wait for us have not. */
export class StalledBodies {
  readonly #mostMs: number;
  readonly #progress = new WeakMap<IncomingMessage, Progress>();

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** The connections of those requests that have not moved for too long. To be called again and again. */
  find(arriving: Iterable<IncomingMessage>): readonly Socket[] {
    return [...arriving].filter((request) => this.#isStalled(request)).map(({ socket }) => socket);
  }

  #isStalled(request: IncomingMessage): boolean {
    const before = this.#progress.get(request);
    const bytes = request.socket.bytesRead;
    const isOurTurn = request.readableLength > 0 || request.isPaused();
    if (before !== undefined && before.bytes === bytes && !isOurTurn)
      return performance.now() - before.since >= this.#mostMs;
    this.#progress.set(request, { bytes, since: performance.now() });
    return false;
  }
}
