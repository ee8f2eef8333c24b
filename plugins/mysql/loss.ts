import type { OldCell } from "../../src/db/sql/ddl/ddl.ts";
import type { Family } from "../../src/db/types.ts";

/** What CAST has for the types of columns, by their texts; what is not here the server refuses by itself. */
const CASTS: readonly (readonly [RegExp, (reference: string, size: string) => string])[] = [
  [/^(?:tinyint\(1\)|bool)/i, (reference) => `(${reference} <> 0)`],
  [/^(?:tiny|small|medium|big)?int.* unsigned/i, (reference) => `CAST(${reference} AS UNSIGNED)`],
  [/^(?:tiny|small|medium|big)?int/i, (reference) => `CAST(${reference} AS SIGNED)`],
  [/^(?:dec|numeric|fixed)/i, (reference, size) => `CAST(${reference} AS DECIMAL${size})`],
  [/^(?:double|real)/i, (reference) => `CAST(${reference} AS DOUBLE)`],
  [/^float/i, (reference) => `CAST(${reference} AS FLOAT)`],
  [/^date$/i, (reference) => `CAST(${reference} AS DATE)`],
  [/^(?:datetime|timestamp)/i, (reference, size) => `CAST(${reference} AS DATETIME${size})`],
  [/^time/i, (reference, size) => `CAST(${reference} AS TIME${size})`],
  [/^n?(?:var)?char/i, (reference, size) => `CAST(${reference} AS CHAR${size})`],
];

/** How a value comes back into the type that it had; of other families it is the texts that are compared. */
const BACK: Readonly<Partial<Record<Family, (there: string, dbType: string) => string>>> = {
  integer: (there, dbType) => `CAST(${there} AS ${/unsigned/i.test(dbType) ? "UNSIGNED" : "SIGNED"})`,
  decimal: (there, dbType) => `CAST(${there} AS DECIMAL(65,${/,\s*(\d+)/.exec(dbType)?.[1] ?? "0"}))`,
  float: (there) => `CAST(${there} AS DOUBLE)`,
  boolean: (there) => `CAST(${there} AS SIGNED)`,
  date: (there) => `CAST(${there} AS DATE)`,
  time: (there) => `CAST(${there} AS TIME(6))`,
  datetime: (there) => `CAST(${there} AS DATETIME(6))`,
  datetimetz: (there) => `CAST(${there} AS DATETIME(6))`,
};

/** A value that is not the same when it comes back from the new type: the server rounds and cuts without a word. */
export function mysqlLoss({ reference, column, to }: OldCell): string | undefined {
  const cast = CASTS.find(([pattern]) => pattern.test(to))?.[1];
  if (cast === undefined) return undefined;
  const there = cast(reference, /\([\d, ]+\)/.exec(to)?.[0] ?? "");
  const back = /char/i.test(to) ? undefined : BACK[column.family];
  if (back !== undefined) return `NOT (${reference} <=> ${back(there, column.dbType)})`;
  return `NOT (${bytesOf(reference)} <=> ${bytesOf(there)})`;
}

/** Texts are the same when their characters are, spaces at the end and the case of letters included. */
function bytesOf(reference: string): string {
  return `CAST(CONVERT(${reference} USING utf8mb4) AS BINARY)`;
}
