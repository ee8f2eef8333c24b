import type { Json } from "../../contract/json.ts";
import { type CsvCell, csvLine } from "../../lib/csv.ts";
import { isJsonObject, isRawNumber, parseStored } from "../../lib/json.ts";
import { CsvRecords } from "./csv-read.ts";
import { type Format, recordsOf, type WriteOptions } from "./format.ts";

const TYPE = "text/csv";
const TABS = "text/tab-separated-values";

/** RFC 4180 with a header row; lists, objects and whatever may be any JSON as their JSON text, null as nothing. */
export const csv: Format = {
  name: "csv",
  types: [TYPE],
  holdsMeta: false,
  lists: {
    types: [TYPE, TABS],
    areTexts: true,
    reader: (type, mostLineChars) => new CsvRecords(type === TABS ? "\t" : ",", mostLineChars),
  },
  write: (value, options) => {
    const records = recordsOf(value).map(asRecord);
    const fields = options.fields ?? namesIn(records);
    const line = lineOf(fields, options);
    return header(fields, options) + records.map(line).join("");
  },
  stream: (options) => {
    const fields = options.fields ?? [];
    const line = lineOf(fields, options);
    return {
      head: header(fields, options),
      records: (some) => some.map((record) => line(parseStored(record) as Fields)).join(""),
      tail: "",
    };
  },
};

type Fields = Readonly<Record<string, Json>>;

/** What is no record is one with a single field. */
function asRecord(value: Json): Fields {
  return isJsonObject(value) ? value : { value };
}

/** In the order in which they come up. */
function namesIn(records: readonly Fields[]): readonly string[] {
  const names = new Set<string>();
  for (const record of records) for (const name of Object.keys(record)) names.add(name);
  return [...names];
}

function header(fields: readonly string[], options: WriteOptions): string {
  return fields.length === 0 ? "" : csvLine(fields.map((name) => textCell(name, options)));
}

function lineOf(fields: readonly string[], options: WriteOptions): (record: Fields) => string {
  const json = new Set(options.jsonFields);
  const cell = (name: string, value: Json) => (json.has(name) ? jsonCell(value) : cellOf(value, options));
  return (record) =>
    csvLine(fields.map((name) => (Object.hasOwn(record, name) ? cell(name, record[name] ?? null) : null)));
}

/** Of what may be any JSON a text has to be told from a number, too. */
function jsonCell(value: Json): CsvCell {
  return value === null ? null : JSON.stringify(value);
}

function cellOf(value: Json, options: WriteOptions): CsvCell {
  if (value === null) return null;
  if (typeof value === "string") return textCell(value, options);
  if (isRawNumber(value)) return value.rawJSON;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What makes a spreadsheet take a cell for a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

function textCell(text: string, { csvSafe }: WriteOptions): string {
  return csvSafe && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}
