/** For how long a server is spoken to plainly before it is asked for TLS again, in milliseconds. */
const PLAIN_FOR_MS = 60_000;

/** What `prefer` has found out about a server; pools and requests may share it. */
export class TlsExperience {
  #plainUntil = Number.NEGATIVE_INFINITY;

  /** Whether the server did without TLS not long ago. Never for good: it may have TLS by now, or somebody stood between. */
  get speaksPlain(): boolean {
    return performance.now() < this.#plainUntil;
  }

  /** Notes how a connection was made. */
  note(isPlain: boolean): void {
    this.#plainUntil = isPlain ? performance.now() + PLAIN_FOR_MS : Number.NEGATIVE_INFINITY;
  }
}
