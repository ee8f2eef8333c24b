import type { RequestScope } from "../../contract/runtime.ts";
import { type Driver, NoStream, type Result, type Statement } from "./driver.ts";

/** Most connections of one driver in one request: Workers let a request have six open at once, and some are left to others. */
export const MOST_PER_REQUEST = 3;

/** A driver for platforms that tie sockets to requests: each request has connections of its own, which end with it. */
export function perRequest(open: () => Driver, scope: () => RequestScope): Driver {
  const drivers = new WeakMap<RequestScope, Driver>();
  const current = (): Driver => {
    const request = scope();
    const known = drivers.get(request);
    if (known !== undefined) return known;
    const driver = open();
    drivers.set(request, driver);
    request.defer(() => driver.close());
    return driver;
  };
  const stream = (statement: Statement, signal: AbortSignal): AsyncIterable<Result> => {
    const results = current().stream?.(statement, signal);
    if (results === undefined) throw new NoStream();
    return results;
  };
  return {
    stream,
    execute: (statement, signal) => current().execute(statement, signal),
    transaction: (work, signal, isReadOnly) => current().transaction(work, signal, isReadOnly),
    call: (work, mode, signal) => {
      const driver = current();
      return driver.call?.(work, mode, signal) ?? driver.transaction(work, signal, mode.isReadOnly);
    },
    close: async () => {},
  };
}
