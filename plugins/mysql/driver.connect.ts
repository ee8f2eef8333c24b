import mysql, { type Connection, type ConnectionOptions } from "mysql2";
import { DatabaseError } from "../../src/db/errors.ts";
import type { ConnectionPlan } from "./connection.ts";
import { connectError } from "./errors.ts";

/** How many statements each connection keeps prepared. */
const KEPT_STATEMENTS = 200;
const KILL_WITHIN_MS = 2_000;

/** Makes a connection. Raises DatabaseError: unavailable, or timeout when the signal is aborted. */
export type Connect = (plan: ConnectionPlan, withinMs: number, signal: AbortSignal) => Promise<Connection>;

/** `prefer` does without TLS where the server has none. */
export const connectAsPlanned: Connect = async (plan, withinMs, signal) => {
  const options = { ...connectionOptions(plan), connectTimeout: withinMs };
  const { tls } = plan;
  try {
    return await untilConnected(() => mysql.createConnection(tls ? { ...options, ssl: tls } : options), signal);
  } catch (error) {
    if (!isWithoutTls(error) || plan.address.tls !== "prefer") throw error;
  }
  return untilConnected(() => mysql.createConnection(options), signal);
};

function isWithoutTls(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return cause?.code === "HANDSHAKE_NO_SSL_SUPPORT";
}

function asConnectError(error: unknown): DatabaseError {
  return error instanceof DatabaseError ? error : connectError(error);
}

/** The connection once it is ready. Raises DatabaseError. */
export function untilConnected(create: () => Connection, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = create();
    const giveUp = () => {
      cut(connection);
      reject(new DatabaseError("timeout"));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    const settle = () => signal.removeEventListener("abort", giveUp);
    // It stays for good: without a listener, an error of an idle connection would end the process.
    connection.on("error", (error: unknown) => {
      settle();
      reject(asConnectError(error));
    });
    connection.once("connect", () => {
      settle();
      resolve(connection);
    });
  });
}

/** All but TLS, and how long it may take. */
export function connectionOptions({ address }: ConnectionPlan): ConnectionOptions {
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
  readonly #connect: Connect;
  readonly #doomed: number[] = [];
  #work: Promise<void> | undefined;

  constructor(plan: ConnectionPlan, connect: Connect) {
    this.#plan = plan;
    this.#connect = connect;
  }

  kill(threadId: number): void {
    this.#doomed.push(Number(threadId));
    this.#work ??= this.#killAll();
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #killAll(): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await this.#connect(this.#plan, KILL_WITHIN_MS, AbortSignal.timeout(KILL_WITHIN_MS));
      for (let id = this.#doomed.shift(); id !== undefined; id = this.#doomed.shift()) await killed(connection, id);
    } catch {
      this.#doomed.splice(0);
    } finally {
      this.#work = undefined;
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
