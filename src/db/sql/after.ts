import type { Left, Place, Predicate } from "../plan/plan.ts";
import type { Dialect } from "./dialect.ts";

type After = Extract<Predicate, { kind: "after" }>;

/** The rows behind a place in an order, in conditions that every database has. */
export function afterCondition({ places }: After, { nullIs }: Pick<Dialect, "nullIs">): Predicate {
  const behind = behindAll(places, nullIs);
  const [first] = places;
  if (first === undefined || places.length === 1 || first.value === null || first.column.allowNull) return behind;
  // Says nothing new, but an index can be used for it.
  return { kind: "and", terms: [beyond(first, true), behind] };
}

/** Behind by the first column, or level with it and behind by the others. */
function behindAll([place, ...rest]: readonly Place[], nullIs: Dialect["nullIs"]): Predicate {
  if (place === undefined) return NOTHING;
  const further = behindOne(place, nullIs);
  if (rest.length === 0) return further ?? NOTHING;
  const level: Predicate = { kind: "and", terms: [levelWith(place), behindAll(rest, nullIs)] };
  return further === undefined ? level : { kind: "or", terms: [further, level] };
}

/** `undefined` where nothing can be: behind NULL at the end. */
function behindOne(place: Place, nullIs: Dialect["nullIs"]): Predicate | undefined {
  const isNull: Predicate = { kind: "null", left: leftOf(place) };
  const nullsLast = place.nulls === undefined ? place.descending === (nullIs === "smallest") : place.nulls === "last";
  if (place.value === null) return nullsLast ? undefined : { kind: "not", term: isNull };
  const further = beyond(place, false);
  return nullsLast && place.column.allowNull ? { kind: "or", terms: [further, isNull] } : further;
}

function beyond(place: Place, orLevel: boolean): Predicate {
  const sign = place.descending ? "<" : ">";
  return { kind: "compare", left: leftOf(place), op: orLevel ? `${sign}=` : sign, value: place.value };
}

function levelWith(place: Place): Predicate {
  if (place.value === null) return { kind: "null", left: leftOf(place) };
  return { kind: "compare", left: leftOf(place), op: "=", value: place.value };
}

function leftOf({ column }: Place): Left {
  return { column, path: [], as: column.family };
}

const NOTHING: Predicate = { kind: "or", terms: [] };
