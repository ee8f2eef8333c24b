import type { ColumnFacts } from "../catalog.ts";

export type ParamMode = "IN" | "OUT" | "INOUT";

/** A parameter of a routine, with the facts of its type as a column has them. Its name is empty where it has none. */
export interface ParamFacts extends ColumnFacts {
  readonly mode: ParamMode;
  /** Takes an array, or all values from its place on. */
  readonly isVariadic?: boolean;
}

/** What a routine gives back besides its parameters. */
export type ResultFacts =
  /** Nothing, or what only the call tells: a procedure, or a function that is void. */
  | { readonly kind: "none" }
  | { readonly kind: "scalar"; readonly type: ColumnFacts; readonly isSet: boolean }
  | { readonly kind: "rows"; readonly columns: readonly ColumnFacts[]; readonly isSet: boolean }
  /** Rows whose columns the caller has to name. */
  | { readonly kind: "record"; readonly isSet: boolean };

export type RoutineKind = "procedure" | "function";

/** A procedure or function as introspection finds it; several of one name differ by their parameters. */
export interface RoutineFacts {
  readonly schema: string;
  readonly name: string;
  readonly kind: RoutineKind;
  readonly comment: string | null;
  /** Served by its bare name, not as `schema.name`. */
  readonly isBare: boolean;
  readonly params: readonly ParamFacts[];
  readonly result: ResultFacts;
}
