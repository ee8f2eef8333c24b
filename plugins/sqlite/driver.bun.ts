import { Database, type Statement } from "bun:sqlite";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Cell, Driver, Result } from "../../src/db/sql/driver.ts";
import { demandPlainAttach } from "./attach.ts";
import { BUSY_MS, type OpenOptions } from "./client.ts";
import { SqliteDriver } from "./driver.ts";
import { databaseErrorOf } from "./errors.ts";
import { FileClient } from "./file-client.ts";
import type { Handle, Library, Prepared } from "./library.ts";
import { namesOnly } from "./names.ts";

/** Opens at the first statement, so that a service whose file is missing answers as soon as the file is there. */
export function openDriver(options: OpenOptions): Driver {
  return new SqliteDriver(options, (isFirst) => new FileClient(bunSqlite, options, isFirst && options.create === true));
}

const bunSqlite: Library = { open: (path) => new BunHandle(path), errorOf };

/** bun:sqlite is built in defensive mode, without loading of extensions; like node:sqlite it can end no statement. */
class BunHandle implements Handle {
  readonly #database: Database;
  #isOpen = true;

  constructor(path: string) {
    this.#database = new Database(path, { readwrite: true, create: false, safeIntegers: true });
    this.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    this.exec("PRAGMA foreign_keys = ON");
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get inTransaction(): boolean {
    return this.#isOpen && this.#database.inTransaction;
  }

  exec(sql: string): void {
    this.#database.run(sql);
  }

  execForeign(sql: string, isOwnFile: (path: string) => boolean): void {
    demandPlainAttach(sql, isOwnFile);
    // Bun refuses SQL that is only a comment.
    this.exec(`SELECT 1; ${namesOnly(sql)}`);
  }

  prepare(sql: string): Prepared {
    const statement = this.#database.prepare<unknown, Bound[]>(namesOnly(sql));
    const givesRows = statement.columnNames.length > 0;
    const run = (values: readonly Bound[]): Result => {
      if (givesRows) {
        const rows = statement.values(...values) as Cell[][];
        return { rows, affected: rows.length };
      }
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], affected: changes, insertId: String(lastInsertRowid) };
    };
    return { run, rows: (values) => rowsOf(statement, values), release: () => statement.finalize() };
  }

  close(): void {
    this.#isOpen = false;
    this.#database.close();
  }
}

/** Bun gives one row at a time only as an object. */
function* rowsOf(statement: Statement<unknown, Bound[]>, values: readonly Bound[]): Generator<Cell[]> {
  const names = statement.columnNames;
  for (const row of statement.iterate(...values))
    yield names.map((name) => (row as Record<string, Cell>)[name] ?? null);
}

/** What SQLite says has a number; a RangeError is a value that no column could hold. */
function errorOf(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  if (error instanceof RangeError) return new DatabaseError("out_of_range", { cause: error });
  const { errno, message } = error as { errno?: number; message?: string };
  return databaseErrorOf({ code: errno, message: message ?? "", cause: error });
}
