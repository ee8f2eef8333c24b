import type { ServiceHost } from "../../src/contract/service.ts";
import type { Connector } from "../../src/db/connector.ts";
import { sqlConnector } from "../../src/db/sql/connector.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { sqliteAlter } from "./alter.ts";
import { sqlite } from "./dialect.ts";
import { introspect } from "./introspect.ts";

/** A connector for a database file that a driver of this folder opens. */
export function sqliteConnector(
  driver: Driver,
  exactNumbers: "number" | "string" = "number",
  host?: ServiceHost,
): Connector {
  return sqlConnector({ dialect: sqlite, exactNumbers, driver, introspect, alter: sqliteAlter }, host);
}
