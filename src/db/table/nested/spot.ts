import type { Json } from "../../../contract/json.ts";
import type { Column } from "../../catalog.ts";
import type { Assignment } from "../../plan/plan.ts";
import type { Scope } from "../../plan/scope.ts";
import type { Record_ } from "../../plan/write.ts";
import type { Query } from "../../query.ts";
import type { TableCall } from "../context.ts";
import type { Budget } from "./budget.ts";
import type { NestedRecord, RowWrite } from "./plan.ts";

/** Where a record stands while it is read. */
export interface Spot {
  readonly on: TableCall;
  /** What the request says of records below the outermost ones. */
  readonly query: Query;
  /** Of the table of the record; its `place` is that of the fields. */
  readonly scope: Scope;
  /** As in NestedRecord. */
  readonly place: string;
  /** How many records it stands inside of. */
  readonly depth: number;
  /** Columns that take their values from the record that this one belongs to. */
  readonly linked: readonly Column[];
  /** Whether the record that it stands in is certainly new: nothing belongs to it yet. */
  readonly isFresh: boolean;
  readonly budget: Budget;
  /** Reads a record at another spot. */
  readonly read: (record: Json, spot: Spot, plan: PlanRow) => NestedRecord;
}

/** What a record gives its own row: the fields that it says, and those that its owners give it. */
export interface RowSaid {
  readonly plain: Record_;
  /** Values of foreign keys; null for those that are `linked`. */
  readonly links: readonly Assignment[];
  /** Columns whose values are known only when the records around it are written. */
  readonly linked: readonly Column[];
}

/** Plans the row of a record. */
export type PlanRow = (said: RowSaid, spot: Spot) => RowWrite;
