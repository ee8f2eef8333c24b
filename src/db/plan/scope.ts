import type { Json } from "../../contract/json.ts";
import type { Effort } from "../../lib/regex-automaton.ts";
import type { Catalog, Table } from "../catalog.ts";
import type { Predicate } from "./plan.ts";

/** What a condition is resolved against. */
export interface Scope {
  readonly catalog: Catalog;
  readonly table: Table;
  /** Where a record of this table stands in the request, as its fields are named in messages: `orders_by_customer_id.1.`. */
  readonly place?: string;
  /** Rows that the caller is held to, whatever the query names. */
  readonly rows?: Predicate | undefined;
  /** Values of `:name`. */
  readonly params: Readonly<Record<string, Json>>;
  /** The value of `{name}`, or `undefined` when there is none. */
  lookup(name: string): Json | undefined;
  /** Raises `forbidden` when the caller may not read rows of this table. */
  demandOwnRead(): void;
  readonly mayRead: boolean;
  /** The work that the values of the request may be for the patterns that they are held against. */
  readonly effort?: Effort;
  /** The person who calls, as user fields keep it; `null` for an app without one. */
  readonly userId?: number | null;
  /** Raises `forbidden` when the caller may not read the other table of a relationship. */
  demandRead(table: Table): void;
}
