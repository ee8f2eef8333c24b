import type { Cell } from "./driver.ts";

type Row = readonly Cell[];

/** The first portion is small, so that the first rows leave early and their size is known. */
const FIRST_ROWS = 100;
const MOST_ROWS = 250;
/** About how many characters one portion may hold. */
const MOST_TEXT = 250_000;
/** So many rows of a portion stand for all of them. */
const SAMPLES = 8;

/** How many rows of an export are asked for at a time: fewer where they are large, so that the memory that it takes is bounded. */
export class Portion {
  #rows = FIRST_ROWS;

  get rows(): number {
    return this.#rows;
  }

  /** Learns from the rows that came last. */
  note(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const step = Math.ceil(rows.length / SAMPLES);
    let text = 0;
    let samples = 0;
    for (let at = 0; at < rows.length; at += step, samples++) text += sizeOf(rows[at] ?? []);
    const fitting = Math.floor(MOST_TEXT / Math.max(1, text / samples));
    this.#rows = Math.min(Math.max(fitting, 1), MOST_ROWS);
  }
}

function sizeOf(row: Row): number {
  let size = 0;
  for (const cell of row) size += typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 8;
  return size;
}
