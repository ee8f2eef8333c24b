import { type Call, type Params, VERB_BITS, type Verb } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";

/** One operation of a batch, its references not yet resolved. */
export interface Operation {
  readonly verb: Verb;
  readonly path: readonly string[];
  readonly params: Params;
  readonly body: Json | undefined;
}

/** What a batch asks for. */
export interface Operations {
  /** All of it holds or nothing; else each operation stands for itself. */
  readonly atomic: boolean;
  readonly operations: readonly Operation[];
}

/** Whether a call is a batch of others. */
export function isBatch({ verb, path }: Pick<Call, "verb" | "path">): boolean {
  return verb === "POST" && path.length === 1 && path[0] === "_batch";
}

const MOST_OPERATIONS = 1000;

/** Reads `{atomic, ops:[{method, path, body}]}`. Raises `bad_request` that names the operation. */
export function readOperations(body: Json | undefined): Operations {
  const ops = isJsonObject(body) ? body.ops : undefined;
  if (!Array.isArray(ops) || ops.length === 0)
    throw new Fault("bad_request", "A batch needs a list 'ops' of operations.");
  if (ops.length > MOST_OPERATIONS)
    throw new Fault("payload_too_large", `A batch holds at most ${MOST_OPERATIONS} operations.`);
  const { atomic = true } = body as JsonObject;
  if (typeof atomic !== "boolean") throw new Fault("bad_request", "Field 'atomic' must be true or false.");
  return { atomic, operations: ops.map(readOperation) };
}

function readOperation(said: Json, index: number): Operation {
  const place = `ops.${index}`;
  if (!isJsonObject(said)) throw new Fault("bad_request", `Field '${place}' must be an object.`);
  const { method, path } = said;
  if (typeof path !== "string") throw new Fault("bad_request", `Field '${place}.path' must be a text.`);
  const url = targetOf(path, place);
  return { verb: verbOf(method, place), path: segmentsOf(url, place), params: paramsOf(url), body: said.body };
}

function verbOf(method: Json | undefined, place: string): Verb {
  const verb = typeof method === "string" ? method.toUpperCase() : "";
  if (Object.hasOwn(VERB_BITS, verb)) return verb as Verb;
  throw new Fault("bad_request", `Field '${place}.method' must be one of ${Object.keys(VERB_BITS).join(", ")}.`);
}

interface TargetText {
  readonly path: string;
  readonly query: string;
}

/** The path below the service, such as `_table/orders/5?fields=*`. */
function targetOf(text: string, place: string): TargetText {
  if (text.includes("#")) throw new Fault("bad_request", `Field '${place}.path' must not hold a '#'.`);
  const [path = "", ...rest] = text.split("?");
  return { path: path.replace(/^\//, ""), query: rest.join("?") };
}

function segmentsOf({ path }: TargetText, place: string): readonly string[] {
  const segments = path
    .replace(/\/$/, "")
    .split("/")
    .map((segment) => decoded(segment, place));
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".."))
    throw new Fault("bad_request", `Field '${place}.path' holds an empty segment or dots.`);
  if (segments[0] === "_batch") throw new Fault("bad_request", `Field '${place}.path' can not name another batch.`);
  return segments;
}

function decoded(segment: string, place: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Fault("bad_request", `Field '${place}.path' is not encoded rightly.`);
  }
}

function paramsOf({ query }: TargetText): Params {
  return new Map(new URLSearchParams(query));
}
