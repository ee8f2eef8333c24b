import type { Json } from "../contract/json.ts";
import type { Row } from "./plan/plan.ts";

/** What names a cell: a column, or a relationship. */
interface Named {
  readonly name: string;
}

/** One row as the JSON text of an object with these columns; a row may hold more behind them. */
export function recordText(columns: readonly Named[], row: Row): string {
  return new RecordWriter(columns).write(row);
}

/** Rows as the JSON texts of objects. */
export function recordTexts(columns: readonly Named[], rows: readonly Row[]): readonly string[] {
  const writer = new RecordWriter(columns);
  return rows.map((row) => writer.write(row));
}

/** Writes the quoted names once, not once a row. */
class RecordWriter {
  readonly #prefixes: readonly string[];

  constructor(columns: readonly Named[]) {
    this.#prefixes = columns.map((column, index) => `${index === 0 ? "{" : ","}${JSON.stringify(column.name)}:`);
  }

  write(row: Row): string {
    let text = "";
    for (let index = 0; index < this.#prefixes.length; index++) text += this.#prefixes[index] + (row[index] ?? "null");
    return text === "" ? "{}" : `${text}}`;
  }
}

/** `{"resource":[…]}`, with `meta` beside it when there is something to say. */
export function listText(records: readonly string[], meta?: Readonly<Record<string, Json | undefined>>): string {
  const known = Object.entries(meta ?? {}).filter(([, value]) => value !== undefined);
  const suffix = known.length > 0 ? `,"meta":${JSON.stringify(Object.fromEntries(known))}` : "";
  return `{"resource":[${records.join(",")}]${suffix}}`;
}
