import { DatabaseError, type DatabaseErrorDetail, type DatabaseErrorKind } from "../../src/db/errors.ts";

/** What SQLite says, whichever library hands it over: an extended result code and a message. */
export interface SqliteFailure {
  readonly code: number | undefined;
  readonly message: string;
  readonly cause: unknown;
}

type Said = (failure: SqliteFailure) => DatabaseError;
const plain = (kind: DatabaseErrorKind, detail: DatabaseErrorDetail = {}): Said => {
  return ({ cause }) => new DatabaseError(kind, { ...detail, cause });
};
const naming = (kind: DatabaseErrorKind): Said => {
  return ({ message, cause }) => new DatabaseError(kind, { columns: columnsIn(message), cause });
};

/** By extended result code (https://sqlite.org/rescode.html), else by its low byte, the primary code. */
const BY_CODE: Readonly<Record<number, Said>> = {
  1: ({ message, cause }) => new DatabaseError(kindOf(message), { cause }),
  3: plain("privilege"), // PERM
  5: plain("conflict"), // BUSY
  6: plain("conflict"), // LOCKED
  7: plain("unavailable"), // NOMEM
  8: plain("read_only"), // READONLY
  9: plain("timeout"), // INTERRUPT
  10: plain("unavailable"), // IOERR
  11: plain("unavailable"), // CORRUPT
  13: plain("unavailable"), // FULL
  14: plain("unavailable", { connect: "no_database" }), // CANTOPEN
  15: plain("conflict"), // PROTOCOL: the lock of the write-ahead log was contended
  17: plain("stale_plan"), // SCHEMA
  18: plain("too_long"), // TOOBIG
  19: plain("rejected"), // CONSTRAINT, of a kind that has no line below
  20: plain("invalid_value"), // MISMATCH: not an integer in an INTEGER PRIMARY KEY
  23: plain("privilege"), // AUTH
  26: plain("unavailable", { connect: "no_database" }), // NOTADB
  275: checkFailure,
  787: plain("foreign_key"),
  1032: plain("unavailable", { connect: "lost" }), // READONLY_DBMOVED: the file was moved or deleted
  1299: naming("not_null"),
  1555: naming("unique"), // PRIMARYKEY
  2067: naming("unique"),
  2579: naming("unique"), // ROWID
  3091: strictFailure, // DATATYPE: of a STRICT table
};

/** Code 1 stands for everything that has no code of its own. */
const BY_MESSAGE: readonly (readonly [RegExp, DatabaseErrorKind])[] = [
  [/^no such (table|column|view|index|module)|has no column named/, "undefined_object"],
  [/because it is a view|may not be modified/, "read_only"],
  [/^malformed JSON|^bad JSON path/, "invalid_value"],
  [/^integer overflow/, "out_of_range"],
  [
    /already exists|^duplicate column|^foreign key mismatch|^error in |^cannot |^Cannot |is not constant|reserved/,
    "rejected",
  ],
  [
    /AUTOINCREMENT|unknown column|^table .* has (?:no|more)|^no such collation|^unknown datatype|^missing datatype/,
    "rejected",
  ],
  [/generated column|^Expression tree is too large|^too many|pattern too complex/, "rejected"],
  [/^not authorized/, "privilege"],
];

/** The failure in the words that all databases share. */
export function databaseErrorOf(failure: SqliteFailure): DatabaseError {
  const { code = -1, cause } = failure;
  const said = BY_CODE[code] ?? BY_CODE[code & 0xff];
  return said === undefined || code < 0 ? new DatabaseError("unknown", { cause }) : said(failure);
}

function kindOf(message: string): DatabaseErrorKind {
  return BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1] ?? "unknown";
}

/** `UNIQUE constraint failed: t.a, t.b` → a, b. An index on an expression is named by itself and has no columns. */
function columnsIn(message: string): readonly string[] {
  const list = /constraint failed: (.*)$/s.exec(message)?.[1] ?? "";
  if (list === "" || list.startsWith("index '")) return [];
  return list.split(", ").map((name) => name.slice(name.lastIndexOf(".") + 1));
}

/** A check without a name is reported by its expression, which is nobody's business. */
function checkFailure({ message, cause }: SqliteFailure): DatabaseError {
  const name = /constraint failed: ([A-Za-z_]\w*)$/.exec(message)?.[1];
  return new DatabaseError("check", name === undefined ? { cause } : { constraint: name, cause });
}

/** `cannot store TEXT value in INTEGER column t.a`. */
function strictFailure({ message, cause }: SqliteFailure): DatabaseError {
  const column = /column .*?([^.]+)$/.exec(message)?.[1];
  return new DatabaseError("invalid_value", column === undefined ? { cause } : { columns: [column], cause });
}
