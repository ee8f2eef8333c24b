/** A cell as it stands: `null` where there is nothing at all, not even quotes. */
export type CsvCell = string | null;

export interface CsvRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly CsvCell[];
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** What the reader is in the midst of; `closed` = behind a quote that may end its cell, or be the first of a doubled one. */
type Within = "start" | "plain" | "quoted" | "closed";

/**
 * Reads CSV (RFC 4180) that comes in pieces, cut anywhere; lines may end in CRLF, LF or CR. Raises SyntaxError for what is
 * no CSV, and RangeError for a row that is too long, each a sentence that names the line.
 */
export class CsvReader {
  readonly #separator: number;
  readonly #mostRowChars: number;
  #within: Within = "start";
  #cells: CsvCell[] = [];
  /** What is read of the present cell in earlier pieces, or before a doubled quote. */
  #cell = "";
  #chars = 0;
  #line = 1;
  #rowLine = 1;
  #afterCr = false;

  constructor(separator: string, mostRowChars: number) {
    this.#separator = separator.charCodeAt(0);
    this.#mostRowChars = mostRowChars;
  }

  /** Puts the rows that end in this piece behind the others: those before a mistake, too. */
  read(text: string, rows: CsvRow[]): void {
    for (let at = 0; at < text.length; ) {
      if (this.#within === "quoted") at = this.#quoted(text, at);
      else if (this.#within === "plain") at = this.#plain(text, at);
      else at = this.#between(text, at, rows);
      if (this.#chars > this.#mostRowChars) throw new RangeError(this.#sentence("is too long."));
    }
  }

  /** The last row, where no line ends it. */
  end(rows: CsvRow[]): void {
    if (this.#within === "quoted") throw new SyntaxError(this.#sentence("opens a quote that is not closed."));
    if (this.#within !== "start" || this.#cells.length > 0) this.#endRow(rows);
  }

  /** Takes the text up to the quote that may close it. */
  #quoted(text: string, at: number): number {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    this.#countLines(text, at, end);
    this.#take(text, at, end);
    if (quote >= 0) {
      this.#within = "closed";
      this.#afterCr = false;
    }
    return end + 1;
  }

  /** Lines inside of quotes count too. */
  #countLines(text: string, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const char = text.charCodeAt(at);
      if (char === CR || (char === LF && !this.#afterCr)) this.#line++;
      this.#afterCr = char === CR;
    }
  }

  #plain(text: string, from: number): number {
    let at = from;
    while (at < text.length && !this.#ends(text.charCodeAt(at))) at++;
    this.#take(text, from, at);
    if (at < text.length) this.#within = "closed";
    return at;
  }

  /** At the begin of a cell, or behind what it holds. */
  #between(text: string, at: number, rows: CsvRow[]): number {
    const char = text.charCodeAt(at);
    const isSecond = char === LF && this.#afterCr;
    this.#afterCr = false;
    if (isSecond) return at + 1;
    if (char === this.#separator) this.#endCell();
    else if (char === LF || char === CR) this.#endLine(rows, char === CR);
    else return this.#begin(char, at);
    return at + 1;
  }

  #begin(char: number, at: number): number {
    const isClosed = this.#within === "closed";
    if (isClosed && char !== QUOTE) throw new SyntaxError(this.#sentence("has text behind a closing quote."));
    if (isClosed) this.#cell += '"';
    this.#within = char === QUOTE ? "quoted" : "plain";
    return char === QUOTE ? at + 1 : at;
  }

  #ends(char: number): boolean {
    return char === this.#separator || char === LF || char === CR;
  }

  #take(text: string, from: number, to: number): void {
    this.#cell += text.slice(from, to);
    this.#chars += to - from;
  }

  #endCell(): void {
    this.#cells.push(this.#within === "start" ? null : this.#cell);
    this.#within = "start";
    this.#cell = "";
    this.#chars++;
  }

  #endLine(rows: CsvRow[], isCr: boolean): void {
    this.#endRow(rows);
    this.#line++;
    this.#rowLine = this.#line;
    this.#afterCr = isCr;
  }

  #endRow(rows: CsvRow[]): void {
    this.#endCell();
    rows.push({ line: this.#rowLine, cells: this.#cells });
    this.#cells = [];
    this.#chars = 0;
  }

  #sentence(what: string): string {
    return `Line ${this.#rowLine} of the CSV ${what}`;
  }
}

const NEEDS_QUOTES = /[",\r\n]/;

/** One line of CSV with its end. An empty text is told from nothing by its quotes. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return "";
  return cell === "" || NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
