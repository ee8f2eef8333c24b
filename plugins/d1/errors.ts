import { DatabaseError, type DatabaseErrorKind } from "../../src/db/errors.ts";
import { databaseErrorOf } from "../sqlite/errors.ts";

/** The primary result codes of SQLite (https://sqlite.org/rescode.html) as D1 names them. */
const CODES: Readonly<Record<string, number>> = {
  ERROR: 1,
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  INTERRUPT: 9,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  SCHEMA: 17,
  TOOBIG: 18,
  CONSTRAINT: 19,
  MISMATCH: 20,
  AUTH: 23,
};

/** The extended codes, by the words that each always comes with. */
const CONSTRAINTS: readonly (readonly [RegExp, number])[] = [
  [/^CHECK/, 275],
  [/^FOREIGN KEY/, 787],
  [/^NOT NULL/, 1299],
  [/^UNIQUE/, 2067],
  [/^cannot store/, 3091],
];

/** What the platform says of itself (https://developers.cloudflare.com/d1/observability/debug-d1), the first that fits. */
const PLATFORM: readonly (readonly [RegExp, DatabaseErrorKind])[] = [
  [/^D1_TYPE_ERROR/, "invalid_value"],
  // Of a deferred foreign key or RAISE(ROLLBACK) as of a fault of its own: whose failure it is can not be told.
  [/^(?:D1_ERROR: )?internal error;/, "unknown"],
  [/overloaded|too many .*requests/i, "saturated"],
  [/CPU time limit|timeout/i, "timeout"],
];

const SAID = /^(?:D1_\w*ERROR: )?(.*?)(?: at offset \d+)?: SQLITE_([A-Z]+)(?: \(extended: \w+\))?$/s;

/** The failure of D1 in the words that all databases share. What SQLite did not say is the platform's, which is away then. */
export function asDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [, message = "", name = ""] = SAID.exec(text) ?? [];
  const code = CODES[name];
  if (code === undefined) return platformError(text, error);
  return databaseErrorOf({ code: code === 19 ? constraintCode(message) : code, message, cause: error });
}

function constraintCode(message: string): number {
  return CONSTRAINTS.find(([words]) => words.test(message))?.[1] ?? 19;
}

function platformError(text: string, cause: unknown): DatabaseError {
  const kind = PLATFORM.find(([words]) => words.test(text))?.[1];
  return kind === undefined
    ? new DatabaseError("unavailable", { connect: "lost", cause })
    : new DatabaseError(kind, { cause });
}
