import { Fault } from "../../../contract/fault.ts";
import { DatabaseError, type DatabaseErrorKind, faultOf } from "../../errors.ts";
import { RefusedValue } from "../../plan/names.ts";
import { named, type TableCall } from "../context.ts";
import type { NestedRecord } from "./plan.ts";

/** Does the work for one nested record, whose failures name the place of the record in the request. */
export async function inPlace<T>(record: NestedRecord, on: TableCall, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw record.place === "" ? error : placed(ofRecord(error, record, on), record.place);
  }
}

/** As {@link inPlace}, for what is only read. */
export function readInPlace<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw place === "" ? error : placed(error, place);
  }
}

/** What the database may say of one record. All else is about the whole request, and may be worth another try. */
const OF_RECORD: ReadonlySet<DatabaseErrorKind> = new Set([
  "unique",
  "foreign_key",
  "not_null",
  "check",
  "out_of_range",
  "too_long",
  "invalid_value",
  "rejected",
  "read_only",
  "privilege",
]);

function ofRecord(error: unknown, { place, row }: NestedRecord, on: TableCall): unknown {
  if (!(error instanceof DatabaseError) || !OF_RECORD.has(error.kind)) return error;
  const { kind, columns, constraint, cause } = named(error, row.scope.table) as DatabaseError;
  const fields = columns.map((column) => `${place}.${column}`);
  return faultOf(new DatabaseError(kind, { columns: fields, constraint, cause }), on.call.service);
}

/** A record inside of another one that is missing is no missing page: the request is wrong. */
function placed(error: unknown, place: string): unknown {
  if (!(error instanceof Fault) || error instanceof RefusedValue) return error;
  if (error.status >= 500 || error.message.includes(`'${place}`)) return error;
  const code = error.code === "not_found" ? "bad_request" : error.code;
  return new Fault(code, `In '${place}': ${error.message}`, { cause: error });
}
