/** Which components an entry of a role speaks of: one of them, or with `wildcard` it and everything below. */
export interface Pattern {
  /** Folded, so that they compare with folded segments of a request. */
  readonly segments: readonly string[];
  readonly wildcard: boolean;
}

/**
 * Reads the component text of a role's entry: `''`, `*`, `_table/`, `_table/*`, `_table/x`, `_table/x/*`.
 * Text is decoded only after it was split, so `%2F` names a slash and `%2A` an asterisk that is not a wildcard.
 */
export function readPattern(component: string): Pattern {
  const raw = component.split("/").filter((segment) => segment !== "");
  const wildcard = raw.at(-1) === "*";
  const named = wildcard ? raw.slice(0, -1) : raw;
  return { segments: named.map((segment) => foldSegment(decoded(segment))), wildcard };
}

/** A segment as it is compared: letter case makes no difference. */
export function foldSegment(segment: string): string {
  return segment.toLowerCase();
}

/** A name such as `100%` was never encoded, and means itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
