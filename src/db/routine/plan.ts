import type { Row } from "../plan/plan.ts";
import type { SimpleType } from "../types.ts";
import type { Value } from "../values.ts";
import type { ParamFacts, RoutineFacts } from "./facts.ts";

export interface Argument {
  readonly param: ParamFacts;
  readonly value: Value;
}

/** One call of a routine, all that it names known and all values checked. */
export interface CallPlan {
  readonly routine: RoutineFacts;
  /** In the order of the parameters; one that is missing takes its default. */
  readonly args: readonly Argument[];
  /** The columns of rows that only the caller knows. */
  readonly columns: readonly { readonly name: string; readonly type: SimpleType }[];
  /** Raises `read_only` when the routine changes anything, where the database can tell. */
  readonly isReadOnly: boolean;
}

/** A result set; the cells of its rows are JSON texts. */
export interface RowSet {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly Row[];
}

export interface CallOutcome {
  readonly sets: readonly RowSet[];
  /** The values of OUT and INOUT parameters by name, as JSON texts. */
  readonly out: readonly (readonly [name: string, json: string])[];
  /** What a scalar function gave, as JSON text. */
  readonly scalar?: string;
}
