import type { JsonObject } from "../../contract/json.ts";
import type { Column, Table } from "../catalog.ts";
import { piecesOf, type Use } from "./functions.ts";
import type { ColumnExpressions, ExpressionPart, ExpressionText, KeptColumn } from "./kept.ts";
import type { Names, Tell } from "./names.ts";

/** What the fields of a table are laid out with. */
export interface FieldsOf {
  readonly table: Table;
  readonly extras: Readonly<Record<string, JsonObject>>;
  readonly names: Names;
  /** Whether a column identifies records or relates them: no expression may stand for it. */
  isLink(nativeName: string): boolean;
  readonly tell: Tell;
}

/** The expressions that stand for a column. */
export function functionsOf(
  column: Pick<Column, "nativeName">,
  functions: readonly JsonObject[],
  on: FieldsOf,
): Partial<KeptColumn> {
  const { nativeName } = column;
  if (on.isLink(nativeName)) {
    on.tell(on.table.name, `Field '${nativeName}' identifies records or relates them: it can have no db_function.`);
    return {};
  }
  const expressions: { -readonly [use in keyof ColumnExpressions]: ExpressionText } = {};
  for (const { use, function: text } of functions) {
    for (const each of Array.isArray(use) ? (use as readonly Use[]) : []) {
      const isWrite = each === "INSERT" || each === "UPDATE";
      const parts = partsOf(String(text), nativeName, { ...on, isWrite });
      if (parts !== undefined) expressions[USES[each]] = parts;
    }
  }
  return { functions, expressions };
}

const USES: Readonly<Record<Use, keyof ColumnExpressions>> = {
  SELECT: "select",
  FILTER: "filter",
  INSERT: "insert",
  UPDATE: "update",
};

/** `undefined` when it names a field that is not. */
function partsOf(
  text: string,
  self: string,
  { table, names, tell, isWrite }: FieldsOf & { readonly isWrite: boolean },
): ExpressionText | undefined {
  const parts: ExpressionPart[] = [];
  for (const piece of piecesOf(text)) {
    if (typeof piece === "string") parts.push(piece);
    else if (piece.name.toLowerCase() === "value") parts.push(isWrite ? { value: true } : { column: self });
    else {
      const own = ({ nativeName }: Column) => piece.name === nativeName;
      const called = ({ nativeName }: Column) => piece.name === names.field(table.name, nativeName);
      const found = table.columns.find(own) ?? table.columns.find(called);
      if (found === undefined || isWrite) {
        tell(table.name, `Field '${self}': its db_function names '{${piece.name}}', which it can not.`);
        return undefined;
      }
      parts.push({ column: found.nativeName });
    }
  }
  return parts;
}
