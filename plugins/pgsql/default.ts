/** The default of a column as a person would write it: `'new'::character varying` → `new`; expressions stay as they are. */
export function readDefault(expression: string | null): string | null {
  if (expression === null) return null;
  if (/^NULL(?:::|$)/.test(expression)) return null;
  const [, literal] = /^'((?:[^']|'')*)'(?:::["\w .(),[\]]+)?$/.exec(expression) ?? [];
  if (literal !== undefined) return literal.replaceAll("''", "'");
  const [, number] = /^\(?(-?\d+(?:\.\d+)?)\)?(?:::["\w .(),]+)?$/.exec(expression) ?? [];
  return number ?? expression;
}
