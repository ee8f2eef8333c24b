import { inject } from "vitest";
import { serveOnNodeProcess } from "../runtimes/node-process.ts";
import { startPrivateMariadb } from "../servers/mariadb.ts";
import { underLoadSuite } from "./under-load.ts";

underLoadSuite({
  title: "MariaDB",
  serve: serveOnNodeProcess,
  type: "mariadb",
  start: startPrivateMariadb,
  durable: () => "SET GLOBAL innodb_flush_log_at_trx_commit = 2",
  beside: { type: "pgsql", server: inject("postgres") },
});
