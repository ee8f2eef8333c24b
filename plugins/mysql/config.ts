import * as v from "valibot";
import { Fault } from "../../src/contract/fault.ts";
import { serverConfig } from "../../src/db/config.ts";

const named = (title: string, description: string, fallback: string, shape: RegExp) =>
  v.optional(v.pipe(v.string(), v.regex(shape), v.title(title), v.description(description)), fallback);

/** The config of a MySQL or MariaDB service. */
export const mysqlConfig = v.object({
  ...serverConfig,
  port: v.optional(serverConfig.port.wrapped, 3306),
  charset: named(
    "Character set",
    "Has no effect: text always travels as utf8mb4, which holds the characters of every other set. Accepted so that older settings stay valid.",
    "utf8mb4",
    /^\w*$/,
  ),
  collation: named("Collation", "The collation of the connection, such as utf8mb4_unicode_ci.", "", /^\w*$/),
  timezone: named("Time zone", "The time zone of the session, such as +00:00. Blank: the server's.", "", /^[\w+:/-]*$/),
  modes: named(
    "SQL modes",
    "The sql_mode of the session, with commas between. Blank: the server's, made strict, with zero dates allowed.",
    "",
    /^[\w, ]*$/,
  ),
  unix_socket: v.optional(
    v.pipe(v.string(), v.title("Unix socket"), v.description("Path of the server's socket, instead of host and port.")),
  ),
});

export type MysqlConfig = v.InferOutput<typeof mysqlConfig>;

export type TlsMode = NonNullable<MysqlConfig["ssl"]["mode"]>;

/** Where the server is, who asks, and how the way is secured. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly tls: TlsMode;
}

/** What the config says, the URL (if there is one) before the rest. Raises `bad_request` for a URL that is none. */
export function addressOf(config: MysqlConfig): Address {
  const url = config.dsn ? readDsn(config.dsn) : undefined;
  const socketPath = url?.socketPath ?? (config.unix_socket || undefined);
  return {
    host: url?.host ?? (config.host || "localhost"),
    port: url?.port ?? config.port,
    socketPath,
    user: url?.user ?? config.username,
    password: url?.password ?? config.password,
    database: url?.database ?? (config.database || undefined),
    tls: socketPath === undefined ? (url?.tls ?? config.ssl.mode) : "disable",
  };
}

type DsnParts = { readonly [K in keyof Address]?: Address[K] | undefined };

function readDsn(dsn: string): DsnParts {
  const url = URL.parse(dsn);
  if (url === null || !/^(?:mysql|mariadb):$/.test(url.protocol)) throw badDsn();
  const { searchParams } = url;
  const mode = searchParams.get("ssl-mode") ?? searchParams.get("sslmode");
  return {
    host: decoded(url.hostname.replace(/^\[|\]$/g, "")),
    port: url.port === "" ? undefined : Number(url.port),
    socketPath: searchParams.get("unix_socket") ?? searchParams.get("socket") ?? undefined,
    user: decoded(url.username),
    password: decoded(url.password),
    database: decoded(url.pathname.slice(1)),
    tls: mode === null ? undefined : tlsMode(mode),
  };
}

/** The modes of libpq, and the names that MySQL's own clients have for them. */
const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: "disable",
  disabled: "disable",
  prefer: "prefer",
  preferred: "prefer",
  require: "require",
  required: "require",
  "verify-ca": "verify-ca",
  "verify-full": "verify-full",
  "verify-identity": "verify-full",
};

function tlsMode(text: string): TlsMode {
  const mode = TLS_MODES[text.toLowerCase().replace("_", "-")];
  if (mode === undefined) throw new Fault("bad_request", "The connection URL names an unknown ssl-mode.");
  return mode;
}

function decoded(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw badDsn();
  }
}

function badDsn(): Fault {
  return new Fault("bad_request", "The connection URL must look like mysql://user:password@host:3306/database.");
}
