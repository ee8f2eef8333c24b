import type { Left } from "../../src/db/plan/plan.ts";
import type { Bind } from "../../src/db/sql/dialect.ts";

/**
 * The value at a place inside a JSON column: numbers as numbers when it is compared with one, else as text.
 * JSON's null counts as NULL. A value of another kind than number never equals a number, and raises nothing.
 */
export function jsonOperand(left: Left, reference: string, bind: Bind): string {
  const path = jsonPath(left.path);
  const value = () => `JSON_EXTRACT(${reference}, ${bind(path)})`;
  if (left.as === "float") {
    return `CASE WHEN JSON_TYPE(${value()}) IN (${NUMERIC}) THEN JSON_EXTRACT(${reference}, ${bind(path)}) + 0e0 END`;
  }
  return `CASE JSON_TYPE(${value()}) WHEN 'NULL' THEN NULL ELSE JSON_UNQUOTE(${value()}) END`;
}

const NUMERIC = "'INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL'";

/** `$."key"[0]`: every key is quoted, so none of its characters means anything. */
function jsonPath(path: Left["path"]): string {
  const legs = path.map((leg) => (typeof leg === "number" ? `[${leg}]` : `."${leg.replace(/["\\]/g, "\\$&")}"`));
  return `$${legs.join("")}`;
}
