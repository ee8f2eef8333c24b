import { toBase64 } from "../../lib/base64.ts";
import { isRawNumber, parseJson } from "../../lib/json.ts";
import type { Row } from "../plan/plan.ts";
import type { KeyLookup } from "../plan/read.ts";
import type { Value } from "../values.ts";

/** For each key that was asked for, in that order, the rows that have it. A row ends with the columns of its key. */
export function rowsByKey(
  lookup: KeyLookup,
  rows: readonly Row[],
  keyStart: (row: Row) => Row,
): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyStart(row).map(canonicalText).join("\n");
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const wanted = lookup.keys.map((key) => key.map(canonicalValue).join("\n"));
  const found = wanted.map((key) => groups.get(key) ?? []);
  return giveLeftovers(found, groups, new Set(wanted));
}

/**
 * A database may write a key in another way than the request did (`Z` and `+00:00`, a padded CHAR). Rows that match no
 * key as text are then given to the keys that found nothing, in order.
 */
function giveLeftovers(
  found: readonly (readonly Row[])[],
  groups: ReadonlyMap<string, readonly Row[]>,
  wanted: ReadonlySet<string>,
): readonly (readonly Row[])[] {
  const left = [...groups].filter(([key]) => !wanted.has(key)).map(([, rows]) => rows);
  if (left.length === 0) return found;
  return found.map((rows) => (rows.length > 0 ? rows : (left.shift() ?? [])));
}

/** The key as the request said it, fit to be shown in a message. */
export function keyText(key: readonly Value[]): string {
  return key
    .map((part) => canonicalValue(part))
    .join(",")
    .slice(0, 64);
}

function canonicalText(json: string): string {
  const value = parseJson(json);
  return canonical(isRawNumber(value) ? value.rawJSON : String(value));
}

function canonicalValue(value: Value): string {
  return canonical(value instanceof Uint8Array ? toBase64(value) : String(value));
}

function canonical(text: string): string {
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, "") : text;
}
