import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestScope } from "../../contract/runtime.ts";

const scopes = new AsyncLocalStorage<RequestScope>();

/** The request on whose behalf this runs. */
export function presentScope(): RequestScope {
  const scope = scopes.getStore();
  if (scope === undefined) throw new Error("Nothing is opened outside of a request.");
  return scope;
}

export interface ScopedWork<T> {
  readonly result: Promise<T>;
  /** Done when all is closed that the work had opened. Never raises. */
  readonly ended: Promise<void>;
}

/** Does `work` as one request. An answer is whole when it is given; the end of one that streams would be awaited here as well. */
export function asRequest<T>(work: () => Promise<T>): ScopedWork<T> {
  const deferred: (() => Promise<void>)[] = [];
  const result = scopes.run({ defer: (each) => deferred.push(each) }, work);
  const end = async () => {
    await Promise.allSettled(deferred.map((each) => each()));
  };
  return { result, ended: result.then(end, end) };
}

/**
 * Does what other requests wait for too. It is a request of its own: the one that begins it may be answered, and its
 * connections closed, before the work is done.
 */
export function asOwnRequest<T>(work: () => Promise<T>): Promise<T> {
  const { result, ended } = asRequest(work);
  presentScope().defer(() => ended);
  return result;
}
