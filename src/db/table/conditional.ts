import type { Call } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { textHash } from "../../lib/text-hash.ts";
import type { Runner } from "../connector.ts";
import type { TableCall } from "./context.ts";

/** The entity tag of a record as it is answered (RFC 9110 §8.8.3). */
export function entityTag(json: string): string {
  return `"${textHash(json)}"`;
}

/** The present answer to a GET of the record, or `undefined` when there is none; it stays so until the transaction ends. */
export type Present = (runner: Runner) => Promise<string | undefined>;

/**
 * Does a write of one record if the conditions of its request hold, `If-Match` and `If-None-Match` (RFC 9110 §13.1).
 * Raises `precondition_failed` otherwise, and `not_implemented` where no transaction can keep the record as it is.
 */
export async function ifMatching<T>(
  on: TableCall,
  present: Present,
  write: (runner: Runner) => Promise<T>,
): Promise<T> {
  const { call, connector } = on;
  const match = tagsOf(call, "If-Match");
  const noneMatch = tagsOf(call, "If-None-Match");
  if (match === undefined && noneMatch === undefined) return write(connector);
  if (connector.batch !== undefined)
    throw new Fault(
      "not_implemented",
      "This database can not keep a record unchanged between a condition and a write.",
    );
  return connector.transaction(async (inside) => {
    const json = await present(inside);
    if (match && !holds(match, json)) throw failed("If-Match");
    if (noneMatch && holds(noneMatch, json)) throw failed("If-None-Match");
    return write(inside);
  }, call.signal);
}

type Tags = "*" | readonly string[];

function tagsOf(call: Call, header: string): Tags | undefined {
  const text = call.header(header)?.trim();
  if (text === undefined || text === "") return undefined;
  if (text === "*") return "*";
  const tags = text.match(ENTITY_TAG);
  if (tags === null) throw new Fault("bad_request", `The header '${header}' holds no entity tag such as "1a2b".`);
  return tags;
}

const ENTITY_TAG = /(?:W\/)?"[^"]*"/g;

/** A weak tag matches nothing that a write may rely on. */
function holds(tags: Tags, json: string | undefined): boolean {
  if (json === undefined) return false;
  return tags === "*" || tags.some((tag) => withoutFormat(tag) === entityTag(json));
}

/** The tag of the same record in another format has the name of that behind it. */
function withoutFormat(tag: string): string {
  return tag.replace(/-(?:csv|xml|ndjson)"$/, '"');
}

function failed(header: string): Fault {
  return new Fault("precondition_failed", `The record is not as the header '${header}' wants it.`);
}
