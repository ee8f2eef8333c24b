import mysql, { type Connection, type ConnectionOptions } from "mysql2";
import type { RequestScope } from "../../src/contract/runtime.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { MOST_PER_REQUEST, perRequest } from "../../src/db/sql/per-request.ts";
import { demandPlatformTls } from "../../src/db/sql/platform-tls.ts";
import { TlsExperience } from "../../src/db/sql/tls-experience.ts";
import { onceMoreIfTlsFailed, SocketStream } from "../pgsql/driver.socket.ts";
import { type Address, addressOf, type MysqlConfig } from "./config.ts";
import { type Connect, connectionOptions, untilConnected } from "./driver.connect.ts";
import { driverOver } from "./driver.node.ts";

/**
 * MySQL and MariaDB by mysql2 over the sockets of Workers, which end with the request that opened them. Raises
 * `not_implemented` for what those can not do.
 */
export function openDriver(config: MysqlConfig, scope?: () => RequestScope): Driver {
  if (scope === undefined) throw new Error("Workers tie sockets to requests: the driver must know the present one.");
  const { socketPath, tls } = addressOf(config);
  demandPlatformTls({ ...config.ssl, mode: tls, isLocal: socketPath !== undefined });
  const pool = { ...config.pool, max: Math.min(config.pool.max, MOST_PER_REQUEST) };
  const connect = connectByPlatform();
  return perRequest(() => driverOver(connect, { ...config, pool }), scope);
}

/** What `prefer` has found out holds for all requests. */
function connectByPlatform(): Connect {
  const experience = new TlsExperience();
  return (plan, withinMs, signal) => {
    const options = { ...connectionOptions(plan), connectTimeout: withinMs };
    const connect = (isSecured: boolean) => untilConnected(() => create(plan.address, options, isSecured), signal);
    const { tls } = plan.address;
    return tls === "prefer" ? connectPreferably(connect, experience) : connect(tls !== "disable");
  };
}

async function connectPreferably(
  connect: (isSecured: boolean) => Promise<Connection>,
  experience: TlsExperience,
): Promise<Connection> {
  if (experience.speaksPlain) return connect(false);
  try {
    return await onceMoreIfTlsFailed(() => connect(true));
  } catch (error) {
    if (!(error instanceof DatabaseError && error.connect === "tls")) throw error;
  }
  const connection = await connect(false);
  experience.note(true);
  return connection;
}

function create({ host, port }: Address, options: ConnectionOptions, isSecured: boolean): Connection {
  const stream = new SocketStream().connect(port, host);
  const connection = mysql.createConnection({ ...options, stream, ...(isSecured && { ssl: {} }) });
  // The library would ask node:tls for what Workers do not have.
  const startTLS = (done: () => void) => stream.once("secureConnect", () => done()).startTls();
  return Object.assign(connection, { startTLS });
}
