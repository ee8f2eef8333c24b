import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { contentOf } from "../envelope.ts";
import type { Record_ } from "../plan/write.ts";

/** The records of a body. */
export interface Records {
  readonly records: readonly Record_[];
  /** A list answers with a list and fails as a batch; a bare object fails with its own error. */
  readonly isList: boolean;
}

/** Reads `{"resource":[…]}`, a bare list or a bare object. Raises `bad_request`. */
export function readRecords(body: Json | undefined): Records {
  if (body === undefined || body === null) throw noRecords();
  const content = contentOf(body);
  if (Array.isArray(content)) return { records: demandSome(content).map(demandRecord), isList: true };
  return { records: [demandRecord(content, 0)], isList: content !== body };
}

/** The one record of a body. Raises `bad_request`. */
export function readOneRecord(body: Json | undefined): Record_ {
  const { records } = readRecords(body);
  const [record] = records;
  if (record === undefined || records.length > 1)
    throw new Fault("bad_request", "The request must hold exactly one record.");
  return record;
}

/** So many records take a while to plan, and an answer of their own. */
const MAX_RECORDS = 100_000;

function demandSome(list: readonly Json[]): readonly Json[] {
  if (list.length === 0) throw noRecords();
  if (list.length > MAX_RECORDS)
    throw new Fault("payload_too_large", `The request holds more than ${MAX_RECORDS} records.`);
  return list;
}

/** The answer to a request that writes records and holds none. */
export function noRecords(): Fault {
  return new Fault("bad_request", "No record(s) detected in request.");
}

function demandRecord(record: Json, index: number): Record_ {
  if (!isJsonObject(record)) throw new Fault("bad_request", `Record ${index} of the request must be an object.`);
  return record;
}
