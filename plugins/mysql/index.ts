import type { Connector } from "../../src/db/connector.ts";
import { defineDatabase } from "../../src/db/define.ts";
import { sqlConnector } from "../../src/db/sql/connector.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import { type MysqlConfig, mysqlConfig } from "./config.ts";
import { mysql } from "./dialect.ts";
import { introspect } from "./introspect.ts";

/** A connector for any server that speaks MySQL's protocol, in the given dialect. */
export async function connectMysql(config: MysqlConfig, dialect: Dialect): Promise<Connector> {
  const { openDriver } = await import("./driver.node.ts");
  return sqlConnector({
    dialect,
    exactNumbers: config.exact_numbers,
    driver: openDriver(config),
    introspect: (execute) => introspect(execute, config.schema),
  });
}

export default defineDatabase({
  name: "mysql",
  label: "MySQL",
  description: "MySQL 5.7 and later, and servers that speak its protocol.",
  config: mysqlConfig,
  connect: (config) => connectMysql(config, mysql),
});
