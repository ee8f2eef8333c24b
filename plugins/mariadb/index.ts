import * as v from "valibot";
import { defineDatabase } from "../../src/db/define.ts";
import { mysqlConfig } from "../mysql/config.ts";
import { connectMysql } from "../mysql/index.ts";
import { mariadb } from "./dialect.ts";

export default defineDatabase({
  name: "mariadb",
  label: "MariaDB",
  description: "MariaDB 10.5 and later.",
  config: mysqlConfig,
  store: {
    schemes: ["mariadb"],
    connect: (url, host) =>
      connectMysql(v.parse(mysqlConfig, { dsn: url.replace(/^mariadb:/, "mysql:") }), mariadb, host),
  },
  connect: (config, host) => connectMysql(config, mariadb, host),
});
