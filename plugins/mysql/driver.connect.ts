import mysql, { type Connection, type ConnectionOptions } from "mysql2";
import { DatabaseError } from "../../src/db/errors.ts";
import type { ConnectionPlan } from "./connection.ts";
import { connectError } from "./errors.ts";

/** How many statements each connection keeps prepared. */
const KEPT_STATEMENTS = 200;
const KILL_WITHIN_MS = 2_000;

/** `prefer` does without TLS where the server has none. */
export async function connectAsPlanned(
  plan: ConnectionPlan,
  withinMs: number,
  signal: AbortSignal,
): Promise<Connection> {
  const options = { ...connectionOptions(plan), connectTimeout: withinMs };
  try {
    return await connect(plan.tls ? { ...options, ssl: plan.tls } : options, signal);
  } catch (error) {
    const hasNoTls = (error as { code?: unknown }).code === "HANDSHAKE_NO_SSL_SUPPORT";
    if (!hasNoTls || plan.address.tls !== "prefer") throw asConnectError(error);
  }
  return connect(options, signal).catch((error: unknown) => {
    throw asConnectError(error);
  });
}

function asConnectError(error: unknown): DatabaseError {
  return error instanceof DatabaseError ? error : connectError(error);
}

function connect(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = mysql.createConnection(options);
    const giveUp = () => {
      cut(connection);
      reject(new DatabaseError("timeout"));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    const settle = () => signal.removeEventListener("abort", giveUp);
    // It stays for good: without a listener, an error of an idle connection would end the process.
    connection.on("error", (error: unknown) => {
      settle();
      reject(error);
    });
    connection.once("connect", () => {
      settle();
      resolve(connection);
    });
  });
}

function connectionOptions({ address }: ConnectionPlan): ConnectionOptions {
  const { host, port, socketPath, user, password, database } = address;
  return {
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
    disableEval: true,
    maxPreparedStatements: KEPT_STATEMENTS,
    // "Changed" rows count as affected when they match; the server may not ask for files of this machine.
    flags: ["FOUND_ROWS", "-LOCAL_FILES"],
  };
}

/** The library's own end waits until the server agrees, which one that hangs never does. */
export function cut(connection: Connection): void {
  connection.destroy();
  const { stream } = connection as unknown as { stream?: { destroy?(): void } };
  stream?.destroy?.();
}

/** A server goes on with a statement whose client is gone, until it is told. Nobody waits for this, and it may fail. */
export function killElsewhere(plan: ConnectionPlan, threadId: number): void {
  const within = AbortSignal.timeout(KILL_WITHIN_MS);
  connectAsPlanned(plan, KILL_WITHIN_MS, within)
    .then((connection) => {
      const timer = setTimeout(() => cut(connection), KILL_WITHIN_MS);
      connection.query(`KILL ${Number(threadId)}`, () => {
        clearTimeout(timer);
        cut(connection);
      });
    })
    .catch(() => {});
}
