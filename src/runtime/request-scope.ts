import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestScope } from "../contract/runtime.ts";

const scopes = new AsyncLocalStorage<RequestScope>();

/** The request on whose behalf this runs. */
export function presentScope(): RequestScope {
  const scope = scopes.getStore();
  if (scope === undefined) throw new Error("Nothing is opened outside of a request.");
  return scope;
}

/** Does `work` as one request, and gives what is left to do once that is answered. */
export function asRequest<T>(work: () => Promise<T>): { readonly result: Promise<T>; readonly ended: Promise<void> } {
  const deferred: (() => Promise<void>)[] = [];
  const result = scopes.run({ defer: (each) => deferred.push(each) }, work);
  const end = async () => {
    for (const each of deferred) await each().catch(() => undefined);
  };
  return { result, ended: result.then(end, end) };
}
