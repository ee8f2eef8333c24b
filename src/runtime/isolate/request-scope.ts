import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestScope } from "../../contract/runtime.ts";
import type { StreamHost } from "../../http/stream.ts";

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

/** Does `work` as one request. It ends when its answer is given, and one that streams has been sent or left. */
export function asRequest<T>(work: (streaming: StreamHost) => Promise<T>): ScopedWork<T> {
  const deferred: (() => Promise<void>)[] = [];
  const streams: Promise<void>[] = [];
  const scope: RequestScope = { defer: (each) => deferred.push(each) };
  const streaming: StreamHost = {
    within: (step) => scopes.run(scope, step),
    until: (ended) => streams.push(ended),
  };
  const result = scopes.run(scope, () => work(streaming));
  const end = async () => {
    await Promise.all(streams);
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
