import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Cell, Driver, Result } from "../../src/db/sql/driver.ts";
import { Lru } from "../../src/lib/lru.ts";
import type { Client, OpenOptions } from "./client.ts";
import { databaseFile } from "./driver.file.ts";
import { SqliteDriver } from "./driver.ts";
import { databaseErrorOf } from "./errors.ts";

/** Opens at the first statement, so that a service whose file is missing answers as soon as the file is there. */
export function openDriver(options: OpenOptions): Driver {
  return new SqliteDriver(options, (isFirst) => new NodeClient(options, isFirst && options.create === true));
}

/** How long one try stands still for a lock of another process; the driver tries again later. */
const BUSY_MS = 8;
const PREPARED = 256;
/** Longer statements, mostly inserts of many rows, seldom come back in the same form. */
const LONGEST_PREPARED = 20_000;

interface Prepared {
  readonly statement: StatementSync;
  readonly givesRows: boolean;
}

/**
 * node:sqlite runs a statement to its end on this thread. Up to Node 24 it has no progress handler and no interrupt
 * (its authorizer is asked only while a statement is prepared), so nothing can end a statement that takes too long.
 */
class NodeClient implements Client {
  readonly #database: DatabaseSync;
  readonly #prepared = new Lru<string, Prepared>(PREPARED);
  readonly isCurrent: () => boolean;

  constructor({ path, statements, isOwnFile = () => false }: OpenOptions, create: boolean) {
    const file = databaseFile(path, create);
    if (isOwnFile(file.path)) throw new DatabaseError("unavailable", { connect: "no_privilege" });
    this.isCurrent = file.isCurrent;
    this.#database = translated(() => openDatabase(file.path));
    try {
      this.#setUp(statements, isOwnFile);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get inTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  run(text: string, values: readonly Bound[]): Result {
    return translated(() => {
      const { statement, givesRows } = this.#prepare(text);
      const bound = values as SQLInputValue[];
      if (givesRows) {
        const rows = statement.all(...bound) as unknown as Cell[][];
        return { rows, affected: rows.length };
      }
      const { changes, lastInsertRowid } = statement.run(...bound);
      return { rows: [], affected: Number(changes), insertId: String(lastInsertRowid) };
    });
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    const made = { statement, givesRows: statement.columns().length > 0 };
    if (text.length <= LONGEST_PREPARED) this.#prepared.set(text, made);
    return made;
  }

  /** The first statement that reads the file finds out whether it is a database at all. */
  #setUp(statements: readonly string[], isOwnFile: (path: string) => boolean): void {
    translated(() => this.#database.exec("SELECT 1 FROM sqlite_schema LIMIT 1"));
    this.#useWriteAheadLog();
    if (statements.length === 0) return;
    this.#database.setAuthorizer((action, path) => authorize(action, path, isOwnFile));
    try {
      for (const statement of statements) this.#database.exec(statement);
    } catch (error) {
      const translation = asDatabaseError(error);
      throw translation.kind === "conflict" ? translation : new DatabaseError("unavailable", { cause: error });
    } finally {
      this.#database.setAuthorizer(null);
    }
  }

  /** A file or folder that can only be read stays as it is; reads work all the same. */
  #useWriteAheadLog(): void {
    try {
      this.#database.exec("PRAGMA journal_mode = WAL");
    } catch (error) {
      const translation = asDatabaseError(error);
      if (translation.kind === "conflict") throw translation;
    }
  }
}

/** Statements may attach other files, but only such whose plain path can be seen before it is opened. */
function authorize(action: number, path: string | null, isOwnFile: (path: string) => boolean): number {
  if (action !== constants.SQLITE_ATTACH) return constants.SQLITE_OK;
  const isHidden = path === null || path.toLowerCase().startsWith("file:");
  return isHidden || isOwnFile(path) ? constants.SQLITE_DENY : constants.SQLITE_OK;
}

function openDatabase(path: string): DatabaseSync {
  return new DatabaseSync(path, {
    timeout: BUSY_MS,
    readBigInts: true,
    returnArrays: true,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
    defensive: true,
  });
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asDatabaseError(error);
  }
}

function asDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  if (code === "ERR_INVALID_STATE") return new DatabaseError("unavailable", { connect: "lost", cause: error });
  if (code === "ERR_OUT_OF_RANGE" || code === "ERR_INVALID_ARG_VALUE")
    return new DatabaseError("out_of_range", { cause: error });
  return databaseErrorOf({ code: errcode, message: message ?? "", cause: error });
}
