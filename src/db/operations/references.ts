import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject, isRawNumber } from "../../lib/json.ts";
import { shown } from "../plan/names.ts";

/** `0.id` = field `id` of the first record of operation 0; `0.2.id` that of its third one. */
const REFERENCE = /^(\d{1,4})\.(?:(\d{1,6})\.)?(.+)$/s;

interface Reference {
  readonly operation: number;
  readonly record: number;
  readonly field: string;
}

/** Raises `bad_request` for a reference to an operation that does not come before this one: so there is no circle. */
export function checkReferences(body: Json | undefined, operation: number): void {
  mapReferences(body, `ops.${operation}.body`, (reference, place) => {
    if (reference.operation < operation) return null;
    throw new Fault("bad_request", `Field '${place}': '$ref' must name an operation that comes before this one.`);
  });
}

/** What the references of an operation may name. */
export interface Earlier {
  readonly operation: number;
  /** What the operations before it have answered. */
  readonly results: readonly Json[];
  /** Told of each value that is brought in: a few references to references would else make a body without end. */
  take(value: Json): void;
}

/** The body with the values that its references name. Raises `bad_request` for a field that the result lacks. */
export function resolveReferences(body: Json | undefined, { operation, results, take }: Earlier): Json | undefined {
  return mapReferences(body, `ops.${operation}.body`, (reference, place) => {
    const record = recordsOf(results[reference.operation] ?? null)[reference.record];
    if (isJsonObject(record) && Object.hasOwn(record, reference.field)) {
      const value = record[reference.field] ?? null;
      take(value);
      return value;
    }
    const name = shown(`${reference.operation}.${reference.field}`);
    throw new Fault("bad_request", `Field '${place}': the result named by '${name}' does not exist.`);
  });
}

function recordsOf(result: Json): readonly Json[] {
  const content = isJsonObject(result) && Array.isArray(result.resource) ? result.resource : result;
  return Array.isArray(content) ? content : [content];
}

type Resolve = (reference: Reference, place: string) => Json;

const DEEPEST = 64;

function mapReferences(value: Json | undefined, place: string, resolve: Resolve, depth = 0): Json | undefined {
  if (value === undefined || value === null || typeof value !== "object" || isRawNumber(value)) return value;
  if (depth > DEEPEST) throw new Fault("bad_request", `Field '${place}' is nested too deeply.`);
  if (Array.isArray(value))
    return value.map((item, index) => mapReferences(item, `${place}.${index}`, resolve, depth + 1) ?? null);
  const reference = referenceOf(value);
  if (reference !== undefined) return resolve(reference, place);
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, each]) => [name, mapReferences(each, `${place}.${name}`, resolve, depth + 1) ?? null]),
  );
}

/** An object with other fields, or whose text is another (as the `$ref` of a JSON schema), is plain data. */
function referenceOf(value: Json): Reference | undefined {
  if (!isJsonObject(value) || typeof value.$ref !== "string" || Object.keys(value).length !== 1) return undefined;
  const parts = REFERENCE.exec(value.$ref);
  if (parts === null) return undefined;
  return { operation: Number(parts[1]), record: Number(parts[2] ?? 0), field: parts[3] ?? "" };
}
