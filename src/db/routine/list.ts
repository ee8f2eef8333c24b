import type { Call } from "../../contract/call.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { Options } from "../options.ts";
import { shown, UnknownName } from "../plan/names.ts";
import { findRoutine, KIND_OF, RESOURCE_OF, type Routine, type RoutineCatalog } from "./catalog.ts";
import { describeRoutine, summarizeRoutine } from "./describe.ts";
import type { RoutineKind } from "./facts.ts";

/** GET `_proc` or `_func`: the routines that the caller may touch. */
export function listRoutines(call: Call, access: Access, catalog: RoutineCatalog): Json {
  const options = new Options(call.params, call.body, call.verb);
  const kind = KIND_OF[call.path[0] ?? ""] ?? "procedure";
  const ids = options.list("ids");
  const seen = ids ? ids.map((id) => demandSeen(id, kind, access, catalog)) : routinesSeen(kind, access, catalog);
  if (options.flag("as_list")) return { resource: seen.map(({ name }) => name) };
  const fields = options.list("fields");
  const isWhole = ids !== undefined || fields !== undefined;
  const entryOf = isWhole ? describeRoutine : summarizeRoutine;
  return { resource: seen.map((routine) => pick(entryOf(routine, access), fields)) };
}

/** The routines of which the caller may use anything. */
function routinesSeen(kind: RoutineKind, access: Access, catalog: RoutineCatalog): readonly Routine[] {
  return catalog.routines.filter((routine) => routine.kind === kind && isSeen(routine, access));
}

/** The names of the routines below `_proc` or `_func` that the caller may touch. */
export function routineNames(resource: string, access: Access, catalog: RoutineCatalog): readonly string[] {
  return routinesSeen(KIND_OF[resource] ?? "procedure", access, catalog).map(({ name }) => name);
}

function isSeen({ kind, name }: Routine, access: Access): boolean {
  return access.verbs([RESOURCE_OF[kind], name]) !== 0;
}

/** One that the caller may not touch does not exist for it. */
function demandSeen(name: string, kind: RoutineKind, access: Access, catalog: RoutineCatalog): Routine {
  const routine = findRoutine(catalog, kind, name);
  if (routine === undefined || !isSeen(routine, access)) throw unknownRoutine(kind, name);
  return routine;
}

/** The answer to a name that no routine has. */
export function unknownRoutine(kind: RoutineKind, name: string): UnknownName {
  const word = kind === "procedure" ? "Procedure" : "Function";
  return new UnknownName("not_found", `${word} '${shown(name)}' does not exist in the database.`);
}

function pick(entry: JsonObject, fields: readonly string[] | undefined): JsonObject {
  if (fields === undefined || fields.includes("*")) return entry;
  return Object.fromEntries(Object.entries(entry).filter(([name]) => fields.includes(name)));
}
