import { schemaNames } from "../../src/db/config.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import type { Bound, Cell } from "../../src/db/sql/driver.ts";

const SYSTEM_SCHEMAS = ["information_schema", "mysql", "performance_schema", "sys"];

export type Row = readonly Cell[];

/** Asks information_schema about the chosen schemas only: their names are bound. */
export class Reader {
  readonly defaultSchema: string;
  readonly isMariadb: boolean;
  readonly #execute: Execute;
  readonly schemas: readonly string[];

  private constructor(execute: Execute, version: string, defaultSchema: string, schemas: readonly string[]) {
    this.defaultSchema = defaultSchema;
    this.isMariadb = /mariadb/i.test(version);
    this.#execute = execute;
    this.schemas = schemas;
  }

  static async open(execute: Execute, schema: string): Promise<Reader> {
    const { rows } = await execute({ text: "SELECT VERSION(), DATABASE()", values: [] });
    const [version = "", connected = ""] = (rows[0] ?? []).map(text);
    const names = schemaNames(schema);
    const chosen = names.length === 0 ? [connected] : names;
    if (chosen.includes("")) throw new DatabaseError("unavailable", { connect: "no_database" });
    return new Reader(execute, version, connected, chosen);
  }

  /** Rows of a table of information_schema; those of one table stand together, as `order` says. */
  async select(from: string, columns: readonly string[], where = "", order = ""): Promise<readonly Row[]> {
    const schemaColumn = columns[0] ?? "TABLE_SCHEMA";
    const { condition, values } = this.#chosen(schemaColumn);
    const also = where === "" ? "" : ` AND ${where}`;
    const orderBy = order === "" ? "" : ` ORDER BY ${order}`;
    const sql = `SELECT ${columns.join(", ")} FROM information_schema.${from} WHERE ${condition}${also}${orderBy}`;
    return (await this.#execute({ text: sql, values })).rows;
  }

  /** MariaDB only looks into the folder of one schema for `=`; for the others it reads them all. */
  #chosen(column: string): { condition: string; values: readonly Bound[] } {
    const isAll = this.schemas.includes("*");
    const values = isAll ? SYSTEM_SCHEMAS : this.schemas;
    if (!isAll && values.length === 1) return { condition: `${column} = ?`, values };
    return { condition: `${column} ${isAll ? "NOT " : ""}IN (${values.map(() => "?").join(", ")})`, values };
  }
}

/** What each row says, by table; `undefined` says nothing. */
export function byTable<T>(rows: readonly Row[], read: (row: Row) => T | undefined): ReadonlyMap<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const item = read(row);
    if (item === undefined) continue;
    const items = found.get(tableId(row));
    if (items === undefined) found.set(tableId(row), [item]);
    else items.push(item);
  }
  return found;
}

/** The same for things that take several rows, one for each of their columns. */
export function parts<T>(
  rows: readonly Row[],
  read: (rows: readonly [Row, ...Row[]]) => T | undefined,
): ReadonlyMap<string, T[]> {
  const grouped = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const group = grouped.get(partId(row));
    if (group === undefined) grouped.set(partId(row), [row]);
    else group.push(row);
  }
  const groups = new Map([...grouped.values()].map((group) => [group[0], group]));
  return byTable([...groups.keys()], (row) => read(groups.get(row) ?? [row]));
}

/** The table that a row is of. */
export function tableId(row: Row): string {
  return JSON.stringify(row.slice(0, 2).map(text));
}

/** The index or constraint that a row is of. */
export function partId(row: Row): string {
  return JSON.stringify(row.slice(0, 3).map(text));
}

/** Servers give some of these texts as bytes. NULL is empty. */
export function text(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "";
  return cell instanceof Uint8Array ? new TextDecoder().decode(cell) : String(cell);
}

/** A count of something, or NULL. */
export function number(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
