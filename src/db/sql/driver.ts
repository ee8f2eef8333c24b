/** What a client library may be given for a placeholder. */
export type Bound = null | boolean | number | bigint | string | Uint8Array;
/** What a client library may give for a column; the decoder of the dialect knows which. */
export type Cell = null | boolean | number | bigint | string | Uint8Array;

/** SQL with its values apart. The text holds no value of a request, and no name but quoted ones of the catalog. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Bound[];
}

export interface Result {
  /** Rows as arrays, in the order of the select list. */
  readonly rows: readonly (readonly Cell[])[];
  /** The types of the columns in the database's own numbers, where it gives them. */
  readonly types?: readonly number[];
  /** All that the client library says of the columns; the plugin knows how to read it. */
  readonly fields?: readonly object[];
  /** What a routine gave besides: the result sets after the first one. */
  readonly others?: readonly Pick<Result, "rows" | "fields">[];
  /** Rows matched or changed by a write. */
  readonly affected: number;
  /** The automatic key of the first row inserted, where the database only says it so. */
  readonly insertId?: string;
}

/** Runs one statement, inside or outside of a transaction. */
export type Execute = (statement: Statement) => Promise<Result>;

/** What the work of a transaction may do on its connection. */
export interface Inside {
  execute(statement: Statement, signal: AbortSignal): Promise<Result>;
  /** Runs a text without values, such as SAVEPOINT, where that is not to be prepared. */
  command?(text: string, signal: AbortSignal): Promise<void>;
}

export interface CallMode {
  readonly isAlone: boolean;
  readonly isReadOnly: boolean;
}

/** One way to a database. The only place that imports its client library; raises DatabaseError. */
export interface Driver {
  execute(statement: Statement, signal: AbortSignal): Promise<Result>;
  /** Runs `work` on one connection between BEGIN and COMMIT; ROLLBACK when it raises. A read-only one refuses changes. */
  transaction<T>(work: (inside: Inside) => Promise<T>, signal: AbortSignal, isReadOnly?: boolean): Promise<T>;
  /**
   * Runs what may change settings of the connection, or leave locks and temporary tables behind: nothing of it is there for
   * the work of others. What goes alone is in no transaction.
   */
  call?<T>(work: (inside: Inside) => Promise<T>, mode: CallMode, signal: AbortSignal): Promise<T>;
  /**
   * The rows of a SELECT as they are read, some at a time, of one moment: at least one result, and the last one may be
   * empty. The time limit of a statement is that of each portion. Ends its work when it is left early, and when the signal
   * is aborted. Raises NoStream before the first result where that is not possible.
   */
  stream?(statement: Statement, signal: AbortSignal): AsyncIterable<Result>;
  /** A transaction in which tables can be rebuilt: references between them are only looked at by what the work itself asks. */
  rebuild?<T>(work: (inside: Inside) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

/** What can not be read as a stream can be read in pages. */
export class NoStream extends Error {}
