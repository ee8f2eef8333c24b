import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import { jsonErrorAt } from "../../lib/json-position.ts";
import { MOST_VALUES } from "./limits.ts";
import type { LinedRecord, RecordReader } from "./records.ts";

const MOST_KEPT_NUMBERS = 25_000;

/** Records of NDJSON, one a line; blank lines are left out. Raises `bad_request` that names the line. */
export class NdjsonRecords implements RecordReader {
  #line = 1;
  /** The begin of the present line. */
  #rest = "";
  readonly #mostLineChars: number;

  constructor(mostLineChars: number) {
    this.#mostLineChars = mostLineChars;
  }

  read(text: string, records: LinedRecord[]): void {
    const last = text.lastIndexOf("\n");
    const lines = last < 0 ? [] : (this.#rest + text.slice(0, last)).split("\n");
    this.#rest = last < 0 ? this.#rest + text : text.slice(last + 1);
    for (const line of lines) this.#add(line, records);
    this.#demandShort(this.#rest);
  }

  end(records: LinedRecord[]): void {
    this.#add(this.#rest, records);
  }

  #add(text: string, records: LinedRecord[]): void {
    this.#demandShort(text);
    const line = this.#line++;
    if (text.trim() === "") return;
    const record = parseLine(text, line);
    if (!isJsonObject(record)) throw new Fault("bad_request", `Line ${line} of the NDJSON is not a JSON object.`);
    records.push({ line, record });
  }

  #demandShort(text: string): void {
    if (text.length <= this.#mostLineChars) return;
    throw new Fault("payload_too_large", `Line ${this.#line} of the NDJSON is too long.`);
  }
}

function parseLine(text: string, line: number): Json {
  try {
    return parseJson(text, MOST_KEPT_NUMBERS, MOST_VALUES);
  } catch (error) {
    const what = error instanceof RangeError ? error.message : `is not valid JSON at position ${jsonErrorAt(text)}`;
    throw new Fault("bad_request", `Line ${line} of the NDJSON ${what}.`);
  }
}
