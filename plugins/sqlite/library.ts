import type { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Cell, Result } from "../../src/db/sql/driver.ts";

/** The SQLite that a runtime brings along. */
export interface Library {
  /** Opens the file at an absolute path, or `:memory:`; raises what the library raises, as everything below does. */
  open(path: string): Handle;
  errorOf(error: unknown): DatabaseError;
}

/** An open database. */
export interface Handle {
  readonly isOpen: boolean;
  /** Whether a transaction is open: never on a database that is closed. */
  readonly inTransaction: boolean;
  /** Runs SQL of our own, whose rows nobody wants. */
  exec(sql: string): void;
  /** Runs SQL that an administrator wrote: it may attach other files, but none that `isOwnFile`. */
  execForeign(sql: string, isOwnFile: (path: string) => boolean): void;
  prepare(sql: string): Prepared;
  close(): void;
}

/** A statement that may run many times. */
export interface Prepared {
  run(values: readonly Bound[]): Result;
  /** The rows, each read when it is asked for. */
  rows(values: readonly Bound[]): Iterable<readonly Cell[]>;
  /** A file stays open until all its statements are released. */
  release(): void;
}
