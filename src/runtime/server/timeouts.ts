/** How long a server waits for its clients, in milliseconds. */
export interface Timeouts {
  /** For the headers of a request, from the first byte or the connecting on. */
  readonly headersMs: number;
  /** For the next part of a body; how long all of it takes is no matter. */
  readonly bodyMs: number;
  /** For the next request on a connection: longer than proxies keep one (mostly 60 s), lest both use it at once. */
  readonly keepAliveMs: number;
  /** For a client that takes no more of its answer. */
  readonly stalledMs: number;
  /** For a client that has its last answer and goes on sending. */
  readonly lingerMs: number;
  /** When closing, for another request on a connection that has just been used. */
  readonly quietMs: number;
  /** When closing, for the requests that run. */
  readonly graceMs: number;
}

export const TIMEOUTS: Timeouts = {
  headersMs: 30_000,
  bodyMs: 60_000,
  keepAliveMs: 75_000,
  stalledMs: 60_000,
  lingerMs: 5_000,
  quietMs: 1_000,
  graceMs: 12_000,
};
