import type { RoutineFacts, RoutineKind } from "./facts.ts";

/** A routine as it is served: all that bear one name. */
export interface Routine {
  /** The name in the API: bare, or `schema.name`. */
  readonly name: string;
  readonly kind: RoutineKind;
  readonly overloads: readonly [RoutineFacts, ...RoutineFacts[]];
}

/** The routines of one database at one moment, by kind and name. */
export interface RoutineCatalog {
  readonly routines: readonly Routine[];
  readonly byName: ReadonlyMap<string, Routine>;
}

/** The resource that a routine stands under. */
export const RESOURCE_OF: Readonly<Record<RoutineKind, string>> = { procedure: "_proc", function: "_func" };

/** Which routines stand under a resource. */
export const KIND_OF: Readonly<Record<string, RoutineKind>> = { _proc: "procedure", _func: "function" };

/** Puts those of one name together. A name with a parenthesis could not be told from its arguments: it is not served. */
export function makeRoutineCatalog(found: readonly RoutineFacts[]): RoutineCatalog {
  const groups = Map.groupBy(
    found.filter((facts) => !servedName(facts).includes("(")),
    (facts) => keyOf(facts.kind, servedName(facts)),
  );
  const routines = [...groups.values()].flatMap(makeRoutine).sort((a, b) => (a.name < b.name ? -1 : 1));
  const folded = routines.map((each) => [keyOf(each.kind, each.name.toLowerCase()), each] as const);
  const exact = routines.map((each) => [keyOf(each.kind, each.name), each] as const);
  return { routines, byName: new Map([...folded.reverse(), ...exact]) };
}

/** The routine of this name in any case; one in the very same case wins. */
export function findRoutine(catalog: RoutineCatalog, kind: RoutineKind, name: string): Routine | undefined {
  return catalog.byName.get(keyOf(kind, name)) ?? catalog.byName.get(keyOf(kind, name.toLowerCase()));
}

function servedName({ isBare, schema, name }: RoutineFacts): string {
  return isBare ? name : `${schema}.${name}`;
}

function keyOf(kind: RoutineKind, name: string): string {
  return `${kind} ${name}`;
}

function makeRoutine(overloads: readonly RoutineFacts[]): readonly Routine[] {
  const [first, ...rest] = [...overloads].sort((a, b) => a.params.length - b.params.length);
  return first === undefined ? [] : [{ name: servedName(first), kind: first.kind, overloads: [first, ...rest] }];
}
