import { definePostgres } from "../pgsql/define.ts";
import type { PgDriverSettings } from "../pgsql/driver.node.ts";
import { type NeonConfig, neonConfig } from "./config.ts";
import { openingOf } from "./opening.ts";

/**
 * Neon over TCP, where it takes no connection without TLS and routes by the host name that TLS carries; on Workers over
 * HTTP and WebSockets. Not verified against the real product.
 */
export default definePostgres({
  name: "neon",
  label: "Neon",
  description: "A Neon serverless PostgreSQL database.",
  tls: "require",
  config: neonConfig,
  async openDriver(settings: PgDriverSettings, config: NeonConfig) {
    const { openDriver } = await import("#driver/neon");
    return openDriver({ ...settings, proxy: config.proxy, opening: openingOf(config) });
  },
});
