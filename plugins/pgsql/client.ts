import type { Bound, Cell } from "../../src/db/sql/driver.ts";

/** A query as node-postgres takes it; with a name it is prepared once per connection. */
export interface PgQuery {
  readonly text: string;
  readonly values?: Bound[];
  readonly name?: string;
  readonly rowMode: "array";
}

export interface PgResult {
  /** What the server did, such as `SELECT`, or `ROLLBACK` for the COMMIT of a transaction that had failed. */
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly rows: Cell[][];
  /** The type of each column, by its oid. */
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** The part of node-postgres' pooled client that the driver uses; `@neondatabase/serverless` has the same one. */
export interface PgClient {
  query(query: PgQuery): Promise<PgResult>;
  /** Gives the connection back to the pool, or with `true` breaks it off. */
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of node-postgres' pool that the driver uses; it bounds the wait of `connect` itself. */
export interface PgPool {
  /** Connections that wait to be lent. */
  readonly idleCount: number;
  connect(): Promise<PgClient>;
  end(): Promise<void>;
}
