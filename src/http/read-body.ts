import type { Call } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { parseJson } from "../lib/json.ts";
import { jsonErrorAt } from "../lib/json-position.ts";
import { demandPlain, readText, textPieces } from "./body-text.ts";
import { CsvRecords } from "./formats/csv-read.ts";
import { NdjsonRecords } from "./formats/ndjson-read.ts";
import { type LinedRecord, partsOf, type RecordReader } from "./formats/records.ts";
import type { Target } from "./read-call.ts";

/** What the body of a request comes to. */
export type Body = Pick<Call, "body" | "upload" | "texts">;

const NO_BODY: Body = { body: undefined };

/** Each costs the memory of an object: more of them would make a body of 10 MiB cost seconds. */
const MOST_KEPT_NUMBERS = 250_000;

/** The method first: on Node the body of a request that has none costs as much as the rest of reading it. */
export function mayHaveBody(request: Request): boolean {
  return request.method !== "GET" && request.method !== "HEAD" && request.body !== null;
}

/** The body of a request, or `undefined` when there is none. Raises `bad_request`, `unsupported_media_type` or `payload_too_large`. */
export async function readBody(request: Request, mostBytes: number): Promise<Body> {
  demandPlain(request);
  const text = await readText(request, mostBytes);
  if (text.trim() === "") return NO_BODY;
  const type = mediaTypeOf(request);
  const list = recordsIn(type);
  if (list) return { body: { resource: readAll(text, list.reader()) }, texts: list.areTexts };
  if (type === "application/xml" || type === "text/xml") return { body: await readXmlBody(text) };
  // Curl sends JSON as a form unless it is told otherwise.
  if (type === FORM && !/^\s*[[{]/.test(text)) return { body: readForm(text), texts: true };
  demandJson(type);
  return { body: readJson(text) };
}

/**
 * The records of a request that creates them, as they arrive; `undefined` for any other request. One that is to be done
 * once has to be known as a whole.
 */
export function readUpload(request: Request, { verb, path }: Target): Body | undefined {
  const list = recordsIn(mediaTypeOf(request));
  const isCreation = verb === "POST" && path.length === 2 && path[0] === "_table";
  if (list === undefined || !isCreation || request.headers.has("Idempotency-Key")) return undefined;
  demandPlain(request);
  const records = () => partsOf(textPieces(request), list.reader());
  return { body: undefined, upload: { records }, texts: list.areTexts };
}

interface RecordList {
  reader(): RecordReader;
  readonly areTexts: boolean;
}

/** How media types whose content is a list of records are read. */
const RECORD_LISTS: Readonly<Record<string, RecordList>> = {
  "text/csv": { reader: () => new CsvRecords(), areTexts: true },
  "text/tab-separated-values": { reader: () => new CsvRecords("\t"), areTexts: true },
  ...Object.fromEntries(
    [
      "application/x-ndjson",
      "application/ndjson",
      "application/jsonl",
      "application/x-jsonlines",
      "application/jsonlines",
    ].map((type) => [type, { reader: () => new NdjsonRecords(), areTexts: false }]),
  ),
};

function recordsIn(type: string): RecordList | undefined {
  return Object.hasOwn(RECORD_LISTS, type) ? RECORD_LISTS[type] : undefined;
}

function readAll(text: string, reader: RecordReader): Json {
  const records: LinedRecord[] = [];
  reader.read(text, records);
  reader.end(records);
  return records.map(({ record }) => record);
}

/** Loaded when it is asked for: most requests hold no XML. */
async function readXmlBody(text: string): Promise<Json | undefined> {
  const { readXml } = await import("./formats/xml-read.ts");
  return readXml(text);
}

/** The fields of one record; of several equal names the last one counts. */
function readForm(text: string): Json {
  try {
    decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Fault("bad_request", "The form of the request is not encoded rightly.");
  }
  return Object.fromEntries(new URLSearchParams(text.trim()));
}

function readJson(text: string): Json {
  try {
    return parseJson(text, MOST_KEPT_NUMBERS);
  } catch (error) {
    throw new Fault(
      "bad_request",
      error instanceof RangeError
        ? `The JSON of the request ${error.message}.`
        : `The body of the request is not valid JSON at position ${jsonErrorAt(text)}.`,
    );
  }
}

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPES = ["", "application/json", "text/json", "text/plain", FORM];

function demandJson(type: string): void {
  if (JSON_TYPES.includes(type) || type.endsWith("+json")) return;
  throw new Fault(
    "unsupported_media_type",
    "The body of the request must be JSON (application/json), CSV (text/csv), XML (application/xml), NDJSON (application/x-ndjson) or a form (application/x-www-form-urlencoded).",
  );
}

function mediaTypeOf(request: Request): string {
  return (request.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}
