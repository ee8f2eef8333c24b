import { Fault } from "../contract/fault.ts";

/** Why a connection could not be made, for the one sentence that a person gets. */
export type ConnectFailure =
  | "name_not_found"
  | "refused"
  | "unreachable"
  /** Where the platform does not tell which of these it was. */
  | "not_connected"
  | "tls"
  | "password"
  | "no_database"
  | "no_privilege"
  | "too_many"
  | "lost"
  | "statement";

/** What a database may say, in words that all of them share. */
export type DatabaseErrorKind =
  | "unique"
  | "foreign_key"
  | "not_null"
  | "check"
  | "out_of_range"
  | "too_long"
  | "invalid_value"
  | "undefined_object"
  | "stale_plan"
  | "read_only"
  | "privilege"
  | "conflict"
  /** The victim of a deadlock or of a failed serialisation: undone by the database, and worth another try. */
  | "deadlock"
  | "timeout"
  | "saturated"
  | "unavailable"
  | "rejected"
  | "unknown";

export interface DatabaseErrorDetail {
  readonly cause?: unknown;
  /** The columns that the database names, as it names them. */
  readonly columns?: readonly string[];
  /** The constraint or index that the database names. */
  readonly constraint?: string | undefined;
  readonly connect?: ConnectFailure | undefined;
  /** What the author of a routine or trigger lets it say. For callers of routines only. */
  readonly said?: string | undefined;
}

/** What a driver raises instead of its client library's error. The cause is for the log only. */
export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind;
  readonly columns: readonly string[];
  readonly constraint: string | undefined;
  readonly connect: ConnectFailure | undefined;
  readonly said: string | undefined;

  constructor(kind: DatabaseErrorKind, detail: DatabaseErrorDetail = {}) {
    super(`database: ${kind}`, { cause: detail.cause });
    this.name = "DatabaseError";
    this.kind = kind;
    this.columns = detail.columns ?? [];
    this.constraint = detail.constraint;
    this.connect = detail.connect;
    this.said = detail.said;
  }
}

const RETRY_AFTER = { "Retry-After": "1" };

type Sentence = (error: DatabaseError, service: string) => Fault;
const badRequest =
  (message: string): Sentence =>
  () =>
    new Fault("bad_request", message);
const named = (columns: readonly string[]) => columns.map((column) => `'${column}'`).join(", ");

const FAULTS: Readonly<Record<DatabaseErrorKind, Sentence>> = {
  unique: ({ columns }) =>
    new Fault(
      "conflict",
      columns.length > 0
        ? `A record with the same value of ${named(columns)} already exists.`
        : "A record with the same unique value already exists.",
    ),
  foreign_key: ({ columns }) =>
    new Fault(
      "conflict",
      columns.length > 0
        ? `The reference in ${named(columns)} is broken: the other record is missing, or is still needed.`
        : "A reference is broken: the other record is missing, or is still needed.",
    ),
  not_null: ({ columns }) =>
    new Fault(
      "bad_request",
      columns.length > 0 ? `Required field ${named(columns)} can not be NULL.` : "A required field can not be NULL.",
    ),
  check: ({ constraint }) =>
    new Fault(
      "bad_request",
      constraint === undefined
        ? "The record violates a check constraint of its table."
        : `The record violates the check constraint '${constraint}'.`,
    ),
  out_of_range: ({ columns }) => new Fault("bad_request", `${subject(columns)} is out of range.`),
  too_long: ({ columns }) => new Fault("bad_request", `${subject(columns)} is too long.`),
  invalid_value: ({ columns }) => new Fault("bad_request", `${subject(columns)} is not valid for its type.`),
  undefined_object: badRequest("The table or field does not exist in the database."),
  stale_plan: busy,
  read_only: () => new Fault("forbidden", "The database or table can only be read."),
  privilege: () => new Fault("forbidden", "The database refuses this to the account that the service uses."),
  conflict: busy,
  deadlock: busy,
  timeout: () => new Fault("timeout", "The database did not finish the statement in time."),
  saturated: (_, service) =>
    new Fault("unavailable", `All connections of service '${service}' are busy. Try again.`, { headers: RETRY_AFTER }),
  unavailable: (_, service) => unavailable(service),
  rejected: badRequest("The database refused the change."),
  unknown: () => new Fault("internal", "The database reported an error. The log has the details."),
};

/** What the caller of a service is told about a failure of its database. */
export function faultOf(error: DatabaseError, service: string): Fault {
  const fault = FAULTS[error.kind](error, service);
  return new Fault(fault.code, fault.message, { headers: fault.headers, cause: error });
}

function busy(): Fault {
  return new Fault("unavailable", "The database was busy with a conflicting change. Try again.", {
    headers: RETRY_AFTER,
  });
}

function unavailable(service: string): Fault {
  return new Fault("unavailable", `The database of service '${service}' is not available.`, { headers: RETRY_AFTER });
}

function subject(columns: readonly string[]): string {
  return columns.length > 0 ? `The value of field ${named(columns)}` : "A value";
}

/** Each way in which a connection can fail, as a sentence. */
export const CONNECT_SENTENCES: Readonly<Record<ConnectFailure, string>> = {
  name_not_found: "The host name could not be found.",
  refused: "The connection was refused: nothing listens at this host and port.",
  unreachable: "The server did not answer in time.",
  not_connected: "No connection could be made: nothing answers to this host name at this port.",
  tls: "A secure (TLS) connection could not be made.",
  password: "The server refused the user name or password.",
  no_database: "The database does not exist.",
  no_privilege: "The user has no privilege to use this database.",
  too_many: "The server has too many connections.",
  lost: "The server closed the connection.",
  statement: "One of the configured statements failed.",
};

/** The answer to "can this service be reached?" when it can not: one sentence for the person who configures it. */
export function connectFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const connect = error instanceof DatabaseError ? error.connect : undefined;
  const sentence = connect === undefined ? "The server answered with an error." : CONNECT_SENTENCES[connect];
  return new Fault("bad_request", `The connection test failed. ${sentence}`, { cause: error });
}
