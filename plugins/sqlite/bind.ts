import { Fault } from "../../src/contract/fault.ts";
import type { Json } from "../../src/contract/json.ts";
import type { Column } from "../../src/db/catalog.ts";
import type { Left } from "../../src/db/plan/plan.ts";
import type { Bound } from "../../src/db/sql/driver.ts";
import type { Value } from "../../src/db/values.ts";
import { fromBase64 } from "../../src/lib/base64.ts";
import { isRawNumber, parseJson } from "../../src/lib/json.ts";
import { isCell, shiftOf } from "./column-rules.ts";
import { affinityOf, isUntyped } from "./columns.ts";
import { canonicalNumber, exactNumber, looksNumeric, shifted } from "./numbers.ts";

/** What SQLite is given for a checked value. Raises `bad_request` for a number that it would round. */
export function bindValue(column: Column, value: Value): Bound {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  const text = String(value);
  if (isCell(column)) return bindCell(parseJson(text));
  switch (column.family) {
    case "integer":
      return exactNumber(text) ?? refuse(column);
    case "decimal":
      if (shiftOf(column) > 0) return bindUnits(text, shiftOf(column));
      return exactNumber(text) ?? refuse(column);
    case "float":
      return bindFloat(column, text);
    case "json":
      return bindJson(column, text);
    case "datetimetz":
      return text.replace(/[zZ]$/, "+00:00");
    default:
      return bindText(column, text);
  }
}

/** A value that a place inside JSON is compared with. */
export function bindInside(left: Left, value: Value): Bound {
  if (typeof value === "boolean") return value ? 1n : 0n;
  const text = String(value);
  return left.as === "float" ? (exactNumber(text) ?? Number(text)) : text;
}

/** What a cell is, as its JSON says. */
function bindCell(json: Json): Bound {
  if (typeof json === "string") return json;
  if (isRawNumber(json)) return numberOf(json.rawJSON);
  if (typeof json === "number") return numberOf(String(json));
  const { blob, real } = json as { readonly blob?: string; readonly real?: string };
  return blob === undefined ? Number(real) : fromBase64(blob);
}

function numberOf(digits: string): Bound {
  return exactNumber(digits) ?? Number(digits);
}

/** A decimal as a number of its smallest units; one between two units is compared as it is. */
function bindUnits(digits: string, shift: number): Bound {
  return numberOf(shifted(digits, shift));
}

/** The nearest double, as everywhere; but finite digits do not become Infinity. */
function bindFloat(column: Column, text: string): Bound {
  const double = Number(text);
  return Number.isFinite(double) || /Infinity/.test(text) ? double : refuse(column);
}

/** JSON that is only a number meets the numeric affinity of the column: SQLite stores the number, not its text. */
function bindJson(column: Column, text: string): Bound {
  const becomesNumber = looksNumeric(text) && affinityOf(column.dbType) === "numeric";
  return becomesNumber ? (exactNumber(text) ?? refuse(column)) : text;
}

/** In a column whose type SQLite takes for numeric (`STRING`!) a text such as 007 would come back as 7. */
function bindText(column: Column, text: string): Bound {
  if (isUntyped(column.dbType)) return canonicalNumber(text) ?? text;
  if (!looksNumeric(text)) return text;
  const affinity = affinityOf(column.dbType);
  if (affinity === "text" || affinity === "blob") return text;
  return canonicalNumber(text) ?? refuse(column);
}

function refuse(column: Column): never {
  throw new Fault("bad_request", `Field '${column.name}' can not hold this number exactly.`);
}
