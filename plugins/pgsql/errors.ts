import { type ConnectFailure, DatabaseError, type DatabaseErrorKind } from "../../src/db/errors.ts";

/** What node-postgres and the sockets below it put on an error. */
interface RawError {
  readonly code?: string;
  readonly message?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly detail?: string;
  /** The server's function that raised the error: unlike the message, it is the same in every language. */
  readonly routine?: string;
  readonly file?: string;
}

/** By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html; where a code is missing, its class holds. */
const KINDS: Readonly<Record<string, DatabaseErrorKind>> = {
  "08": "unavailable",
  "22": "invalid_value",
  "22001": "too_long",
  "22003": "out_of_range",
  "22008": "invalid_value",
  "23001": "foreign_key",
  "23502": "not_null",
  "23503": "foreign_key",
  "23505": "unique",
  "23514": "check",
  // An exclusion constraint is a unique one with another operator.
  "23P01": "unique",
  "25006": "read_only",
  "25P02": "conflict",
  "25P03": "timeout",
  // A pooler between the server and us may lose or double a prepared statement.
  "26000": "stale_plan",
  // A routine that commits by itself, where it may not.
  "2D": "rejected",
  "28": "unavailable",
  "3F000": "undefined_object",
  "40": "conflict",
  "40001": "deadlock",
  "40P01": "deadlock",
  "42501": "privilege",
  // Of several functions none suits better than the others.
  "42725": "invalid_value",
  "42703": "undefined_object",
  "42704": "undefined_object",
  // No such operator for these types: the value or the order asked for does not suit the column.
  "42883": "invalid_value",
  "42804": "invalid_value",
  "42P01": "undefined_object",
  "42P05": "stale_plan",
  "53": "unavailable",
  "55P03": "conflict",
  "57": "unavailable",
  "57014": "timeout",
  "57P04": "unavailable",
  // What a trigger or function raises is its author's own text; the caller gets a sentence without it.
  P0001: "rejected",
  "0A": "rejected",
  // Changes of the schema that can not be, or that something depends on.
  "2BP01": "rejected",
  "42602": "rejected",
  "42611": "rejected",
  "42622": "rejected",
  "42701": "rejected",
  "42710": "rejected",
  "42830": "rejected",
  "42846": "rejected",
  "42P07": "rejected",
  "42P16": "rejected",
  "42P17": "rejected",
  "23": "rejected",
  "27": "rejected",
  "42809": "rejected",
  "428C9": "rejected",
  "42P10": "rejected",
  "44": "rejected",
  "54": "rejected",
  "55": "rejected",
  P0: "rejected",
};

const CONNECT_FAILURES: Readonly<Record<string, ConnectFailure>> = {
  "08": "lost",
  "28": "password",
  "28P01": "password",
  "3D000": "no_database",
  "42501": "no_privilege",
  "53300": "too_many",
  "57": "lost",
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  EAI_FAIL: "name_not_found",
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  EACCES: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ETIMEDOUT: "unreachable",
  ECONNRESET: "lost",
  ECONNABORTED: "lost",
  EPIPE: "lost",
};

const TLS_CODE =
  /^(?:ERR_(?:TLS|SSL|OSSL|CRYPTO)|EPROTO|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(?:CA|PURPOSE)|HOSTNAME_|PATH_LENGTH_)/;

/** Sentences of node-postgres itself, which have no code. */
const SENTENCES: readonly (readonly [RegExp, ConnectFailure])[] = [
  [/SSL connection/, "tls"],
  [/^SASL|[Pp]assword/, "password"],
  [/due to connection timeout|timeout expired/, "unreachable"],
  [/[Cc]onnection terminated|connection (?:error|lost)|was closed|after calling end/, "lost"],
];

/** What the server or the connection said about a statement. */
export function statementError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const raw = rawOf(error);
  const kind = raw.routine === RAISE ? raisedKind(raw) : statementKind(raw);
  if (kind === "unavailable") return new DatabaseError(kind, { cause: error, connect: connectFailure(raw) });
  const said = raw.routine === RAISE ? raw.message : undefined;
  return new DatabaseError(kind, { cause: error, said, ...namesIn(raw, kind) });
}

/** What went wrong while a connection was made. */
export function connectError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  return new DatabaseError("unavailable", { cause: error, connect: connectFailure(rawOf(error)) });
}

/** The pool's own word for "nobody gave a connection back in time". */
export function isQueueTimeout(error: unknown): boolean {
  return /^timeout exceeded when trying to connect/.test(rawOf(error).message ?? "");
}

/** Whether the client refused the statement by itself, so that the server cannot have seen it. */
export function isUnsent(error: DatabaseError): boolean {
  return /not queryable$/.test(rawOf(error.cause).message ?? "");
}

/** Whether a prepared statement was missing or there twice: a pooler lends out connections by the transaction. */
export function isNameLost(error: DatabaseError): boolean {
  return /^(?:26000|42P05)$/.test(rawOf(error.cause).code ?? "");
}

/** The server's function behind the statement RAISE, whatever code it gives the error. */
const RAISE = "exec_stmt_raise";

/** What says something of the connection or of the statement does not, when an author says it. */
const NEVER_RAISED: readonly DatabaseErrorKind[] = [
  "unavailable",
  "stale_plan",
  "timeout",
  "undefined_object",
  "read_only",
  "unknown",
];

function raisedKind(raw: RawError): DatabaseErrorKind {
  const kind = statementKind(raw);
  return NEVER_RAISED.includes(kind) ? "rejected" : kind;
}

const POSTGIS = /^(?:lwgeom|gserialized|geography|postgis)_?/;

function statementKind({ code, routine, file = "", message = "" }: RawError): DatabaseErrorKind {
  // PostGIS has no codes of its own.
  if (code === "XX000" && POSTGIS.test(file)) return "invalid_value";
  if (code === "0A000" && routine === "RevalidateCachedQuery") return "stale_plan";
  const known = code === undefined ? undefined : byCode(KINDS, code);
  if (known !== undefined) return known;
  const isConnection =
    (code !== undefined && code in CONNECT_FAILURES) || SENTENCES.some(([sentence]) => sentence.test(message));
  return isConnection ? "unavailable" : "unknown";
}

function connectFailure({ code, routine, message = "" }: RawError): ConnectFailure | undefined {
  // Of the two meanings of 28000: pg_hba.conf has no line for this host, user and database.
  if (code === "28000" && routine === "ClientAuthentication") return "no_privilege";
  if (code !== undefined && TLS_CODE.test(code)) return "tls";
  const known = code === undefined ? undefined : byCode(CONNECT_FAILURES, code);
  return known ?? SENTENCES.find(([sentence]) => sentence.test(message))?.[1];
}

function byCode<T>(table: Readonly<Record<string, T>>, code: string): T | undefined {
  if (Object.hasOwn(table, code)) return table[code];
  const ofClass = code.slice(0, 2);
  return code.length === 5 && Object.hasOwn(table, ofClass) ? table[ofClass] : undefined;
}

/** Columns and constraint; a foreign key's columns stand only in the detail: `Key (a, b)=(1, 2) is not present in…`. */
function namesIn({ column, constraint, detail = "" }: RawError, kind: DatabaseErrorKind) {
  if (column !== undefined) return { columns: [column] };
  if (kind !== "foreign_key") return { constraint };
  const [, list = ""] = /\(([^()]+)\)=\(/.exec(detail) ?? [];
  const columns = list.split(", ").map((name) => name.replace(/^"(.*)"$/, "$1").replaceAll('""', '"'));
  return list === "" ? { constraint } : { columns };
}

function rawOf(error: unknown): RawError {
  return typeof error === "object" && error !== null ? error : { message: String(error) };
}
