import type { Driver } from "../../src/db/sql/driver.ts";
import { perRequest } from "../../src/db/sql/per-request.ts";
import { openDriver as openForGood, type PgDriverSettings } from "./driver.node.ts";

/** A request may have six connections open at once; some are left to others. */
const MOST_CONNECTIONS = 3;

/** PostgreSQL by node-postgres over the sockets of Workers, which end with the request that opened them. */
export function openDriver(settings: PgDriverSettings): Driver {
  const { scope, max } = settings;
  if (scope === undefined) throw new Error("Workers tie sockets to requests: the driver must know the present one.");
  return perRequest(() => openForGood({ ...settings, max: Math.min(max, MOST_CONNECTIONS) }), scope);
}
