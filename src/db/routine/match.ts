import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isRawNumber } from "../../lib/json.ts";
import { RefusedValue, shown, UnknownName } from "../plan/names.ts";
import { checkValue, demandRoom, type Value } from "../values.ts";
import type { Routine } from "./catalog.ts";
import type { ParamFacts, RoutineFacts } from "./facts.ts";
import type { Argument } from "./plan.ts";
import type { CallRequest } from "./request.ts";

/** A routine with the arguments that a call gives it. */
export interface Match {
  readonly routine: RoutineFacts;
  readonly args: readonly Argument[];
  /** How far the values are from what the parameters want; of several that fit the nearest is called. */
  readonly distance: number;
}

/** Chooses among the routines of one name by number, names and types of the arguments. Raises `bad_request`. */
export function matchRoutine(routine: Routine, request: CallRequest): Match {
  const [first, ...others] = routine.overloads;
  if (others.length === 0) return matchOne(routine, first, request);
  const fitting = routine.overloads.flatMap((each) => tryMatch(routine, each, request));
  const nearest = Math.min(...fitting.map((each) => each.distance));
  const [best, ...equals] = fitting.filter((each) => each.distance === nearest);
  if (best !== undefined && equals.length === 0) return best;
  const why = best === undefined ? "has no signature that takes these arguments" : "can not be told by these arguments";
  throw new UnknownName("bad_request", `${title(routine)} ${why}: ${signatures(routine)}.`);
}

/** `Procedure 'x'`, as messages begin. */
export function title({ kind, name }: Pick<Routine, "kind" | "name">): string {
  return `${kind === "procedure" ? "Procedure" : "Function"} '${shown(name)}'`;
}

const MOST_SIGNATURES = 10;

function signatures({ name, overloads }: Routine): string {
  const shownOnes = overloads.slice(0, MOST_SIGNATURES).map(({ params }) => {
    const given = params.filter(isGiven);
    return `${name}(${given.map((param) => `${param.name} ${param.dbType}`.trim()).join(", ")})`;
  });
  return shownOnes.join("; ") + (overloads.length > MOST_SIGNATURES ? "; …" : "");
}

function tryMatch(routine: Routine, facts: RoutineFacts, request: CallRequest): readonly Match[] {
  try {
    return [matchOne(routine, facts, request)];
  } catch (error) {
    if (error instanceof Fault && error.code === "bad_request") return [];
    throw error;
  }
}

function isGiven(param: ParamFacts): boolean {
  return param.mode !== "OUT";
}

function matchOne(routine: Routine, facts: RoutineFacts, request: CallRequest): Match {
  refuseUnknown(routine, facts, request);
  const params = facts.params.filter(isGiven);
  const positional = spread(routine, params, request.positional);
  const inline = spread(routine, params, request.inline);
  const used: Argument[] = [];
  let distance = 0;
  params.forEach((param, at) => {
    const sources = [saidOf(param, request), positional[at], inline[at], request.query.get(param.name.toLowerCase())];
    const json = sources.find((each) => each !== undefined);
    if (json === undefined) {
      demandDefault(routine, param);
      distance += 0.01;
      return;
    }
    if (used.length < at && isUnnamed(param))
      throw new UnknownName(
        "bad_request",
        `${title(routine)} needs all values before that of its parameter ${at + 1}.`,
      );
    used.push({ param, value: checkArgument(param, json) });
    distance += distanceOf(param, json);
  });
  return { routine: facts, args: used, distance };
}

/** It can only be told by its place, which it has lost when one before it is left out. */
function isUnnamed({ name }: ParamFacts): boolean {
  return /^\$\d+$/.test(name);
}

function saidOf({ name }: ParamFacts, { named }: CallRequest): Json | undefined {
  return name === "" ? undefined : named.get(name.toLowerCase())?.value;
}

function refuseUnknown(routine: Routine, { params }: RoutineFacts, { named }: CallRequest): void {
  const known = new Set(params.map((param) => param.name.toLowerCase()));
  for (const [folded, { name }] of named) {
    if (!known.has(folded))
      throw new UnknownName("bad_request", `${title(routine)} has no parameter '${shown(name)}'.`);
  }
}

/** Values by position; those beyond the last parameter belong to it where it takes any number. */
function spread(
  routine: Routine,
  params: readonly ParamFacts[],
  values: readonly (Json | undefined)[],
): readonly (Json | undefined)[] {
  const last = params.length - 1;
  if (params[last]?.isVariadic && values.length > last) {
    const rest = values.slice(last).map((value) => value ?? null);
    const isWhole = rest.length === 1 && Array.isArray(rest[0]);
    return [...values.slice(0, last), isWhole ? rest[0] : rest];
  }
  if (values.length <= params.length) return values;
  const most = `${params.length} ${params.length === 1 ? "argument" : "arguments"}`;
  throw new UnknownName("bad_request", `${title(routine)} takes at most ${most}.`);
}

function demandDefault(routine: Routine, param: ParamFacts): void {
  if (param.hasDefault) return;
  throw new UnknownName("bad_request", `${title(routine)} needs a value for its parameter '${param.name}'.`);
}

/** Checks a value as one of a column of the parameter's type would be. */
function checkArgument(param: ParamFacts, json: Json): Value {
  try {
    const value = checkValue(param.name, param, asText(param, json));
    demandRoom(param.name, param, value);
    return value;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new RefusedValue(param.name, new Fault(error.code, error.message.replace(/^Field /, "Parameter ")));
  }
}

/** MariaDB calls a parameter of JSON a long text. */
function asText({ family, type }: ParamFacts, json: Json): Json {
  const isTree = typeof json === "object" && json !== null && !isRawNumber(json);
  return isTree && family === "string" && type === "longtext" ? JSON.stringify(json) : json;
}

const FAR = 9;
/** What a number, a boolean and a text are nearest to; NULL is as near to the one as to the other. */
const DISTANCES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  number: { integer: 0, decimal: 1, float: 2, string: 5 },
  boolean: { boolean: 0, string: 5 },
  text: {
    geometry: 0,
    uuid: 0,
    date: 0,
    time: 0,
    datetime: 0,
    datetimetz: 0.5,
    string: 1,
    integer: 2,
    decimal: 3,
    float: 4,
    boolean: 5,
  },
  array: { array: 0, json: 1 },
  object: { geometry: 0, json: 1 },
  null: {},
};

function distanceOf({ family, dbType }: ParamFacts, json: Json): number {
  if (json === null) return 0;
  // Of the two types of PostGIS the plain one is meant, unless only the other fits.
  const isFarther = dbType.endsWith("geography") ? 0.25 : 0;
  return (DISTANCES[natureOf(json)]?.[family] ?? FAR) + isFarther;
}

function natureOf(json: Json): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "array";
  if (isRawNumber(json) || typeof json === "number") return "number";
  return typeof json === "string" ? "text" : typeof json;
}
