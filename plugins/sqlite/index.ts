import * as v from "valibot";
import { count, databaseConfig, MOST_WAIT_MS } from "../../src/db/config.ts";
import { defineDatabase } from "../../src/db/define.ts";
import { NO_FILES } from "./client.ts";
import { sqliteConnector } from "./connector.ts";

const config = v.object({
  ...databaseConfig,
  pool: v.optional(
    v.pipe(
      v.object({
        wait_ms: v.optional(
          count("Wait", "Milliseconds that a request waits for its turn on the one connection.", 1, MOST_WAIT_MS),
          5_000,
        ),
      }),
      v.title("Pool"),
      v.description("How long a request waits for the connection."),
    ),
    { wait_ms: 5_000 },
  ),
  database: v.pipe(
    v.string(),
    v.minLength(1),
    v.title("Database"),
    v.description(
      "Path of the database file, which must exist; or :memory: for a database that is gone with the process.",
    ),
  ),
});

/** SQLite: a database in one file, or in memory. */
export default defineDatabase({
  name: "sqlite",
  label: "SQLite",
  description: "A database in a file on the machine where Millrace runs.",
  config,
  absent: { workers: NO_FILES },
  store: {
    schemes: ["sqlite"],
    connect: async (url, host) => {
      const { openDriver } = await import("#driver/sqlite");
      const path = url.slice("sqlite:".length);
      const driver = openDriver({ path, create: true, waitMs: 10_000, statementTimeoutMs: 30_000, statements: [] });
      return sqliteConnector(driver, "number", host);
    },
  },
  connect: async (settings, host) => {
    const { openDriver } = await import("#driver/sqlite");
    const driver = openDriver({
      path: settings.database,
      waitMs: settings.pool.wait_ms,
      statementTimeoutMs: settings.statement_timeout_ms,
      statements: settings.statements,
      isOwnFile: host.isOwnFile,
    });
    return sqliteConnector(driver, settings.exact_numbers, host);
  },
});
