import type { RequestScope } from "../../src/contract/runtime.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { perRequest } from "../../src/db/sql/per-request.ts";
import type { MysqlConfig } from "./config.ts";
import { openDriver as openForGood } from "./driver.node.ts";

/** A request may have six connections open at once; some are left to others. */
const MOST_CONNECTIONS = 3;

/** MySQL and MariaDB by mysql2 over the sockets of Workers, which end with the request that opened them. */
export function openDriver(config: MysqlConfig, scope?: () => RequestScope): Driver {
  if (scope === undefined) throw new Error("Workers tie sockets to requests: the driver must know the present one.");
  const pool = { ...config.pool, max: Math.min(config.pool.max, MOST_CONNECTIONS) };
  return perRequest(() => openForGood({ ...config, pool }), scope);
}
