import type { JsonObject } from "../../contract/json.ts";

/** What Millrace keeps of a table, field or relationship of any kind. */
export interface Kept {
  /** The name that the API has for it in place of its own. */
  readonly alias?: string;
  readonly label?: string;
  readonly description?: string;
}

/** A piece of an expression: SQL text, a column by its name in the database, or the value that is written. */
export type ExpressionPart = string | { readonly column: string } | { readonly value: true };
export type ExpressionText = readonly ExpressionPart[];

/** What stands for a column in a statement, where that is not the column itself. */
export interface ColumnExpressions {
  readonly select?: ExpressionText;
  readonly filter?: ExpressionText;
  readonly insert?: ExpressionText;
  readonly update?: ExpressionText;
}

/** A column whose values Millrace gives itself: who writes, or when. */
export type Automatic = "user_id_on_create" | "user_id_on_update" | "timestamp_on_create" | "timestamp_on_update";

/** What Millrace keeps of a field. */
export interface KeptColumn extends Kept {
  readonly picklist?: readonly string[];
  readonly validation?: JsonObject;
  /** `db_function` as it was said. */
  readonly functions?: readonly JsonObject[];
  readonly expressions?: ColumnExpressions;
  /** It stands in no table: an expression makes its values. */
  readonly isVirtual?: boolean;
  readonly isAggregate?: boolean;
  readonly automatic?: Automatic;
}

/** The label, the description and the alias, where they are said. */
export function keptOf({ label, description }: JsonObject, alias: string | undefined): Kept {
  return {
    ...(typeof label === "string" && { label }),
    ...(typeof description === "string" && { description }),
    ...(alias !== undefined && { alias }),
  };
}
