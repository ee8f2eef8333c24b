import { inject } from "vitest";
import { RUNTIME } from "../house.ts";
import { serveOnNodeProcess } from "../runtimes/node-process.ts";
import { startPrivatePostgres } from "../servers/postgres.ts";
import { underLoadSuite } from "./under-load.ts";

underLoadSuite({
  title: "PostgreSQL",
  serve: RUNTIME === "node" ? serveOnNodeProcess : RUNTIME,
  type: "pgsql",
  start: startPrivatePostgres,
  durable: (database) => `ALTER DATABASE ${database} SET synchronous_commit = on`,
  beside: { type: "mariadb", server: inject("mariadb") },
});
