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

/**
 * A server goes on with a statement whose client is gone, until it is told. Nobody waits for this, and it may fail. There
 * is one connection for it besides those of the pool, however many requests are given up.
 */
export class Killer {
  readonly #plan: ConnectionPlan;
  readonly #doomed: number[] = [];
  #isAtWork = false;

  constructor(plan: ConnectionPlan) {
    this.#plan = plan;
  }

  kill(threadId: number): void {
    this.#doomed.push(Number(threadId));
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    void this.#killAll();
  }

  async #killAll(): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await connectAsPlanned(this.#plan, KILL_WITHIN_MS, AbortSignal.timeout(KILL_WITHIN_MS));
      for (let id = this.#doomed.shift(); id !== undefined; id = this.#doomed.shift()) await killed(connection, id);
    } catch {
      this.#doomed.splice(0);
    } finally {
      this.#isAtWork = false;
      if (connection) cut(connection);
    }
  }
}

/** A thread that is gone by now is as good as killed. Raises when the server does not answer. */
function killed(connection: Connection, threadId: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, KILL_WITHIN_MS);
    connection.query(`KILL ${threadId}`, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
