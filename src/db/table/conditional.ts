import type { Call } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { textHash } from "../../lib/text-hash.ts";
import type { Runner } from "../connector.ts";
import type { TableCall } from "./context.ts";

/**
 * The entity tag of a record as it is answered (RFC 9110 §8.8.3). Rows of other services make up a second part of it: no
 * transaction keeps them as they are, so that a write only looks at the part of the record without them.
 */
export function entityTag(own: string, whole = own): string {
  return whole === own ? `"${textHash(own)}"` : `"${textHash(own)}.${textHash(whole)}"`;
}

/** The present answer to a GET of the record without what other services hold, or `undefined` when there is none; it stays so until the transaction ends. */
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
    if (match && !holds(match, json)) {
      // The tag may come from an answer that was kept too long: the next one must not.
      await connector.forget?.(on.table);
      throw failed("If-Match");
    }
    if (noneMatch && holds(withoutWeak(noneMatch), json)) throw failed("If-None-Match");
    return write(inside);
  }, call.signal);
}

/** Raises `bad_request` for conditions of a request that is not about one record by its id: there is nothing to compare. */
export function refuseConditions(call: Call): void {
  const header = ["If-Match", "If-None-Match"].find((name) => tagsOf(call, name) !== undefined);
  if (header !== undefined)
    throw new Fault("bad_request", `The header '${header}' can only be used with one record, by its id in the path.`);
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
  return tags === "*" || tags.some((tag) => ownPart(tag) === entityTag(json));
}

/** What must not match is compared weakly. */
function withoutWeak(tags: Tags): Tags {
  return tags === "*" ? tags : tags.map((tag) => tag.replace(/^W\//, ""));
}

/** Behind it may stand the part of other services, and the name of the format that the record was answered in. */
function ownPart(tag: string): string {
  return tag.replace(/(?:\.[0-9a-f]{16})?(?:-(?:csv|xml|ndjson))?"$/, '"');
}

function failed(header: string): Fault {
  return new Fault("precondition_failed", `The record is not as the header '${header}' wants it.`);
}
