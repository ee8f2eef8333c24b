import type { Fault } from "../../../contract/fault.ts";
import type { Column } from "../../catalog.ts";
import type { Assignment, InsertPlan } from "../../plan/plan.ts";
import type { Scope } from "../../plan/scope.ts";
import type { Value } from "../../values.ts";

/** Values that a row takes from the records around it, known when those are written. */
export type Given = ReadonlyMap<Column, Value>;

/** A part of what finds a row; without a value of its own it is a given one. */
export interface KeyPart {
  readonly column: Column;
  readonly value?: Value;
}

/** What is done to a row that was found. */
export type Deed =
  /** Nothing: it only has to be there. */
  | { readonly kind: "keep" }
  | { readonly kind: "change"; readonly set: readonly Assignment[] }
  | { readonly kind: "remove" }
  | { readonly kind: "refuse"; readonly fault: Fault };

/** The write of one row, its names, values and rights checked. */
export interface RowWrite {
  readonly scope: Scope;
  /** What finds the row, and what is done to it then; a row without is new. */
  readonly known?: { readonly key: readonly KeyPart[]; readonly deed: Deed };
  /** Makes the row when none was found; a Fault says why it can not be made. */
  readonly create?: InsertPlan | Fault;
  /** It does not matter when no row was found. */
  readonly mayMiss?: boolean;
  /** Columns of `set` and `create` whose values are given. */
  readonly linked: readonly Column[];
  /** What others have to know of the row. */
  readonly returning: readonly Column[];
}

/** A record with those that it holds: what is to be written, in which order. */
export interface NestedRecord {
  /** Where it stands in the request, such as `orders_by_customer_id.1`; empty for the outermost one. */
  readonly place: string;
  /** Those that it belongs to, written before it. */
  readonly owners: readonly Owner[];
  readonly row: RowWrite;
  /** Those that belong to it, written after it. */
  readonly children: readonly Child[];
}

/** `columns[i]` of the record takes the value of `fields[i]` of its owner. */
export interface Owner {
  readonly columns: readonly Column[];
  readonly fields: readonly Column[];
  readonly record: NestedRecord;
}

/** `columns[i]` of the child takes the value of `fields[i]` of the record. */
export interface Child {
  readonly fields: readonly Column[];
  readonly columns: readonly Column[];
  readonly record: NestedRecord;
}
