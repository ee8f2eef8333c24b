import { Fault } from "../../contract/fault.ts";
import { isTrue } from "../../lib/schema.ts";
import { Accepted, type Wish } from "./accept.ts";
import { csv } from "./csv.ts";
import type { Format } from "./format.ts";
import { json } from "./json.ts";
import { ndjson } from "./ndjson.ts";
import { xml } from "./xml.ts";

/** How an answer is to be written. */
export interface Shape {
  readonly format: Format;
  readonly mediaType: string;
  /** To be kept as a file of this name. */
  readonly fileName?: string;
  readonly csvSafe: boolean;
}

/** What a request says of its answer, besides its `Accept` header. */
export type Said = (name: "file" | "accept" | "csv_safe") => string | null | undefined;

/** In the order in which they are preferred where a client takes several. */
export const FORMATS: readonly Format[] = [json, csv, xml, ndjson];

/** The form of an answer where nothing else is said. */
export const AS_JSON: Shape = { format: json, mediaType: "application/json", csvSafe: false };

/** The form that a request asks for, by `file`, by `accept`, or by its `Accept` header. Raises `bad_request` and `not_acceptable`. */
export function chooseShape(headers: Headers, said: Said): Shape {
  const file = said("file")?.trim() || undefined;
  const accept = said("accept")?.trim() || undefined;
  const csvSafe = isTrue(said("csv_safe"));
  if (file !== undefined) {
    const format = formatOfFile(file);
    return { format, mediaType: format.types[0] ?? "", fileName: file, csvSafe };
  }
  const choice = accept === undefined ? byHeader(headers.get("Accept")) : byParameter(accept);
  if (choice === undefined) throw notAcceptable();
  return { ...choice, csvSafe };
}

function formatOfFile(file: string): Format {
  const extension = file.slice(file.lastIndexOf(".") + 1).toLowerCase();
  const format = file.includes(".") ? FORMATS.find(({ name }) => name === extension) : undefined;
  if (format === undefined)
    throw new Fault("bad_request", "The parameter 'file' must be a name that ends in .csv, .json, .xml or .ndjson.");
  return format;
}

type Choice = Pick<Shape, "format" | "mediaType">;

/** Media types as in the header, or the short name of a format. */
function byParameter(text: string): Choice | undefined {
  const format = FORMATS.find(({ name }) => name === text.toLowerCase());
  return format ? { format, mediaType: format.types[0] ?? "" } : byHeader(text);
}

function byHeader(header: string | null): Choice | undefined {
  if (header === null || header.trim() === "" || header.trim() === "*/*") return AS_JSON;
  const accepted = new Accepted(header);
  const offers = FORMATS.flatMap((format) => offersOf(format, accepted)).filter(({ wish }) => wish.quality > 0);
  // Browsers ask for HTML first, then for XML, and take anything.
  const isBrowser = accepted.names("text/html") && offers.some(({ format }) => format === json);
  return isBrowser ? AS_JSON : offers.sort(compare)[0];
}

interface Offer extends Choice {
  readonly wish: Wish;
}

function offersOf(format: Format, accepted: Accepted): readonly Offer[] {
  const names = format === json ? jsonNames(accepted) : format.types;
  return names.flatMap((mediaType) => {
    const wish = accepted.wishFor(mediaType);
    return wish === undefined ? [] : [{ format, mediaType: format === json ? "application/json" : mediaType, wish }];
  });
}

/** What is JSON by its suffix (RFC 6838 §4.2.8) is answered as JSON too. */
function jsonNames({ types }: Accepted): readonly string[] {
  const others = types.filter((type) => type === "text/json" || /^application\/[\w.-]+\+json$/.test(type));
  return ["application/json", ...others];
}

/** What is wanted most; then what is asked for by its name, and first. Equals stay in the order of the formats. */
function compare({ wish: a }: Offer, { wish: b }: Offer): number {
  return b.quality - a.quality || b.precision - a.precision || a.place - b.place;
}

function notAcceptable(): Fault {
  return new Fault(
    "not_acceptable",
    "Answers are served as JSON (application/json), CSV (text/csv), XML (application/xml) and NDJSON (application/x-ndjson).",
  );
}
