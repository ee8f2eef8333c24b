import type { Column, Relation, Table } from "../catalog.ts";
import type { Family, GroupFunction } from "../types.ts";
import type { Value } from "../values.ts";

/** A column, or a place inside a JSON column. */
export interface Left {
  readonly column: Column;
  readonly path: readonly (string | number)[];
  /** What it is compared as: the family of the column, or of the value that a JSON place meets. */
  readonly as: Family;
}

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";
/** `pattern` keeps the database's wildcards; the others take their text literally. */
export type TextMatch = "pattern" | "contains" | "starts_with" | "ends_with";

/** One hop of a resolved relationship: `fields[i]` of the table before equals `refFields[i]` of `table`. */
export interface Hop {
  readonly table: Table;
  readonly fields: readonly Column[];
  readonly refFields: readonly Column[];
  /** Rows of `table` that the caller is held to. */
  readonly where?: Predicate | undefined;
}

/** A condition whose names are columns and whose values fit them. */
export type Predicate =
  | { readonly kind: "and" | "or"; readonly terms: readonly Predicate[] }
  | { readonly kind: "xor"; readonly terms: readonly [Predicate, Predicate] }
  | { readonly kind: "not"; readonly term: Predicate }
  | { readonly kind: "compare"; readonly left: Left; readonly op: Comparison; readonly value: Value }
  | { readonly kind: "match"; readonly left: Left; readonly how: TextMatch; readonly text: string }
  | { readonly kind: "in"; readonly left: Left; readonly values: readonly Value[] }
  | { readonly kind: "null"; readonly left: Left }
  /** A row of the last hop's table that fits exists; a many_many relationship takes two hops. */
  | { readonly kind: "exists"; readonly hops: readonly Hop[]; readonly where: Predicate }
  /** The rows that come behind a place in an order. */
  | { readonly kind: "after"; readonly places: readonly Place[] }
  | { readonly kind: "keys"; readonly columns: readonly Column[]; readonly keys: readonly (readonly Value[])[] };

export interface Order {
  readonly column: Column;
  /** For a column of another table: the way there, through relationships that lead to one row at most. */
  readonly through?: readonly Hop[];
  readonly descending: boolean;
  readonly nulls?: "first" | "last";
}

/** Where a row stands in an order, by one of its columns. */
export interface Place {
  readonly column: Column;
  readonly descending: boolean;
  readonly nulls?: "first" | "last";
  readonly value: Value;
}

/** A value that the database works out, from a short fixed list. */
export type Expression = "now" | "today" | "clock";

/** What a column is set to. */
export type Assigned = Value | { readonly expression: Expression };

export interface Assignment {
  readonly column: Column;
  readonly value: Assigned;
}

/** One value of a group: a column that it is grouped by, or what a function makes of its rows. */
export interface GroupValue {
  /** As the answer has it. */
  readonly output: Column;
  readonly fn?: GroupFunction;
  /** `undefined` = the rows themselves: `COUNT(*)`. */
  readonly of?: Column;
  readonly distinct?: boolean;
}

/** Groups of the rows of a table, which a read then takes for rows. */
export interface Grouping {
  readonly table: Table;
  readonly where: Predicate | undefined;
  readonly values: readonly GroupValue[];
  /** Empty = all rows are one group. */
  readonly by: readonly Column[];
}

/** Related rows that each row of a read brings along, as one cell of JSON behind its columns. */
export interface RelatedPlan {
  /** The name in the answer. */
  readonly name: string;
  /** Whether the cell is a list; else an object, or null. */
  readonly many: boolean;
  /** The way from a row to its related ones: one hop, or two through a junction. */
  readonly hops: readonly Hop[];
  /** What is read of the last hop's table; limit and offset count for each row. */
  readonly read: ReadPlan;
  /** The fields of the one row stand in the record itself, with this before their names. */
  readonly flattenPrefix?: string;
}

/** Related rows that another service holds: read through its own door, by no connector. */
export interface ForeignPlan {
  readonly name: string;
  readonly relation: Relation;
  readonly fields: readonly Column[];
  /** The parameters of the read there, as said: fields, filter, order, and what is related to these rows. */
  readonly params: ReadonlyMap<string, string>;
  /** For each row. */
  readonly limit: number | undefined;
  readonly offset: number;
  /** Asked for by no name of its own: left out where the caller may not read it. */
  readonly isOptional: boolean;
}

/** A row of the outcome has the cells of `columns`, then one for each of `related`. */
export interface ReadPlan {
  readonly kind: "read";
  /** With `groups` a table made up of their values. */
  readonly table: Table;
  readonly groups?: Grouping;
  readonly related?: readonly RelatedPlan[];
  /** No connector reads these. */
  readonly foreign?: readonly ForeignPlan[];
  /** The rows stay as they are until the transaction ends. */
  readonly lock?: boolean;
  readonly columns: readonly Column[];
  readonly where: Predicate | undefined;
  readonly order: readonly Order[];
  /** `undefined` = all rows. */
  readonly limit: number | undefined;
  readonly offset: number;
}

export interface CountPlan {
  readonly kind: "count";
  readonly table: Table;
  readonly groups?: Grouping;
  readonly where: Predicate | undefined;
}

export interface InsertPlan {
  readonly kind: "insert";
  readonly table: Table;
  /** What each row sets, in the order of its values. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Assigned[])[];
  /** On a conflict of the key the row is updated instead, in all assigned columns outside the key. */
  readonly upsert: boolean;
  readonly returning: readonly Column[];
}

export interface UpdatePlan {
  readonly kind: "update";
  readonly table: Table;
  readonly set: readonly Assignment[];
  readonly where: Predicate | undefined;
  readonly returning: readonly Column[];
}

export interface DeletePlan {
  readonly kind: "delete";
  readonly table: Table;
  readonly where: Predicate | undefined;
  readonly returning: readonly Column[];
}

/** What a connector runs. Only the planners of this room make one, so its columns were checked against the grant. */
export type Plan = ReadPlan | CountPlan | WritePlan;
export type WritePlan = InsertPlan | UpdatePlan | DeletePlan;

/** One row of an answer: the JSON text of each column of the plan, in its order. */
export type Row = readonly string[];

export interface Outcome {
  readonly rows: readonly Row[];
  /** Rows counted or changed; for a read, the rows given. */
  readonly count: number;
}
