import type { Call } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { parseJson } from "../lib/json.ts";
import { jsonErrorAt } from "../lib/json-position.ts";
import { demandPlain, readText, textPieces } from "./body-text.ts";
import { FORMATS } from "./formats/choose.ts";
import type { ListReading } from "./formats/format.ts";
import { MOST_FIELDS, MOST_LINE_CHARS, MOST_VALUES } from "./formats/limits.ts";
import { allRecords, partsOf } from "./formats/records.ts";
import { Pace } from "./pace.ts";
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
  const lists = listsOf(type);
  // How long the body is has been looked at.
  if (lists) return { body: { resource: allRecords(text, lists.reader(type, text.length)) }, texts: lists.areTexts };
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
  const type = mediaTypeOf(request);
  const lists = listsOf(type);
  const isCreation = verb === "POST" && path.length === 2 && path[0] === "_table";
  if (lists === undefined || !isCreation || request.headers.has("Idempotency-Key")) return undefined;
  demandPlain(request);
  const pace = new Pace();
  const records = () => partsOf(textPieces(request, pace), lists.reader(type, MOST_LINE_CHARS));
  return { body: undefined, upload: { records, hurry: () => pace.hurry() }, texts: lists.areTexts };
}

function listsOf(type: string): ListReading | undefined {
  return FORMATS.find(({ lists }) => lists?.types.includes(type))?.lists;
}

/** Loaded when it is asked for: most requests hold no XML. */
async function readXmlBody(text: string): Promise<Json | undefined> {
  const { readXml } = await import("./formats/xml-read.ts");
  return readXml(text);
}

/** The fields of one record; of several equal names the last one counts. */
function readForm(text: string): Json {
  if (text.split("&", MOST_FIELDS + 1).length > MOST_FIELDS)
    throw new Fault("payload_too_large", `The form of the request has more than ${MOST_FIELDS} fields.`);
  try {
    decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Fault("bad_request", "The form of the request is not encoded rightly.");
  }
  return Object.fromEntries(new URLSearchParams(text.trim()));
}

function readJson(text: string): Json {
  try {
    return parseJson(text, MOST_KEPT_NUMBERS, MOST_VALUES);
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
