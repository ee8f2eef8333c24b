import * as v from "valibot";
import type { Json } from "../../contract/json.ts";
import type { Principal } from "../../contract/principal.ts";
import type { Runtime } from "../../contract/runtime.ts";
import type { TokenKey } from "../../identity/token.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
import type { Store } from "../../store/store.ts";
import type { ServicePool, ServiceTypes } from "../pool.ts";

/** What the resources of the system API work with. */
export interface SystemParts {
  readonly store: Store;
  readonly services: ServicePool;
  readonly types: ServiceTypes;
  readonly runtime: Runtime;
  readonly tokenKey: TokenKey;
  readonly version: string;
}

/** One write of one record, while it is prepared: outside of any transaction, as it may take a while. */
export interface Write {
  readonly parts: SystemParts;
  readonly principal: Principal;
  /** Whether a flag that is this resource's own, such as `test`, is set. */
  flag(name: string): boolean;
  readonly signal: AbortSignal;
}

/** What a write stores, and what its answer shows beyond the stored row. */
export interface Prepared {
  readonly row: SystemRow;
  readonly shown?: SystemRow;
  /** What has to follow in the transaction of the write, once the row has its id; `before` is the row as it stood, without columns for a new one. */
  readonly follow?: (id: number, rows: Rows, before: SystemRow) => Promise<void>;
}

/** Rows of another table that belong to a row, read and written as a list inside it. */
export interface Nested {
  readonly table: string;
  /** The column that names the row they belong to. */
  readonly key: string;
  /** The resource that gives these rows by itself: the caller needs the right to read it. */
  readonly resource?: string;
  /** What a row may say; `strict` refuses anything else. */
  readonly fields?: readonly string[];
  /** Read only, when it has no schema. */
  readonly schema?: v.GenericSchema<unknown, SystemRow>;
  readonly defaults?: SystemRow;
  show(row: SystemRow): SystemRow;
}

/** A resource of the system API over one system table: what differs from plain rows. */
export interface SystemResource {
  readonly name: string;
  readonly table: string;
  /** Columns that no client ever sees, filters or orders by. */
  readonly hidden: readonly string[];
  /** Column values that all rows of the resource have. */
  readonly fixed?: SystemRow;
  readonly nested: Readonly<Record<string, Nested>>;
  /** Flags of a request that only this resource knows. */
  readonly flags?: readonly string[];
  /** Fields of a record that can be written and are no columns that a client sees. */
  readonly writeOnly?: readonly string[];
  /** A stored row, or some columns of it, as a client sees it. */
  show(row: SystemRow): Promise<SystemRow>;
  create(said: SystemRow, write: Write): Promise<Prepared>;
  update(said: SystemRow, stored: SystemRow, write: Write): Promise<Prepared>;
  /** Raises a Fault when the row has to stay. */
  beforeDelete?(stored: SystemRow): Promise<void>;
  /** Inside the transaction, when a row was changed or deleted: raises a Fault when that must not be so. */
  check?(rows: Rows): Promise<void>;
}

/** The fields that were said. */
export function definite(row: Readonly<Record<string, Json | undefined>>): SystemRow {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

export const optionalText = v.optional(v.nullable(v.pipe(v.string(), v.maxLength(65_535))));
export const shortText = v.optional(v.nullable(v.pipe(v.string(), v.maxLength(255))));
