import { VERB_BITS, VERBS } from "../../contract/call.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { labelOf } from "../../lib/words.ts";
import type { ColumnFacts } from "../catalog.ts";
import type { SimpleType } from "../types.ts";
import { RESOURCE_OF, type Routine } from "./catalog.ts";
import type { ResultFacts } from "./facts.ts";

/** The short form of a routine in lists. */
export function summarizeRoutine(routine: Routine, access: Access): JsonObject {
  const { name, kind, overloads } = routine;
  const mask = access.verbs([RESOURCE_OF[kind], name]);
  return {
    name,
    label: labelOf(name),
    description: overloads[0].comment,
    access: VERBS.filter((verb) => (mask & VERB_BITS[verb]) !== 0),
  };
}

/** All that `_proc?ids=` says; of several routines of one name the one with the fewest parameters. */
export function describeRoutine(routine: Routine, access: Access): JsonObject {
  const [{ params, result }] = routine.overloads;
  const { access: verbs = [], ...summary } = summarizeRoutine(routine, access);
  return {
    ...summary,
    native: [],
    return_type: returnType(result),
    return_schema: result.kind === "rows" ? result.columns.map(describeType) : [],
    params: params.map((param, index) => ({
      ...describeType(param, index),
      param_type: param.mode,
      default: param.default,
    })),
    access: verbs,
  };
}

function returnType(result: ResultFacts): SimpleType | null {
  switch (result.kind) {
    case "none":
      return null;
    case "scalar":
      return result.isSet ? "table" : result.type.type;
    default:
      return result.isSet ? "table" : "row";
  }
}

function describeType(facts: ColumnFacts, index: number): JsonObject {
  const { name, type, dbType, length, precision, scale } = facts;
  return { name, position: index + 1, type, db_type: dbType, length, precision, scale };
}
