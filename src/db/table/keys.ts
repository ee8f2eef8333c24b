import { toBase64 } from "../../lib/base64.ts";
import { plainDecimal } from "../../lib/decimal.ts";
import type { Column } from "../catalog.ts";
import type { Row } from "../plan/plan.ts";
import type { KeyLookup } from "../plan/read.ts";
import type { Family } from "../types.ts";
import type { Value } from "../values.ts";

/**
 * For each key that was asked for, in that order, the rows that have it. `undefined` when a row matches none of the keys as
 * text: databases may find rows by another spelling (letter case, a padded CHAR), and then nobody can tell whose row it is.
 */
export function rowsByKey(
  lookup: KeyLookup,
  rows: readonly Row[],
  keyOf: (row: Row) => Row,
): readonly (readonly Row[])[] | undefined {
  const { columns, keys } = lookup;
  const wanted = keys.map((key) => together(key.map((part, index) => canonical(columns[index], valueText(part)))));
  const groups = new Map<string, Row[]>(wanted.map((key) => [key, []]));
  for (const row of rows) {
    const group = groups.get(together(keyOf(row).map((part, index) => canonical(columns[index], jsonText(part)))));
    if (group === undefined) return undefined;
    group.push(row);
  }
  return wanted.map((key) => groups.get(key) ?? []);
}

/** The key as the request said it, fit to be shown in a message. */
export function keyText(key: readonly Value[]): string {
  return key.map(valueText).join(",").slice(0, 64);
}

/** A key as it was read, such that different spellings of one value are one text. */
export function keyOfCells(columns: readonly Column[], cells: Row): string {
  return together(cells.map((cell, index) => canonical(columns[index], jsonText(cell))));
}

function together(parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function valueText(value: Value): string {
  return value instanceof Uint8Array ? toBase64(value) : String(value);
}

function jsonText(json: string): string {
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}

/** Different spellings of one value, made one. */
const CANONICAL: Readonly<Partial<Record<Family, (text: string) => string>>> = {
  integer: plainNumber,
  decimal: plainNumber,
  float: (text) => String(Number(text)),
  uuid: (text) => text.replace(/[{}-]/g, "").toLowerCase(),
};

function canonical(column: Column | undefined, text: string): string {
  return (column && CANONICAL[column.family]?.(text)) ?? text;
}

function plainNumber(text: string): string {
  return /^[+-]?[\d.]+$/.test(text) ? plainDecimal(text) : text;
}
