import type { NewIndex, TableName } from "../../schema/change.ts";
import { list } from "./column.ts";
import { type DdlDialect, referenced } from "./ddl.ts";

const MOST_BYTES = 50;

/** A name that says what an index is of, short enough for every database: a digest keeps those apart that are cut. */
export function indexName({ nativeName }: TableName, { columns, unique }: NewIndex): string {
  const whole = [nativeName, ...columns, unique ? "key" : "idx"].join("_");
  return `${cut(whole, MOST_BYTES)}_${digest(JSON.stringify([nativeName, columns, unique]))}`;
}

function cut(text: string, most: number): string {
  const bytes = new TextEncoder().encode(text);
  return new TextDecoder().decode(bytes.subarray(0, most)).replace(/\uFFFD+$/, "");
}

/** FNV-1a, 32 bits. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/** `CREATE INDEX … ON …` */
export function createIndexText(table: TableName, index: NewIndex, dialect: DdlDialect): string {
  const name = dialect.quote(indexName(table, index));
  return `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${name} ON ${referenced(table, dialect)} ${list(index.columns, dialect)}`;
}
