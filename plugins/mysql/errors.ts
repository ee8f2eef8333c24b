import {
  type ConnectFailure,
  DatabaseError,
  type DatabaseErrorDetail,
  type DatabaseErrorKind,
} from "../../src/db/errors.ts";

/** What is read of the client library's errors, and of Node's. */
interface ClientError {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly sqlMessage?: unknown;
  readonly sqlState?: unknown;
  readonly sql?: unknown;
  /** The connection can not be used any more. */
  readonly fatal?: unknown;
}

/** Error numbers of MySQL and MariaDB. */
const KINDS: Readonly<Partial<Record<DatabaseErrorKind, readonly number[]>>> = {
  unique: [1062, 1169, 1557, 1586, 1761, 1762],
  foreign_key: [1216, 1217, 1451, 1452],
  not_null: [1048, 1138, 1263, 1364],
  check: [3819, 4025],
  out_of_range: [1264, 1690, 3155],
  too_long: [1153, 1301, 1406],
  invalid_value: [
    1265, 1267, 1270, 1271, 1292, 1300, 1365, 1366, 1367, 1411, 1416, 1525, 3032, 3037, 3140, 3141, 3143, 3156, 3643,
    4037, 4038, 4079,
  ],
  undefined_object: [1051, 1054, 1091, 1146, 1176, 1305, 1318, 1356, 1932],
  stale_plan: [1243, 1615],
  read_only: [1036, 1288, 1290, 1348, 1471, 1792, 1836, 3098],
  privilege: [1044, 1045, 1142, 1143, 1227, 1370],
  conflict: [1020, 1205, 1614, 3058, 3572],
  deadlock: [1213, 3101],
  timeout: [1028, 1317, 1969, 3024],
  saturated: [1040, 1203, 1226, 1461],
  unavailable: [1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031],
  rejected: [
    1005, 1025, 1050, 1059, 1060, 1061, 1063, 1067, 1068, 1069, 1071, 1072, 1074, 1075, 1089, 1090, 1093, 1101, 1103,
    1117, 1118, 1166, 1167, 1170, 1171, 1215, 1239, 1280, 1293, 1294, 1347, 1425, 1426, 1427, 1439, 1442, 1553, 1604,
    1644, 1674, 1686, 1821, 1822, 1824, 1825, 1826, 1828, 1829, 1830, 1833, 1834, 1846, 1901, 1903, 3106, 3108, 3730,
    3734, 3780, 4161,
  ],
};

const KIND_OF_NUMBER = inverted(KINDS);

const CONNECT_NUMBERS: ReadonlyMap<number, ConnectFailure> = inverted({
  password: [1045, 1251, 1524, 1698, 1820, 1862, 3118, 4151],
  no_privilege: [1044, 1130, 1142, 1227],
  no_database: [1046, 1049],
  too_many: [1040, 1129, 1203, 1226],
  tls: [2026, 3159],
  lost: [1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927],
});

const CONNECT_CODES: Readonly<Record<string, ConnectFailure>> = {
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  EACCES: "refused",
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  ETIMEDOUT: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  HANDSHAKE_SSL_ERROR: "tls",
  HANDSHAKE_NO_SSL_SUPPORT: "tls",
  AUTH_SWITCH_PLUGIN_ERROR: "password",
  PROTOCOL_CONNECTION_LOST: "lost",
  ECONNRESET: "lost",
  EPIPE: "lost",
};

/** What a statement's failure means. Without a number of the server it is mostly the connection that failed. */
export function statementError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { errno, sql, fatal, code, sqlState, sqlMessage } = fieldsOf(error);
  if (typeof errno !== "number" || errno <= 0) {
    const isLost = fatal === true || Object.hasOwn(CONNECT_CODES, String(code));
    return isLost
      ? new DatabaseError("unavailable", { cause: error, connect: "lost" })
      : new DatabaseError("unknown", { cause: error });
  }
  // What the author of a routine or trigger signals.
  if (errno === SIGNALLED || String(sqlState).startsWith("45"))
    return new DatabaseError("rejected", { cause: error, said: String(sqlMessage ?? "") });
  const kind = isForeignRow(errno, sql) ? "unique" : (KIND_OF_NUMBER.get(errno) ?? "unknown");
  const connect = kind === "unavailable" ? "lost" : undefined;
  return new DatabaseError(kind, { cause: error, connect, ...namedBy(error) });
}

/** The number of a SIGNAL that names none of its own. */
const SIGNALLED = 1644;

/** What the failure of a connection that is being made, or made ready, means. */
export function connectError(error: unknown): DatabaseError {
  const { errno, code } = fieldsOf(error);
  const connect =
    CONNECT_NUMBERS.get(Number(errno)) ??
    CONNECT_CODES[String(code)] ??
    (TLS_CODE.test(String(code)) ? "tls" : undefined);
  return new DatabaseError("unavailable", { cause: error, connect });
}

/** Node's own codes, for certificates and keys that it can not read. */
const TLS_CODE = /^ERR_(?:OSSL|SSL|TLS)_/;

/** The overflow with which an upsert refuses to change a row of another key: see dialect.ts. */
function isForeignRow(errno: number, sql: unknown): boolean {
  return errno === 1690 && typeof sql === "string" && sql.includes(" ON DUPLICATE KEY UPDATE ");
}

/** The quoted value of a request comes first in these messages, so each pattern holds on to the end. */
const DUPLICATE_KEY = /for key '([^']+)'$/;
const FOREIGN_KEY = /\(`[^`]*`\.`[^`]*`, CONSTRAINT `([^`]+)` FOREIGN KEY \(([^)]*)\) REFERENCES /;
const CHECK =
  /^(?:Check constraint '([^']+)' is violated\.?|CONSTRAINT `(?:[^`]*\.)?([^`.]+)` failed for `[^`]*`\.`[^`]*`)$/;
const COLUMN =
  /(?:^Column|^Field|for column) (?:'([^']+)'|(?:`[^`]*`\.)*`([^`]+)`)(?: at row \d+| cannot be null| doesn't have a default value)$/;

/** The names of the database that a message holds. */
function namedBy(error: unknown): DatabaseErrorDetail {
  const { errno, sqlMessage } = fieldsOf(error);
  const message = typeof sqlMessage === "string" ? sqlMessage : "";
  if (errno === 1062) return constraintOf(DUPLICATE_KEY.exec(message)?.[1]?.replace(/^[^.]*\./, ""));
  if (errno === 1451 || errno === 1452) return foreignKeyOf(FOREIGN_KEY.exec(message), errno === 1452);
  if (errno === 3819 || errno === 4025) {
    const [, mysql, mariadb] = CHECK.exec(message) ?? [];
    return constraintOf(mysql ?? mariadb);
  }
  const [, quoted, ticked] = COLUMN.exec(message) ?? [];
  const column = quoted ?? ticked;
  return column === undefined ? {} : { columns: [column] };
}

function constraintOf(name: string | undefined): DatabaseErrorDetail {
  return name === undefined ? {} : { constraint: name };
}

/** The columns are those of the referring table, which is not the caller's when a referred row is to go. */
function foreignKeyOf(parts: RegExpExecArray | null, isOwn: boolean): DatabaseErrorDetail {
  const [, constraint, columns = ""] = parts ?? [];
  const names = Array.from(columns.matchAll(/`([^`]+)`/g), ([, name = ""]) => name);
  return { ...constraintOf(constraint), ...(isOwn ? { columns: names } : {}) };
}

function fieldsOf(error: unknown): ClientError {
  return typeof error === "object" && error !== null ? error : {};
}

function inverted<K extends string>(numbers: Readonly<Partial<Record<K, readonly number[]>>>): ReadonlyMap<number, K> {
  const kinds = Object.keys(numbers) as K[];
  return new Map(kinds.flatMap((kind) => (numbers[kind] ?? []).map((number): [number, K] => [number, kind])));
}
