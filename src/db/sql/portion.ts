import type { Cell } from "./driver.ts";

type Row = readonly Cell[];

/** The first portion is small, so that the first rows leave early. */
const FIRST_ROWS = 100;
const MOST_ROWS = 250;
/** About how many bytes one portion may hold, but for its last row. */
export const MOST_BYTES = 256 * 1024;

/** Rows of an export on their way: those of a driver that sees each of them, handed over as soon as they are many or large. */
export class Portion<R extends Row = Row> {
  #rows: R[] = [];
  #bytes = 0;
  #most = FIRST_ROWS;

  /** Adds a row; gives whether it is time to hand over. */
  add(row: R): boolean {
    this.#rows.push(row);
    this.#bytes += bytesOf(row);
    return this.#rows.length >= this.#most || this.#bytes >= MOST_BYTES;
  }

  /** What was added since the last time. */
  take(): { readonly rows: readonly R[]; readonly affected: number } {
    const rows = this.#rows;
    this.#rows = [];
    this.#bytes = 0;
    this.#most = MOST_ROWS;
    return { rows, affected: rows.length };
  }
}

/** How many rows the first request for some asks for. */
const FIRST_ASKED = 8;
/** What a request may bring if its rows are as large as the largest so far. */
const MOST_AT_WORST = 8 * 1024 * 1024;
/** Also among the largest rows, a request asks for some: not each row is worth a way to the server. */
const FEWEST_AT_WORST = 4;

/**
 * How many rows of an export are asked for at a time, where they only come all together: few at first, since nobody knows
 * how large they are, more while they are small, and never again many once a large one was among them.
 */
export class Asking {
  readonly #most: number;
  #rows = FIRST_ASKED;
  #largest = 1;

  constructor(most: number) {
    this.#most = most;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Learns from the rows that came last. */
  note(rows: readonly Row[]): void {
    const largest = rows.reduce((size, row) => Math.max(size, bytesOf(row)), 1);
    this.#largest = Math.max(this.#largest, largest);
    const fitting = Math.floor(MOST_BYTES / largest);
    const atWorst = Math.max(FEWEST_AT_WORST, Math.floor(MOST_AT_WORST / this.#largest));
    this.#rows = Math.max(1, Math.min(this.#rows * 2, fitting, atWorst, this.#most));
  }
}

/** What a cell takes besides its own text: its place in a row, and its name in what is written of it. */
const BYTES_PER_CELL = 8;

/** About how many bytes a row takes. */
export function bytesOf(row: Row): number {
  let size = 0;
  for (const cell of row)
    size += BYTES_PER_CELL + (typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 0);
  return size;
}
