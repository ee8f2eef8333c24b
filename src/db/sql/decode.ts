import { toBase64 } from "../../lib/base64.ts";
import type { Column } from "../catalog.ts";
import type { Cell } from "./driver.ts";

type Decode = (cell: NonNullable<Cell>) => string;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** How a cell of the column becomes JSON text when the client gives text, numbers and bytes as they are. */
export function standardDecoder(column: Pick<Column, "family">): Decode {
  switch (column.family) {
    case "integer":
    case "decimal":
    case "float":
      return numberText;
    case "boolean":
      return booleanText;
    case "binary":
      return binaryText;
    case "json":
      return String;
    case "datetimetz":
      return (cell) => quoted(isoDatetimetz(String(cell)));
    default:
      return quoted;
  }
}

/** Digits as they are; what JSON cannot say as a number, such as NaN, as text. */
export function numberText(cell: NonNullable<Cell>): string {
  const text = String(cell);
  return JSON_NUMBER.test(text) ? text : JSON.stringify(text);
}

export function quoted(cell: NonNullable<Cell>): string {
  return JSON.stringify(cell instanceof Uint8Array ? new TextDecoder().decode(cell) : String(cell));
}

export function binaryText(cell: NonNullable<Cell>): string {
  const bytes = cell instanceof Uint8Array ? cell : new TextEncoder().encode(String(cell));
  return `"${toBase64(bytes)}"`;
}

const TRUE = new Set<Cell>([true, 1, 1n, "1", "t", "true"]);

function booleanText(cell: NonNullable<Cell>): string {
  return TRUE.has(cell) ? "true" : "false";
}

/** `2024-01-02 03:04:05.6+00` → `2024-01-02T03:04:05.6+00:00`. Other texts, such as `infinity`, stay. */
export function isoDatetimetz(text: string): string {
  const parts = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(:?\d\d)?(:\d\d)?( BC)?$/.exec(text);
  if (parts === null) return text;
  const [, date, time, hours, minutes = ":00", seconds = "", era = ""] = parts;
  return `${date}T${time}${hours}${minutes}${seconds}${era}`;
}
