import * as v from "valibot";
import { databaseConfig } from "../../src/db/config.ts";
import { defineDatabase } from "../../src/db/define.ts";
import { d1Binding } from "./binding.ts";
import { d1Connector } from "./connector.ts";
import { d1Driver } from "./driver.ts";
import { connectStore } from "./store.ts";

const WORKERS_ONLY = "A D1 database is reached by a binding, which Workers alone have.";

const { statements: _, ...general } = databaseConfig;

const config = v.object({
  ...general,
  binding: v.pipe(
    v.string(),
    v.minLength(1),
    v.title("Binding"),
    v.description("The name that the D1 database is bound to in the configuration of the Worker."),
  ),
});

/** D1: SQLite as Cloudflare serves it to Workers. */
export default defineDatabase({
  name: "d1",
  label: "Cloudflare D1",
  description: "A D1 database that is bound to the Worker in which Millrace runs.",
  config,
  absent: { node: WORKERS_ONLY, bun: WORKERS_ONLY },
  store: { schemes: ["d1"], connect: connectStore },
  connect: async (settings, host) => {
    const binding = d1Binding(settings.binding, host);
    const driver = d1Driver({ binding: () => binding, statementTimeoutMs: settings.statement_timeout_ms });
    return d1Connector(driver, settings.exact_numbers, host);
  },
});
