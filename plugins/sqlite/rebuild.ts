import { DatabaseError } from "../../src/db/errors.ts";
import type { SchemaChange } from "../../src/db/schema/change.ts";
import { createIndexText } from "../../src/db/sql/ddl/index-name.ts";
import { textLiteral } from "../../src/db/sql/ddl/literal.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { changedTable } from "./table-change.ts";
import { readTable, type TableText, writeTable } from "./table-text.ts";

/** Runs a statement of the transaction. */
export type Execute = (text: string) => ReturnType<Driver["execute"]>;

/**
 * Changes a table by making it anew, filling it, and putting it in the place of the old one. What the changes do not touch
 * stays as it was written, checks and collations too; so do indexes, triggers, views, and the last automatic key.
 */
export async function rebuildTable(
  changes: readonly SchemaChange[],
  dialect: Dialect,
  execute: Execute,
): Promise<void> {
  const name = changes[0]?.table.nativeName ?? "";
  const old = await readText(name, execute);
  const table = changes.reduce((each, change) => changedTable(each, change, dialect), old);
  const parts = await keptParts(name, changes, execute);
  await execute("PRAGMA legacy_alter_table = ON");
  await replaceTable(name, table, { dialect, execute });
  await execute("PRAGMA legacy_alter_table = OFF");
  for (const text of parts) await execute(text);
  for (const change of changes)
    if (change.kind === "addIndex") await execute(createIndexText(change.table, change.index, dialect));
}

interface Tools {
  readonly dialect: Dialect;
  readonly execute: Execute;
}

async function replaceTable(name: string, table: TableText, { dialect, execute }: Tools): Promise<void> {
  const temporary = `millrace_new_${name}`;
  const [from, to] = [dialect.quote(name), dialect.quote(temporary)];
  const last = await lastKey(name, execute);
  await execute(writeTable(table, to));
  const columns = await sharedColumns(name, temporary, execute);
  const list = columns.map((column) => dialect.quote(column)).join(", ");
  if (columns.length > 0) await execute(`INSERT INTO ${to} (${list}) SELECT ${list} FROM ${from}`);
  await execute(`DROP TABLE ${from}`);
  await execute(`ALTER TABLE ${to} RENAME TO ${from}`);
  if (last !== undefined) await keepLastKey(name, last, execute);
}

async function readText(name: string, execute: Execute): Promise<TableText> {
  const sql = `SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ${textLiteral(name)}`;
  const [[text] = []] = (await execute(sql)).rows;
  if (typeof text !== "string") throw new DatabaseError("undefined_object");
  return readTable(text);
}

/** Indexes and triggers go with their table: those that are to stay, as they were written. */
async function keptParts(name: string, changes: readonly SchemaChange[], execute: Execute): Promise<readonly string[]> {
  const of = `tbl_name = ${textLiteral(name)} COLLATE NOCASE`;
  const { rows } = await execute(
    `SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND ${of} AND sql IS NOT NULL`,
  );
  const gone = changes.flatMap((change) => (change.kind === "dropIndex" ? [change.index.name] : []));
  const columns = changes.flatMap((change) => (change.kind === "dropColumn" ? [change.column] : []));
  const ofColumns = await Promise.all(columns.map((column) => indexesOn(name, column, execute)));
  const dropped = new Set([...gone, ...ofColumns.flat()]);
  return rows.flatMap(([part, sql]) => (dropped.has(String(part)) ? [] : [String(sql)]));
}

/** The indexes of one column alone, which go with it. */
async function indexesOn(table: string, column: string, execute: Execute): Promise<readonly string[]> {
  const { rows } = await execute(
    `SELECT i.name FROM pragma_index_list(${textLiteral(table)}) AS i JOIN pragma_index_xinfo(i.name) AS x WHERE x.key = 1 GROUP BY i.name HAVING count(*) = 1 AND max(x.name) = ${textLiteral(column)}`,
  );
  return rows.map(([name]) => String(name));
}

/** The last key that SQLite has given, where it remembers it: it gives none twice. */
async function lastKey(name: string, execute: Execute): Promise<bigint | undefined> {
  const isKept = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'";
  if ((await execute(isKept)).rows.length === 0) return undefined;
  const { rows } = await execute(`SELECT seq FROM sqlite_sequence WHERE name = ${textLiteral(name)}`);
  return rows[0]?.[0] === undefined || rows[0][0] === null ? undefined : BigInt(String(rows[0][0]));
}

/** A table that was filled without a row has no line there yet. */
async function keepLastKey(name: string, last: bigint, execute: Execute): Promise<void> {
  const table = textLiteral(name);
  await execute(`DELETE FROM sqlite_sequence WHERE name = ${table}`);
  await execute(`INSERT INTO sqlite_sequence (name, seq) VALUES (${table}, ${last})`);
}

/** The columns of both tables that are not computed. */
async function sharedColumns(one: string, other: string, execute: Execute): Promise<readonly string[]> {
  const of = (table: string) => `SELECT name FROM pragma_table_xinfo(${textLiteral(table)}) WHERE hidden = 0`;
  const { rows } = await execute(`${of(one)} AND name COLLATE NOCASE IN (${of(other)})`);
  return rows.map(([name]) => String(name));
}
