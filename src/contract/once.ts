import type { Reply } from "./call.ts";

/** A write that is to be done once, however often it is asked for. */
export interface OnceRequest {
  /** Who asks, and the key that they gave: what tells one such write from all others. */
  readonly identity: string;
  /** Verb, path, parameters and body: a repeat has the same. */
  readonly request: string;
  /** What the caller may do: with other rights a kept answer is not shown. */
  readonly rights: string;
  /** Whether nothing but one record is written: then a database that was not reached leaves nothing. */
  readonly isSingle: boolean;
  /** Whether the answer may hold what is to be shown once only: then it is not kept. */
  readonly isSecret: boolean;
}

/**
 * Does the work of a request unless it was done before, and gives the answer of the first time. Raises `conflict` while the
 * first is still at work, and `unprocessable` when the key was used for another request.
 */
export type Once = (asked: OnceRequest, work: () => Promise<Reply>) => Promise<Reply>;
