import { DatabaseError } from "../../src/db/errors.ts";
import type { Driver, Inside, Result, Statement } from "../../src/db/sql/driver.ts";
import type { Streams } from "../../src/db/sql/streams.ts";
import type { Pool, Session } from "./pool.ts";

/** A driver whose statements and transactions each run on a connection of the pool. */
export function pooledDriver(pool: Pool, streams: Streams): Driver {
  return {
    execute: (statement, signal) => pool.use((session) => session.execute(statement, signal), signal),
    transaction: (work, signal, isReadOnly = false) =>
      pool.use((session) => (isReadOnly ? inReadOnly : inTransaction)(session, work, signal), signal),
    call: (work, { isReadOnly }, signal) =>
      pool.use(
        (session) => restored(session, () => (isReadOnly ? inReadOnly : inTransaction)(session, work, signal)),
        signal,
      ),
    stream: (statement, signal) =>
      streams.run((give) => pool.use((session) => session.stream(statement, give, signal), signal), signal),
    close: async () => pool.close(),
  };
}

async function restored<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await session.restore();
  }
}

const READ_ONLY = "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')";

/** A procedure may end the transaction and go on: so the whole session is read-only for as long, if it was not before. */
async function inReadOnly<T>(session: Session, work: (inside: Inside) => Promise<T>, signal: AbortSignal): Promise<T> {
  const { rows } = await session.execute({ text: READ_ONLY, values: [] }, signal);
  if (rows.some(([, value]) => value === "ON")) return inTransaction(session, work, signal);
  await session.command("SET SESSION TRANSACTION READ ONLY", signal);
  try {
    return await inTransaction(session, work, signal);
  } finally {
    await session.command("SET SESSION TRANSACTION READ WRITE", signal).catch(() => session.destroy());
  }
}

async function inTransaction<T>(
  session: Session,
  work: (inside: Inside) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await session.command("START TRANSACTION", signal);
  const inside = new Transaction(session);
  try {
    const result = await work(inside);
    inside.demandWhole();
    await session.command("COMMIT", signal);
    return result;
  } catch (error) {
    await session.command("ROLLBACK", signal).catch(() => session.destroy());
    throw error;
  }
}

class Transaction implements Inside {
  readonly #session: Session;
  #broken: DatabaseError | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  async execute(statement: Statement, signal: AbortSignal): Promise<Result> {
    this.demandWhole();
    try {
      return await this.#session.execute(statement, signal);
    } catch (error) {
      if (error instanceof DatabaseError && ["conflict", "deadlock"].includes(error.kind)) this.#broken = error;
      throw error;
    }
  }

  async command(text: string, signal: AbortSignal): Promise<void> {
    this.demandWhole();
    await this.#session.command(text, signal);
  }

  /** After a deadlock the server has rolled everything back; what came next would be committed one by one. */
  demandWhole(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }
}
