import type { NewType, SchemaChange } from "../../schema/change.ts";
import type { DdlDialect } from "./ddl.ts";

const NUMBERS: readonly unknown[] = ["decimal", "float"];

/** A SELECT that finds a row of which a change would lose something in silence; `undefined` where none can. */
export function guardText(change: SchemaChange, dialect: DdlDialect): string | undefined {
  if (change.kind !== "alterColumn" || change.to.type === undefined) return undefined;
  const name = dialect.quote(change.column.name);
  const lost = lostPart(name, change.column.family, change.to.type, dialect);
  return lost && `SELECT 1 FROM ${dialect.tableName(change.table)} WHERE ${lost} LIMIT 1`;
}

function lostPart(name: string, family: string, type: NewType, { ddl }: DdlDialect): string | undefined {
  const exact = ddl.exact(name);
  if (NUMBERS.includes(family)) {
    if (type.family === "integer") return `${exact} <> ROUND(${exact}, 0)`;
    const isScaled = type.family === "decimal" && type.precision !== null;
    return isScaled ? `${exact} <> ROUND(${exact}, ${type.scale ?? 0})` : undefined;
  }
  const isCut = (family === "datetime" || family === "datetimetz") && type.family === "date";
  return isCut ? `${name} <> CAST(${name} AS DATE)` : undefined;
}
