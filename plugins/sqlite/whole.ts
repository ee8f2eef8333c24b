import { Fault } from "../../src/contract/fault.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { textLiteral } from "../../src/db/sql/ddl/literal.ts";
import type { Execute } from "./rebuild.ts";

/** What does not work in a database: how many references lead nowhere, and which statements can not be prepared, by their names. */
export interface Broken {
  readonly references: number;
  readonly statements: ReadonlySet<string>;
}

/** What is broken before anything is changed is nobody's fault. */
export async function brokenThings(execute: Execute): Promise<Broken> {
  const { rows } = await execute("SELECT count(*) FROM pragma_foreign_key_check");
  const statements = new Set<string>();
  // The columns may be others afterwards.
  for (const [name, text] of await users(execute)) if (!(await isFit(text, execute))) statements.add(name);
  return { references: Number(rows[0]?.[0] ?? 0), statements };
}

/** Raises where something is broken that was not before. */
export async function demandWhole(before: Broken, execute: Execute): Promise<void> {
  const { references, statements } = await brokenThings(execute);
  if (references > before.references) throw new DatabaseError("foreign_key");
  if ([...statements].some((name) => !before.statements.has(name)))
    throw new Fault("conflict", "A view or trigger of the database needs what is to go.");
}

/** Raises where a table of the database refers to this one, whether or not the catalog knows it; those of `gone` do not count. */
export async function demandUnreferred(table: string, execute: Execute, gone: readonly string[] = []): Promise<void> {
  const { rows } = await execute(
    `SELECT t.name FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS f WHERE t.schema = 'main' AND t.type = 'table' AND f."table" = ${textLiteral(table)} COLLATE NOCASE`,
  );
  const others = rows.filter(([name]) => String(name) !== table && !gone.includes(String(name)));
  if (others.length > 0)
    throw new Fault("conflict", `Table '${table}' can not be dropped: another table refers to it.`);
}

/** A statement, with a name that stays when its columns become others. */
type Use = readonly [name: string, text: string];

/** For each view a read, and for each table with triggers a write of each kind, of no row: SQLite reads what they say only then. */
async function users(execute: Execute): Promise<readonly Use[]> {
  const views = await execute("SELECT name FROM sqlite_schema WHERE type = 'view'");
  const tables = await execute("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger'");
  const writes = await Promise.all(tables.rows.map(([name]) => writesOf(String(name), execute)));
  const reads = views.rows.map(([name]): Use => [`SELECT ${name}`, `SELECT * FROM ${quoted(String(name))} LIMIT 0`]);
  return [...reads, ...writes.flat()];
}

async function writesOf(table: string, execute: Execute): Promise<readonly Use[]> {
  const { rows } = await execute(`SELECT name FROM pragma_table_xinfo(${textLiteral(table)}) WHERE hidden = 0`);
  const columns = rows.map(([name]) => quoted(String(name)));
  const name = quoted(table);
  const list = columns.join(", ");
  const set = columns.map((column) => `${column} = ${column}`).join(", ");
  return [
    [`DELETE ${table}`, `DELETE FROM ${name} WHERE 0`],
    [`UPDATE ${table}`, `UPDATE ${name} SET ${set} WHERE 0`],
    [`INSERT ${table}`, `INSERT INTO ${name} (${list}) SELECT ${list} FROM ${name} WHERE 0`],
  ];
}

async function isFit(text: string, execute: Execute): Promise<boolean> {
  try {
    await execute(text);
    return true;
  } catch (error) {
    if (error instanceof DatabaseError) return false;
    throw error;
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
