import type { Bound, Cell, Result } from "../../src/db/sql/driver.ts";

/** An open database file. Synchronous, as SQLite is; raises DatabaseError. */
export interface Client {
  run(text: string, values: readonly Bound[]): Result;
  /** The rows of a SELECT, each read when it is asked for, all of one moment. */
  rows(text: string, values: readonly Bound[]): Iterable<readonly Cell[]>;
  /** Whether readers and a writer leave each other alone. */
  hasWriteAheadLog(): boolean;
  /** Whether a transaction is open: SQLite ends one by itself after some failures. */
  readonly inTransaction: boolean;
  /** Whether the file that was opened still stands at its path. */
  isCurrent(): boolean;
  close(): void;
}

/** How a database is opened and how long others are waited for. */
export interface OpenOptions {
  /** A path, or `:memory:`. */
  readonly path: string;
  /** Makes the file, and its folder, when there is none. Not for services: a wrong path must not become an empty database. */
  readonly create?: boolean;
  /** Whether a path leads to a file that must not be opened. */
  readonly isOwnFile?: ((path: string) => boolean) | undefined;
  /** How long a request waits for its turn, and for another process that holds the lock of the file. */
  readonly waitMs: number;
  /** Bounds the wait for a lock too. It cannot end a statement that runs: see driver.node.ts. */
  readonly statementTimeoutMs: number;
  /** SQL that is run when the database has been opened. */
  readonly statements: readonly string[];
}

/** How long one try stands still for a lock of another process; the driver tries again later. */
export const BUSY_MS = 8;

export const MEMORY = ":memory:";

/** Why there is no SQLite of this kind on Workers. */
export const NO_FILES = "SQLite files can not be served on Workers, which have none; a D1 database is SQLite there.";
