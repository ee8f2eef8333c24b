import type { Column } from "../../src/db/catalog.ts";
import { numberText, quoted, standardDecoder } from "../../src/db/sql/decode.ts";
import type { Decoder } from "../../src/db/sql/dialect.ts";
import type { Cell } from "../../src/db/sql/driver.ts";

type Given = NonNullable<Cell>;

/** How a cell of the column becomes JSON text. */
export function decoderOf(column: Column): Decoder {
  switch (column.family) {
    case "boolean":
      return booleanText;
    case "integer":
      return (cell) => (cell instanceof Uint8Array ? bitsOf(cell).toString() : numberText(cell));
    case "float":
      return isSingle(column)
        ? (cell) => numberText(typeof cell === "number" ? shortestSingle(cell) : cell)
        : numberText;
    case "time":
    case "datetime":
      return (cell) => quoted(withFraction(String(cell), column.precision ?? 0));
    case "json":
      return jsonText;
    default:
      return standardDecoder(column);
  }
}

/** Whether the column holds floats of 32 bits. */
export function isSingle(column: Pick<Column, "dbType">): boolean {
  return column.dbType.startsWith("float");
}

/** A column that has become one of text since the catalog was read goes as text. */
function booleanText(cell: Given): string {
  if (typeof cell === "string") return quoted(cell);
  const bits = cell instanceof Uint8Array ? bitsOf(cell) : cell;
  return Number(bits) === 0 ? "false" : "true";
}

/** A BIT comes as bytes, the most significant first. */
function bitsOf(bytes: Uint8Array): bigint {
  return bytes.reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

/** The shortest digits that read back to the same float of 32 bits: 0.1, not 0.10000000149011612. */
function shortestSingle(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** The binary protocol leaves a fraction of zeros out; the server's own text always has as many digits as the type. */
function withFraction(text: string, digits: number): string {
  if (digits === 0) return text;
  const [whole = "", fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(digits, "0")}`;
}

/**
 * MariaDB stores JSON as the text that was given, takes a few texts for valid that are not (`1.` and `"\x"`), and does not
 * say when the column has become one of plain text.
 */
function jsonText(cell: Given): string {
  const text = cell instanceof Uint8Array ? new TextDecoder().decode(cell) : String(cell);
  if (!isJson(text)) return quoted(text);
  // A line break can only stand between tokens, where a space does as well and keeps NDJSON whole.
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, " ") : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
