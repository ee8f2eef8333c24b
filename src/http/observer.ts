import type { Verb } from "../contract/call.ts";
import type { DatabaseErrorKind } from "../db/errors.ts";

/** What is known of a request of the API once it is answered. */
export interface Answered {
  /** A service that exists, or `-`: names that callers make up must not fill a memory. */
  readonly service: string;
  /** `-` where the verb is none of the API. */
  readonly verb: Verb | "-";
  readonly status: number;
  /** From its arrival until its answer was ready, in milliseconds. */
  readonly ms: number;
  /** What the database of the service said, where that made the request fail. */
  readonly failure?: DatabaseErrorKind;
  /** Whether somebody tried to log in. */
  readonly isLogin: boolean;
}

/** Whoever counts the requests of the API. What it does happens on every request, and must be cheap. */
export interface Observer {
  /** A request has arrived: `answered` will follow. */
  arrived(): void;
  answered(seen: Answered): void;
}
