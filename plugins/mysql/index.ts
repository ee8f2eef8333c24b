import * as v from "valibot";
import type { ServiceHost } from "../../src/contract/service.ts";
import type { Connector } from "../../src/db/connector.ts";
import { defineDatabase } from "../../src/db/define.ts";
import { withHyperdrive } from "../../src/db/hyperdrive.ts";
import { type Execute, sqlConnector } from "../../src/db/sql/connector.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import { mysqlAlter } from "./alter.ts";
import { type MysqlConfig, mysqlConfig } from "./config.ts";
import { mysql } from "./dialect.ts";
import { introspect } from "./introspect.ts";
import { mysqlRoutines } from "./routines.ts";

/** A connector for any server that speaks MySQL's protocol, in the given dialect. */
export async function connectMysql(said: MysqlConfig, dialect: Dialect, host: ServiceHost): Promise<Connector> {
  const config = withHyperdrive(said, host);
  const { openDriver } = await import("#driver/mysql");
  const parts = {
    dialect,
    exactNumbers: config.exact_numbers,
    driver: openDriver(config, host.scope),
    introspect: (execute: Execute) => introspect(execute, config.schema),
    alter: mysqlAlter,
    routines: mysqlRoutines(config.schema),
  };
  return sqlConnector(parts, host);
}

export default defineDatabase({
  name: "mysql",
  label: "MySQL",
  description: "MySQL 5.7 and later, and servers that speak its protocol.",
  config: mysqlConfig,
  store: {
    schemes: ["mysql"],
    connect: (url, host) => connectMysql(v.parse(mysqlConfig, { dsn: url }), mysql, host),
  },
  connect: (config, host) => connectMysql(config, mysql, host),
});
