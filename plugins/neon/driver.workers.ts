import { Client, type ClientConfig, Pool } from "@neondatabase/serverless";
import type { Driver } from "../../src/db/sql/driver.ts";
import { MOST_PER_REQUEST, perRequest } from "../../src/db/sql/per-request.ts";
import { demandPlatformTls } from "../../src/db/sql/platform-tls.ts";
import type { PgPool } from "../pgsql/client.ts";
import { pgDriver } from "../pgsql/driver.ts";
import { executeOverHttp } from "./driver.http.ts";
import type { NeonDriverSettings } from "./settings.ts";

/**
 * Neon from Workers: a single statement is one HTTP request, a transaction has a WebSocket to the server. Neon is
 * spoken to by TLS alone, whatever the mode, as the platform verifies it. Raises `not_implemented` for what that can not do.
 */
export function openDriver(settings: NeonDriverSettings): Driver {
  const { scope, opening, target } = settings;
  if (scope === undefined) throw new Error("Workers tie sockets to requests: the driver must know the present one.");
  demandPlatformTls({ isLocal: target.host.startsWith("/"), ...target.tls });
  const bounded = { ...settings, max: Math.min(settings.max, MOST_PER_REQUEST) };
  const sessions = perRequest(() => openSessions(bounded), scope);
  return opening === undefined ? sessions : { ...sessions, execute: executeOverHttp(settings, opening, sessions) };
}

function openSessions(settings: NeonDriverSettings): Driver {
  const { max, waitMs, statementTimeoutMs, greeting } = settings;
  return pgDriver({ pool: openPool(settings), max, waitMs, statementTimeoutMs, greeting });
}

/** Cells stay the text that the server wrote. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

function openPool({ target, max, waitMs, proxy }: NeonDriverSettings): PgPool {
  const { host, port, database, user, password, applicationName } = target;
  const pool = new Pool({
    host,
    port,
    database,
    user,
    password: () => password,
    application_name: applicationName,
    ssl: false,
    types: AS_TEXT,
    max,
    connectionTimeoutMillis: waitMs,
  });
  // An 'error' event that nobody listens to would be thrown; the statement concerned fails anyway.
  pool.on("error", () => {});
  pool.Client = proxy === "" ? QuietClient : clientThrough(new URL(proxy));
  return pool as PgPool;
}

class QuietClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on("error", () => {});
  }
}

/** Neon itself takes the password before it asks for one; what is behind a proxy may want another proof. */
function clientThrough({ host: proxy, protocol }: URL): typeof Client {
  return class extends QuietClient {
    constructor(config?: string | ClientConfig) {
      super(config);
      this.neonConfig.wsProxy = (host, port) => `${proxy}/v2?address=${host}:${port}`;
      this.neonConfig.useSecureWebSocket = protocol === "https:";
      this.neonConfig.pipelineConnect = false;
    }
  };
}
