import type { ColumnFacts, ForeignKeyFacts, IndexFacts, Introspection, TableFacts } from "../../src/db/catalog.ts";
import { DatabaseError, type DatabaseErrorKind } from "../../src/db/errors.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import type { Cell, Statement } from "../../src/db/sql/driver.ts";
import { typeFacts } from "./columns.ts";

type Cells = readonly Cell[];
type ByTable = ReadonlyMap<string, readonly Cells[]>;

const SCHEMA = "main";

/** Tables and views that are the user's: not those of SQLite itself, nor the insides of virtual tables. */
export const SERVED = `t.schema = 'main' AND t.type IN ('table', 'view', 'virtual') AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!'`;

const tablesText = (served: string) => `SELECT t.name, t.type, t.wr FROM pragma_table_list AS t WHERE ${served}`;
const columnsText = (served: string) => `SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
  FROM pragma_table_list AS t JOIN pragma_table_xinfo(t.name, 'main') AS c WHERE ${served}`;
const indexesText = (served: string) => `SELECT t.name, i.name, i."unique", i.origin, i.partial, x.name
  FROM pragma_table_list AS t JOIN pragma_index_list(t.name, 'main') AS i JOIN pragma_index_xinfo(i.name, 'main') AS x
  WHERE ${served} AND x.key = 1 ORDER BY t.name, i.seq, x.seqno`;
const foreignKeysText = (served: string) => `SELECT t.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete
  FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name, 'main') AS f WHERE ${served} ORDER BY t.name, f.id DESC, f.seq`;

/** Reads the catalog in four statements, all asked at once. `served` says which tables of `pragma_table_list AS t` count. */
export async function introspect(execute: Execute, served = SERVED): Promise<Introspection> {
  const query = async (text: string) => (await execute({ text, values: [] })).rows;
  const found = query(tablesText(served));
  const [tables, ...rest] = await Promise.all([
    found,
    readColumns(columnsText(served), found, execute),
    query(indexesText(served)),
    query(foreignKeysText(served)),
  ]);
  const [columns, indexes, foreignKeys] = [byTable(rest[0]), byTable(rest[1]), byTable(rest[2])];
  const drafts = tables
    .filter(([name]) => columns.has(String(name)))
    .map((table) => draftTable(table, columns, indexes));
  return { defaultSchema: SCHEMA, tables: drafts.map((draft) => withForeignKeys(draft, drafts, foreignKeys)) };
}

/** One view over a table that is gone makes the statement for all fail: then each is asked for by itself, and that one left out. */
async function readColumns(
  text: string,
  tables: Promise<readonly Cells[]>,
  execute: Execute,
): Promise<readonly Cells[]> {
  try {
    return (await execute({ text: `${text} ORDER BY t.name, c.cid`, values: [] })).rows;
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
  const rows: Cells[] = [];
  for (const [name = null] of await tables) {
    rows.push(...(await readOrSkip({ text: `${text} AND t.name = ? ORDER BY c.cid`, values: [name] }, execute)));
  }
  return rows;
}

async function readOrSkip(statement: Statement, execute: Execute): Promise<readonly Cells[]> {
  try {
    return (await execute(statement)).rows;
  } catch (error) {
    if (isBroken(error)) return [];
    throw error;
  }
}

/** D1 says of such a view that one is not authorized. */
const BROKEN: readonly DatabaseErrorKind[] = ["undefined_object", "unknown", "privilege"];

function isBroken(error: unknown): boolean {
  return error instanceof DatabaseError && BROKEN.includes(error.kind);
}

function byTable(rows: readonly Cells[]): ByTable {
  return Map.groupBy(rows, ([table]) => String(table));
}

function draftTable([name, type, wr]: Cells, columns: ByTable, indexes: ByTable): TableFacts {
  const table = String(name);
  const cells = (columns.get(table) ?? []).filter((cell) => Number(cell[6]) !== 1);
  const indexCells = indexes.get(table) ?? [];
  const key = cells.filter((cell) => Number(cell[5]) > 0).sort((a, b) => Number(a[5]) - Number(b[5]));
  const hasKeyIndex = indexCells.some((cell) => cell[3] === "pk");
  const hasRowidKey =
    key.length === 1 && Number(wr) === 0 && !hasKeyIndex && String(key[0]?.[2]).toUpperCase() === "INTEGER";
  return {
    schema: SCHEMA,
    name: table,
    kind: type === "view" ? "view" : "table",
    comment: null,
    columns: cells.map((cell) => columnFacts(cell, hasRowidKey)),
    key: key.map((cell) => String(cell[1])),
    indexes: indexFacts(indexCells),
    foreignKeys: [],
  };
}

/**
 * An INTEGER PRIMARY KEY is the rowid itself and made by SQLite; an INT PRIMARY KEY is not. SQLite lets other keys be
 * NULL, which would make a record that nothing can name: they count as required here.
 */
function columnFacts([, name, type, notNull, fallback, pk, hidden]: Cells, hasRowidKey: boolean): ColumnFacts {
  const isKey = Number(pk) > 0;
  const text = defaultText(fallback);
  return {
    name: String(name),
    ...typeFacts(String(type ?? "")),
    default: text,
    hasDefault: text !== null,
    allowNull: Number(notNull) === 0 && !isKey,
    autoIncrement: isKey && hasRowidKey,
    generated: Number(hidden) >= 2,
  };
}

/** `'it''s'` → it's; an expression stays as it was written. */
function defaultText(fallback: Cell | undefined): string | null {
  if (typeof fallback !== "string" || fallback.toUpperCase() === "NULL") return null;
  const literal = /^'((?:[^']|'')*)'$/.exec(fallback)?.[1];
  return literal === undefined ? fallback : literal.replaceAll("''", "'");
}

/** A partial index does not make its columns unique, nor does one on an expression; the key is known from the columns. */
function indexFacts(cells: readonly Cells[]): readonly IndexFacts[] {
  const groups = Map.groupBy(
    cells.filter((cell) => cell[3] !== "pk"),
    (cell) => String(cell[1]),
  );
  return [...groups].map(([name, parts]) => {
    const columns = parts.flatMap((part) => (typeof part[5] === "string" ? [part[5]] : []));
    const isWhole = columns.length === parts.length && parts.every((part) => Number(part[4]) === 0);
    const unique = isWhole && parts.every((part) => Number(part[2]) === 1);
    return { name, columns, unique, ...(!isWhole && { isPart: true }) };
  });
}

function withForeignKeys(table: TableFacts, tables: readonly TableFacts[], found: ByTable): TableFacts {
  const groups = Map.groupBy(found.get(table.name) ?? [], (cell) => String(cell[1]));
  return { ...table, foreignKeys: [...groups.values()].flatMap((parts) => foreignKey(parts, tables) ?? []) };
}

/** Names stand as they were typed, in any case; without columns of the other table its key is meant. */
function foreignKey(parts: readonly Cells[], tables: readonly TableFacts[]): ForeignKeyFacts | undefined {
  const [, , refTable, , to, onUpdate, onDelete] = parts[0] ?? [];
  const target = tables.find((table) => isSameName(table.name, refTable));
  if (target === undefined) return undefined;
  const said = to === null ? target.key : parts.map((part) => String(part[4]));
  const refColumns = said.flatMap((name) => target.columns.filter((column) => isSameName(column.name, name)));
  if (refColumns.length !== parts.length) return undefined;
  return {
    columns: parts.map((part) => String(part[3])),
    refSchema: SCHEMA,
    refTable: target.name,
    refColumns: refColumns.map((column) => column.name),
    onUpdate: String(onUpdate),
    onDelete: String(onDelete),
  };
}

function isSameName(name: string, other: Cell | undefined): boolean {
  return typeof other === "string" && name.toLowerCase() === other.toLowerCase();
}
