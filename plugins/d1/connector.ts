import type { ServiceHost } from "../../src/contract/service.ts";
import type { Connector } from "../../src/db/connector.ts";
import { type SqlParts, sqlConnector } from "../../src/db/sql/connector.ts";
import { introspect, SERVED } from "../sqlite/introspect.ts";
import { d1Alter } from "./alter.ts";
import { runPlans } from "./batch.ts";
import { d1 } from "./dialect.ts";
import type { D1Driver } from "./driver.ts";

/** All but what D1 keeps for itself. */
const SERVED_BY_D1 = `${SERVED} AND t.name NOT LIKE '!_cf!_%' ESCAPE '!' AND t.name <> 'd1_migrations'`;

/** A connector for a D1 database: SQLite without transactions that stay open, but with batches. */
export function d1Connector(driver: D1Driver, exactNumbers: SqlParts["exactNumbers"], host: ServiceHost): Connector {
  return sqlConnector(
    {
      dialect: d1,
      exactNumbers,
      driver,
      introspect: (execute) => introspect(execute, SERVED_BY_D1),
      alter: (dialect) => d1Alter(dialect, driver, host),
      batch: (plans, dialect, signal) => runPlans(plans, { dialect, driver, host, signal }),
    },
    host,
  );
}
