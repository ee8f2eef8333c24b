import { DatabaseError } from "./errors.ts";
import { RefusedValue, UnknownName } from "./plan/names.ts";

/** Ends a request whose failure may come from a catalog that is out of date, so that it can be tried with a newer one. */
export class StaleCatalog extends Error {
  constructor(cause: unknown) {
    super("The catalog may be out of date.", { cause });
  }
}

/**
 * Whether a newer catalog might tell another story: a name that the catalog or the database lacks, types that changed under
 * a statement, or a value that the catalog refuses, if that is `worthReading` for its field.
 */
export function mayBeStale(error: unknown, worthReading: (field: string) => boolean): boolean {
  if (error instanceof RefusedValue) return worthReading(error.field);
  if (error instanceof DatabaseError) return error.kind === "undefined_object" || error.kind === "stale_plan";
  return error instanceof UnknownName;
}
