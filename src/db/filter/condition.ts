/** A value as a filter says it, before anybody knows the column it meets. */
export type Said =
  | { readonly kind: "text"; readonly text: string }
  /** Unquoted: a bare word or run of words. */
  | { readonly kind: "word"; readonly text: string }
  /** Kept as written, so that no digit is lost. */
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" }
  /** `:name`, resolved from `params`. The name is kept without its colon. */
  | { readonly kind: "param"; readonly name: string }
  /** `{user.id}`, kept without its braces. */
  | { readonly kind: "lookup"; readonly name: string };

/** The left side: a field of the table, one reached through relationships, or a place inside a JSON column. */
export interface Operand {
  /** The names before the field, one after the other: a relationship whose name holds a dot takes several. */
  readonly relations?: readonly string[];
  readonly field: string;
  /** Keys after `->`; a number reaches into an array. */
  readonly path: readonly (string | number)[];
  /** Where it stands in the filter, counted in characters from 0. */
  readonly at: number;
}

export type CompareOp = "=" | "!=" | "<" | "<=" | ">" | ">=" | "like" | "contains" | "starts_with" | "ends_with";

/** A filter as said: names and literal values, nothing checked against a catalog yet. */
export type Condition =
  | { readonly kind: "and" | "or" | "xor" | "nor"; readonly terms: readonly Condition[] }
  | { readonly kind: "not"; readonly term: Condition }
  | {
      readonly kind: "compare";
      readonly operand: Operand;
      readonly op: CompareOp;
      readonly negated: boolean;
      readonly value: Said;
    }
  | { readonly kind: "in"; readonly operand: Operand; readonly negated: boolean; readonly values: readonly Said[] }
  | {
      readonly kind: "between";
      readonly operand: Operand;
      readonly negated: boolean;
      readonly low: Said;
      readonly high: Said;
    }
  | { readonly kind: "null"; readonly operand: Operand; readonly negated: boolean };
