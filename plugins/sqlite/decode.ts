import type { Column } from "../../src/db/catalog.ts";
import { binaryText, isoDatetimetz, quoted } from "../../src/db/sql/decode.ts";
import type { Decoder } from "../../src/db/sql/dialect.ts";
import type { Cell } from "../../src/db/sql/driver.ts";
import { plainDecimal } from "../../src/lib/decimal.ts";
import { isCell, shiftOf } from "./column-rules.ts";
import { isUntyped } from "./columns.ts";
import { shifted } from "./numbers.ts";

type Present = NonNullable<Cell>;

/** A column may hold cells of any kind, whatever its declared type: the cell decides, the column only where both agree. */
export function decoderOf(column: Column): Decoder {
  if (isCell(column)) return wholeCell;
  switch (column.family) {
    case "decimal":
      return (cell) => decimalText(cell, column.scale ?? 0, shiftOf(column));
    case "boolean":
      return booleanText;
    case "string":
      return isUntyped(column.dbType) ? cellText : textOf;
    case "uuid":
      return textOf;
    case "binary":
      return (cell) => (typeof cell === "string" ? binaryText(cell) : cellText(cell));
    case "json":
      return jsonText;
    case "datetime":
      return (cell) => (typeof cell === "string" ? quoted(spaced(cell)) : cellText(cell));
    case "datetimetz":
      return (cell) => (typeof cell === "string" ? quoted(isoDatetimetz(cell)) : cellText(cell));
    default:
      return cellText;
  }
}

/** A cell as what it is: number, text, or bytes as base64. */
function cellText(cell: Present): string {
  if (cell instanceof Uint8Array) return binaryText(cell);
  return typeof cell === "number" ? doubleText(cell) : typeof cell === "bigint" ? String(cell) : quoted(cell);
}

/** What a cell is, so that it can be told from every other. */
function wholeCell(cell: Present): string {
  if (cell instanceof Uint8Array) return `{"blob":${binaryText(cell)}}`;
  const isJson = typeof cell !== "number" || Number.isFinite(cell);
  return isJson ? cellText(cell) : `{"real":"${cell}"}`;
}

/** The shortest digits that give the same double again; JSON has no number for Infinity. */
function doubleText(double: number): string {
  if (Object.is(double, -0)) return "-0";
  return Number.isFinite(double) ? String(double) : `"${double}"`;
}

/** SQLite keeps 10.50 as 10.5: the zeros that the scale promises are put back, no other digit is added or taken. */
function decimalText(cell: Present, scale: number, shift: number): string {
  const isNumber = typeof cell === "bigint" || (typeof cell === "number" && Number.isFinite(cell));
  if (!isNumber) return cellText(cell);
  const digits = shift > 0 ? shifted(String(cell), -shift) : String(cell);
  const [whole = "0", fraction = ""] = plainDecimal(digits).split(".");
  const decimals = fraction.padEnd(scale, "0");
  return decimals === "" ? whole : `${whole}.${decimals}`;
}

function booleanText(cell: Present): string {
  if (cell === 1n || cell === 1) return "true";
  return cell === 0n || cell === 0 ? "false" : cellText(cell);
}

function textOf(cell: Present): string {
  return cell instanceof Uint8Array ? binaryText(cell) : quoted(cell);
}

/** JSON text as it stands, on one line; text that is not JSON as a JSON string. */
function jsonText(cell: Present): string {
  if (typeof cell !== "string") return cellText(cell);
  try {
    JSON.parse(cell);
  } catch {
    return quoted(cell);
  }
  return cell.replace(/[\r\n]+/g, " ").trim();
}

/** `2024-01-02T03:04:05` is the same date and time as with a space; anything else stays as it is stored. */
function spaced(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/.test(text) ? text.replace("T", " ") : text;
}
