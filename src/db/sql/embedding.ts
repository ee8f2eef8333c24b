import type { Column } from "../catalog.ts";

/** How rows become JSON inside of a statement, where that gives the very text that a decoder writes. */
export interface Embedding {
  /** An expression whose JSON is what the decoder of the column writes; `undefined` where there is none. */
  cell(column: Column, reference: string): string | undefined;
  /** All rows of a SELECT as the text of a JSON list; NULL for more than `most`, a placeholder that stands before the SELECT. */
  list(select: string, alias: string, most: string | undefined): string;
  /** The one row of a SELECT as the text of a JSON object, or NULL. */
  one(select: string, alias: string): string;
  /** Such a text as a cell of another row. */
  nested(text: string): string;
  /** Names that are longer, in bytes, would be cut. */
  readonly longestName: number;
}
