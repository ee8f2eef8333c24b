import type { Json } from "../../contract/json.ts";
import { isJsonObject, isRawNumber, parseStored } from "../../lib/json.ts";
import { escapeAttribute, escapeText, holdsText, isPlainName } from "../../lib/xml-text.ts";
import type { Format } from "./format.ts";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<dfapi>';
const TAIL = "</dfapi>\n";

/** `<dfapi>` with an element for each field, and one `<resource>` for each record. What is no text says so by its `type`. */
export const xml: Format = {
  name: "xml",
  types: ["application/xml", "text/xml"],
  holdsMeta: true,
  write: writeXml,
  stream: () => ({
    head: HEAD,
    records: (some) => some.map((record) => element("resource", parseStored(record), 1)).join(""),
    tail: TAIL,
  }),
};

/** A whole answer as XML. */
export function writeXml(value: Json): string {
  return HEAD + contentOf(value) + TAIL;
}

function contentOf(value: Json): string {
  if (Array.isArray(value)) return repeated("resource", value);
  if (isJsonObject(value)) {
    return Object.entries(value)
      .map(([name, each]) =>
        name === "resource" && Array.isArray(each) ? repeated(name, each) : member(name, each, 1),
      )
      .join("");
  }
  return value === null ? "" : escapeText(textOf(value));
}

function repeated(name: string, values: readonly Json[]): string {
  return values.map((value) => element(name, value, 1)).join("");
}

/** How deeply elements nest before JSON takes their place. */
const MOST_DEPTH = 32;

/** A list of records is an element for each of them, marked as one of a list: there may be only one. */
function member(name: string, value: Json, depth: number): string {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isJsonObject)) return element(name, value, depth);
  return value.map((each) => element(name, each, depth, ' list="true"')).join("");
}

function element(name: string, value: Json, depth: number, more = ""): string {
  const [tag, said] = isPlainName(name) ? [name, ""] : ["field", ` name="${escapeAttribute(name)}"`];
  const { type, text } = written(value, depth);
  const start = `${tag}${said}${more}${type === "" ? "" : ` type="${type}"`}`;
  return text === "" ? `<${start}/>` : `<${start}>${text}</${tag}>`;
}

interface Written {
  /** Empty for what reads as it stands: texts, and objects that have members. */
  readonly type: "" | "null" | "number" | "boolean" | "list" | "object" | "json";
  readonly text: string;
}

function written(value: Json, depth: number): Written {
  if (value === null) return { type: "null", text: "" };
  if (typeof value === "string") return holdsText(value) ? { type: "", text: escapeText(value) } : asJson(value);
  if (typeof value === "boolean") return { type: "boolean", text: String(value) };
  if (typeof value === "number" || isRawNumber(value)) return { type: "number", text: textOf(value) };
  if (depth > MOST_DEPTH) return asJson(value);
  if (Array.isArray(value))
    return { type: "list", text: value.map((each) => element("item", each, depth + 1)).join("") };
  return objectWritten(Object.entries(value), value, depth);
}

function objectWritten(members: readonly [string, Json][], value: Json, depth: number): Written {
  if (members.length === 0) return { type: "object", text: "" };
  if (!members.every(([name]) => holdsText(name))) return asJson(value);
  return { type: "", text: members.map(([name, each]) => member(name, each, depth + 1)).join("") };
}

/** What XML has no characters for, JSON has escapes for. */
function asJson(value: Json): Written {
  const json = JSON.stringify(value).replace(
    /[\u007f-\u009f\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { type: "json", text: escapeText(json) };
}

function textOf(value: Exclude<Json, null>): string {
  if (isRawNumber(value)) return value.rawJSON;
  return String(value);
}
