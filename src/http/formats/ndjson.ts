import { type Format, recordsOf } from "./format.ts";
import { NdjsonRecords } from "./ndjson-read.ts";

const TYPES = [
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  "application/jsonlines",
];

/** One record a line. */
export const ndjson: Format = {
  name: "ndjson",
  types: TYPES,
  holdsMeta: false,
  lists: { types: TYPES, areTexts: false, reader: (_type, mostLineChars) => new NdjsonRecords(mostLineChars) },
  write: (value) =>
    recordsOf(value)
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(""),
  stream: () => ({
    head: "",
    records: (some) => some.map((record) => `${onOneLine(record)}\n`).join(""),
    tail: "",
  }),
};

/** JSON that a database keeps as it was written may have several lines; inside of its strings are no line ends. */
function onOneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replace(/[\r\n]+/g, " ") : json;
}
