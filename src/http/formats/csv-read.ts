import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { type CsvCell, CsvReader, type CsvRow } from "../../lib/csv.ts";
import { MOST_FIELDS } from "./limits.ts";
import type { LinedRecord, RecordReader } from "./records.ts";

/** Records of CSV: the first row names their fields. What a cell does not even quote is null. Raises `bad_request`. */
export class CsvRecords implements RecordReader {
  readonly #reader: CsvReader;
  #names: readonly string[] | undefined;
  /** A record of these names without values: a copy of it is quicker than a new object. */
  #blank: JsonObject = {};

  constructor(separator: string, mostRowChars: number) {
    this.#reader = new CsvReader(separator, mostRowChars);
  }

  read(text: string, records: LinedRecord[]): void {
    this.#readInto(records, (rows) => this.#reader.read(text, rows));
  }

  end(records: LinedRecord[]): void {
    this.#readInto(records, (rows) => this.#reader.end(rows));
  }

  #readInto(records: LinedRecord[], read: (rows: CsvRow[]) => void): void {
    const rows: CsvRow[] = [];
    try {
      read(rows);
    } catch (error) {
      throw faultOf(error);
    } finally {
      // A mistake in an earlier row is told instead.
      this.#addAll(rows, records);
    }
  }

  #addAll(rows: readonly CsvRow[], records: LinedRecord[]): void {
    for (const row of rows) {
      if (this.#names === undefined) this.#begin(row);
      else if (!isBlank(row) || this.#names.length === 1) records.push(this.#record(row, this.#names));
    }
  }

  #begin(row: CsvRow): void {
    if (isBlank(row)) return;
    this.#names = readNames(row);
    this.#blank = Object.fromEntries(this.#names.map((name) => [name, null]));
  }

  #record(row: CsvRow, names: readonly string[]): LinedRecord {
    demandWidth(row, names.length);
    const record: Record<string, Json> = { ...this.#blank };
    // The names are its own by now, even `__proto__`.
    for (const [at, name] of names.entries()) record[name] = row.cells[at] ?? null;
    return { line: row.line, record };
  }
}

function isBlank({ cells }: CsvRow): boolean {
  return cells.length === 1 && cells[0] === null;
}

function faultOf(error: unknown): unknown {
  if (error instanceof RangeError) return new Fault("payload_too_large", error.message);
  return error instanceof SyntaxError ? new Fault("bad_request", error.message) : error;
}

function readNames({ line, cells }: CsvRow): readonly string[] {
  if (cells.length > MOST_FIELDS)
    throw new Fault("payload_too_large", `Line ${line} of the CSV names more than ${MOST_FIELDS} columns.`);
  const names = cells.map((cell) => demandName(cell, line));
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name))
      throw new Fault("bad_request", `Line ${line} of the CSV names the column '${shown(name)}' twice.`);
    seen.add(name);
  }
  return names;
}

function demandName(cell: CsvCell, line: number): string {
  const name = cell?.trim() ?? "";
  if (name === "") throw new Fault("bad_request", `Line ${line} of the CSV has a column without a name.`);
  return name;
}

function demandWidth({ line, cells }: CsvRow, width: number): void {
  if (cells.length === width) return;
  const columns = cells.length === 1 ? "column" : "columns";
  throw new Fault("bad_request", `Line ${line} of the CSV has ${cells.length} ${columns} instead of ${width}.`);
}

function shown(name: string): string {
  return name.slice(0, 64);
}
