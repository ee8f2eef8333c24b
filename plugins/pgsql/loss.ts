import type { NewType } from "../../src/db/schema/change.ts";
import type { OldCell } from "../../src/db/sql/ddl/ddl.ts";

/** What kind of values a type has by its text: casts lead both ways within each kind. */
const KINDS: readonly (readonly [kind: string, RegExp])[] = [
  ["number", /^(?:small|big)?int|^int|^numeric|^decimal|^real|^float|^double|^money|^oid/i],
  ["moment", /^date|^timestamp/i],
  ["clock", /^time(?!stamp)/i],
  ["boolean", /^bool/i],
];

/** A value that is not the same when it comes back from the new type. What can not be cast at all PostgreSQL refuses. */
export function pgsqlLoss({ reference, column, to }: OldCell, { family }: NewType): string | undefined {
  // JSON in another form of writing is the same JSON.
  if (family === "json" || /^jsonb?$/i.test(to)) return undefined;
  const there = `CAST(${reference} AS ${to})`;
  const [from, kind] = [kindOf(column.dbType), kindOf(to)];
  const back = (cell: string) => `${reference} IS DISTINCT FROM CAST(${cell} AS ${column.dbType})`;
  if (from !== undefined && from === kind) return back(there);
  if (from === "number" && kind === "boolean") return back(`CAST(${there} AS INTEGER)`);
  if (from === "boolean" && kind === "number") return back(there);
  return `CAST(${reference} AS TEXT) IS DISTINCT FROM CAST(${there} AS TEXT)`;
}

function kindOf(type: string): string | undefined {
  return type.endsWith("]") ? undefined : KINDS.find(([, pattern]) => pattern.test(type))?.[0];
}
