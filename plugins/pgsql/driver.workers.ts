import type { Driver } from "../../src/db/sql/driver.ts";
import { MOST_PER_REQUEST, perRequest } from "../../src/db/sql/per-request.ts";
import { demandPlatformTls } from "../../src/db/sql/platform-tls.ts";
import { TlsExperience } from "../../src/db/sql/tls-experience.ts";
import type { PgPool } from "./client.ts";
import { type PgDriverSettings, poolOf } from "./driver.node.ts";
import { onceMoreIfTlsFailed, SocketStream } from "./driver.socket.ts";
import { pgDriver } from "./driver.ts";
import { preferTls } from "./prefer.ts";

/**
 * PostgreSQL by node-postgres over the sockets of Workers, which end with the request that opened them. Raises
 * `not_implemented` for what those can not do.
 */
export function openDriver(settings: PgDriverSettings): Driver {
  const { scope, max, target, waitMs, statementTimeoutMs, greeting } = settings;
  if (scope === undefined) throw new Error("Workers tie sockets to requests: the driver must know the present one.");
  demandPlatformTls({ isLocal: target.host.startsWith("/"), ...target.tls });
  const bounded = { ...settings, max: Math.min(max, MOST_PER_REQUEST) };
  const experience = new TlsExperience();
  const rest = { max: bounded.max, waitMs, statementTimeoutMs, greeting };
  const open = () => pgDriver({ pool: openPool(bounded, experience), ...rest });
  return perRequest(open, scope);
}

function openPool(settings: PgDriverSettings, experience: TlsExperience): PgPool {
  const { mode } = settings.target.tls;
  const plain = poolOf(settings, false, openSocket);
  if (mode === "disable") return plain;
  const secured = poolOf(settings, true, openSocket);
  return mode === "prefer" ? preferTls(stubborn(secured), plain, experience) : secured;
}

function stubborn(pool: PgPool): PgPool {
  return {
    get idleCount() {
      return pool.idleCount;
    },
    connect: () => onceMoreIfTlsFailed(() => pool.connect()),
    end: () => pool.end(),
  };
}

const openSocket = () => new SocketStream();
