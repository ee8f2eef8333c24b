import { defineDatabase } from "../../src/db/define.ts";
import { mysqlConfig } from "../mysql/config.ts";
import { connectMysql } from "../mysql/index.ts";
import { mariadb } from "./dialect.ts";

export default defineDatabase({
  name: "mariadb",
  label: "MariaDB",
  description: "MariaDB 10.5 and later.",
  config: mysqlConfig,
  connect: (config) => connectMysql(config, mariadb),
});
