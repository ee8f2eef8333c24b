import { Client, Pool, type PoolConfig } from "pg";
import type { RequestScope } from "../../src/contract/runtime.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import type { PgPool, PgQuery } from "./client.ts";
import { pgDriver } from "./driver.ts";
import { preferTls } from "./prefer.ts";
import type { Target, Tls } from "./target.ts";

export interface PgDriverSettings {
  readonly target: Target;
  readonly max: number;
  readonly waitMs: number;
  readonly statementTimeoutMs: number;
  readonly greeting: readonly PgQuery[];
  /** Where sockets belong to requests: the present one. */
  readonly scope?: (() => RequestScope) | undefined;
}

/** PostgreSQL over TCP by node-postgres. Connects when the first statement comes. */
export function openDriver(settings: PgDriverSettings): Driver {
  const { max, waitMs, statementTimeoutMs, greeting } = settings;
  return pgDriver({ pool: openPool(settings), max, waitMs, statementTimeoutMs, greeting });
}

function openPool(settings: PgDriverSettings): PgPool {
  const { tls } = settings.target;
  if (tls.mode === "disable") return poolOf(settings, false);
  const secured = poolOf(settings, tlsOptions(tls));
  return tls.mode === "prefer" ? preferTls(secured, poolOf(settings, false)) : secured;
}

/** A pool of node-postgres; `stream` makes the sockets where those of Node will not do. */
export function poolOf(settings: PgDriverSettings, ssl: PoolConfig["ssl"], stream?: PoolConfig["stream"]): PgPool {
  return new QuietPool({ ...poolConfig(settings, ssl), ...(stream && { stream }) });
}

const IDLE_MS = 30_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/** Cells stay the text that the server wrote. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** Whatever names or proves an identity is given, so that node-postgres does not take it from the environment of the process. */
function poolConfig({ target, max, waitMs }: PgDriverSettings, ssl: PoolConfig["ssl"]): PoolConfig {
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: () => target.password,
    application_name: target.applicationName,
    sslnegotiation: "postgres",
    ssl,
    types: AS_TEXT,
    max,
    connectionTimeoutMillis: waitMs,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    Client: QuietClient,
  };
}

/** `require` verifies once there is a CA to verify with, as libpq does; only `verify-full` looks at the host name. */
function tlsOptions({ mode, ca, cert, key }: Tls): Exclude<PoolConfig["ssl"], undefined> {
  const verifies = mode === "verify-ca" || mode === "verify-full" || (mode === "require" && Boolean(ca));
  return {
    rejectUnauthorized: verifies,
    ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}

/** An 'error' event that nobody listens to would end the process; the statement concerned fails anyway. */
class QuietClient extends Client {
  constructor(config?: string | PoolConfig) {
    super(config);
    this.on("error", () => {});
  }
}

class QuietPool extends Pool {
  constructor(config: PoolConfig) {
    super(config);
    this.on("error", () => {});
  }
}
