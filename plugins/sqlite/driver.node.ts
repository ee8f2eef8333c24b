import { constants, DatabaseSync, type SQLInputValue } from "node:sqlite";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Cell, Driver, Result } from "../../src/db/sql/driver.ts";
import { BUSY_MS, type OpenOptions } from "./client.ts";
import { SqliteDriver } from "./driver.ts";
import { databaseErrorOf } from "./errors.ts";
import { FileClient } from "./file-client.ts";
import type { Handle, Library, Prepared } from "./library.ts";

/** Opens at the first statement, so that a service whose file is missing answers as soon as the file is there. */
export function openDriver(options: OpenOptions): Driver {
  return new SqliteDriver(
    options,
    (isFirst) => new FileClient(nodeSqlite, options, isFirst && options.create === true),
  );
}

const nodeSqlite: Library = { open: (path) => new NodeHandle(path), errorOf };

/**
 * node:sqlite runs a statement to its end on this thread. Up to Node 24 it has no progress handler and no interrupt
 * (its authorizer is asked only while a statement is prepared), so nothing can end a statement that takes too long.
 */
class NodeHandle implements Handle {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, {
      timeout: BUSY_MS,
      readBigInts: true,
      returnArrays: true,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
      allowExtension: false,
      defensive: true,
    });
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  get inTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  execForeign(sql: string, isOwnFile: (path: string) => boolean): void {
    this.#database.setAuthorizer((action, path) => authorize(action, path, isOwnFile));
    try {
      this.#database.exec(sql);
    } finally {
      this.#database.setAuthorizer(null);
    }
  }

  prepare(sql: string): Prepared {
    const statement = this.#database.prepare(sql);
    const givesRows = statement.columns().length > 0;
    const run = (values: readonly Bound[]): Result => {
      const bound = values as SQLInputValue[];
      if (givesRows) {
        const rows = statement.all(...bound) as unknown as Cell[][];
        return { rows, affected: rows.length };
      }
      const { changes, lastInsertRowid } = statement.run(...bound);
      return { rows: [], affected: Number(changes), insertId: String(lastInsertRowid) };
    };
    const rows = (values: readonly Bound[]) =>
      statement.iterate(...(values as SQLInputValue[])) as unknown as Iterable<Cell[]>;
    // Closing the database finalizes all its statements.
    return { run, rows, release: () => {} };
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

/** Statements may attach other files, but only such whose plain path can be seen before it is opened. */
function authorize(action: number, path: string | null, isOwnFile: (path: string) => boolean): number {
  if (action !== constants.SQLITE_ATTACH) return constants.SQLITE_OK;
  const isHidden = path === null || path.toLowerCase().startsWith("file:");
  return isHidden || isOwnFile(path) ? constants.SQLITE_DENY : constants.SQLITE_OK;
}

function errorOf(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  if (code === "ERR_OUT_OF_RANGE" || code === "ERR_INVALID_ARG_VALUE")
    return new DatabaseError("out_of_range", { cause: error });
  return databaseErrorOf({ code: errcode, message: message ?? "", cause: error });
}
