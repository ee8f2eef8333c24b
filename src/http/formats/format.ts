import type { Content, RecordStream } from "../../contract/call.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { RecordReader } from "./records.ts";

/** What is there before anybody asks for it. */
export type Whole = Exclude<Content, RecordStream>;

export interface WriteOptions {
  /** The names that every record has, where that is known. */
  readonly fields?: readonly string[] | undefined;
  /** Those of them whose values may be any JSON. */
  readonly jsonFields?: readonly string[] | undefined;
  /** Cells that a spreadsheet would take for a formula are marked as texts. */
  readonly csvSafe: boolean;
}

/** Writes records that leave as they are read; their texts, one after the other, are the answer. */
export interface StreamWriter {
  readonly head: string;
  /** Some records, each the JSON text of an object. */
  records(some: readonly string[]): string;
  readonly tail: string;
}

/** How a body that is a list of records is read. */
export interface ListReading {
  readonly types: readonly string[];
  /** Whether the values of its records are texts. */
  readonly areTexts: boolean;
  /** A reader of one of the types, in which no record is longer. */
  reader(type: string, mostLineChars: number): RecordReader;
}

/** One way to write an answer, and perhaps to read a body. */
export interface Format {
  readonly name: "json" | "csv" | "xml" | "ndjson";
  /** The media types that ask for it; the first one is what is answered to everybody who takes it. */
  readonly types: readonly string[];
  /** Whether `meta` has a place in it; else it goes to a header. */
  readonly holdsMeta: boolean;
  /** Missing where a body need not be a list of records. */
  readonly lists?: ListReading;
  write(value: Json, options: WriteOptions): string;
  stream(options: WriteOptions): StreamWriter;
}

/** What of an answer are its records: those of `resource`, of a list, or the one that it is. */
export function recordsOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) && Array.isArray(value.resource) && isEnvelope(value) ? value.resource : [value];
}

/** A record may have a field of that name, and a procedure more to say than its rows. */
function isEnvelope(value: object): boolean {
  return Object.keys(value).every((name) => name === "resource" || name === "meta");
}
