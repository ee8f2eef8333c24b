import type { UploadPart } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import { MOST_RECORDS, MOST_VALUES } from "./limits.ts";

/** One record of a body, and the line where it begins. */
export interface LinedRecord {
  readonly line: number;
  readonly record: JsonObject;
}

/** Reads records from a text that comes in pieces. Raises a Fault that names the line; what comes before it is read. */
export interface RecordReader {
  /** Puts the records that end in this piece behind the others. */
  read(text: string, records: LinedRecord[]): void;
  end(records: LinedRecord[]): void;
}

/** Full parts make full statements, which are all alike. */
const MOST_IN_PART = 500;
const MOST_CHARS = 512 * 1024;
const PIECE_CHARS = 64 * 1024;

/** Records as they arrive, so many at a time that they go into a statement or two, and stay small in memory. */
export async function* partsOf(pieces: AsyncIterable<string>, reader: RecordReader): AsyncGenerator<UploadPart> {
  const records: LinedRecord[] = [];
  let chars = 0;
  try {
    for await (const piece of inBounds(pieces)) {
      reader.read(piece, records);
      chars += piece.length;
      while (records.length >= MOST_IN_PART) yield takePart(records);
      if (chars < MOST_CHARS) continue;
      chars = 0;
      if (records.length > 0) yield takePart(records);
    }
    reader.end(records);
  } catch (error) {
    // Who goes on after a mistake has to have what stands before it.
    while (records.length > 0) yield takePart(records);
    throw error;
  }
  while (records.length > 0) yield takePart(records);
}

/** A piece may be the whole body, where the platform has waited for it. */
async function* inBounds(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of pieces) yield* cut(text);
}

function* cut(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += PIECE_CHARS) yield text.slice(at, at + PIECE_CHARS);
}

/** All records of a text. Raises what reading them raises, and `payload_too_large` as soon as there are too many. */
export function allRecords(text: string, reader: RecordReader): readonly JsonObject[] {
  const records: LinedRecord[] = [];
  let counted = 0;
  let values = 0;
  const count = () => {
    for (; counted < records.length; counted++) values += Object.keys(records[counted]?.record ?? {}).length;
    demandFew(counted, values);
  };
  for (const piece of cut(text)) {
    reader.read(piece, records);
    count();
  }
  reader.end(records);
  count();
  return records.map(({ record }) => record);
}

/** Raises `payload_too_large` for more records, or values in them, than are kept in memory. */
export function demandFew(records: number, values = 0): void {
  if (records > MOST_RECORDS)
    throw new Fault("payload_too_large", `The request holds more than ${MOST_RECORDS} records.`);
  if (values > MOST_VALUES) throw new Fault("payload_too_large", `The request holds more than ${MOST_VALUES} values.`);
}

function takePart(records: LinedRecord[]): UploadPart {
  const taken = records.splice(0, MOST_IN_PART);
  return { records: taken.map(({ record }) => record), lines: taken.map(({ line }) => line) };
}
