/** The table that rows are loaded into and exported from: ten columns of the usual types, about 150 bytes a row. */
export const COLUMNS = [
  "id",
  "first_name",
  "last_name",
  "email",
  "born",
  "created",
  "balance",
  "active",
  "visits",
  "notes",
] as const;

type Cell = number | boolean | string;

/** The SQL of the table, with the database's own name for date and time. */
export function tableSql(datetime: string): string {
  return `CREATE TABLE people (id INTEGER PRIMARY KEY, first_name VARCHAR(40), last_name VARCHAR(40), email VARCHAR(80),
    born DATE, created ${datetime}, balance NUMERIC(12,2), active BOOLEAN, visits BIGINT, notes TEXT)`;
}

/** The cells of a row, in the order of the columns. */
export function rowOf(id: number): readonly Cell[] {
  const active = id % 2 === 0;
  const balance = (id * 1.25).toFixed(2);
  const named = [`First${id}`, `Last${id}`, `person${id}@example.com`];
  return [id, ...named, "1990-01-01", "2024-01-01 00:00:00", balance, active, id * 1000, "a note ".repeat(5)];
}

/** Rows as INSERTs of a thousand rows each. */
export function insertsOf(rows: readonly (readonly Cell[])[]): string {
  const literal = (cell: Cell) => (typeof cell === "string" ? `'${cell}'` : String(cell));
  const texts = rows.map((row) => `(${row.map(literal).join(",")})`);
  const pages = Array.from({ length: Math.ceil(texts.length / 1000) }, (_, at) =>
    texts.slice(at * 1000, (at + 1) * 1000),
  );
  return pages.map((page) => `INSERT INTO people (${COLUMNS.join(",")}) VALUES ${page.join(",")};\n`).join("");
}

export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return `${[COLUMNS, ...rows].map((row) => row.join(",")).join("\r\n")}\r\n`;
}

export function ndjsonOf(rows: readonly (readonly Cell[])[]): string {
  return rows
    .map((row) => `${JSON.stringify(Object.fromEntries(COLUMNS.map((name, at) => [name, row[at]])))}\n`)
    .join("");
}
