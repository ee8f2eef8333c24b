import { Fault } from "../../src/contract/fault.ts";
import type { PgConfig, TlsMode } from "./config.ts";

/** Where to connect, as whom and how secured. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly applicationName: string;
  readonly tls: Tls;
}

export interface Tls {
  readonly mode: TlsMode;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

type Parts = Partial<
  Record<"host" | "port" | "database" | "user" | "password" | "sslmode" | "application_name", string>
>;

const TLS_MODES: readonly string[] = ["disable", "prefer", "require", "verify-ca", "verify-full"] satisfies TlsMode[];

/** Puts the settings and the URL of a service together; the URL wins. Raises `bad_request`. */
export function readTarget(config: PgConfig, standardMode: TlsMode): Target {
  const url = config.dsn ? readUrl(config.dsn) : {};
  const user = url.user ?? config.username;
  if (!user) throw new Fault("bad_request", "The service needs a user name for its database.");
  const { ca, cert, key } = config.ssl;
  return {
    host: url.host ?? (config.host || "localhost"),
    port: readPort(url.port) ?? config.port ?? 5432,
    database: url.database ?? (config.database || user),
    user,
    password: url.password ?? config.password ?? "",
    applicationName: url.application_name ?? config.application_name,
    tls: { mode: readMode(url.sslmode) ?? config.sslmode ?? modeOf(config, standardMode), ca, cert, key },
  };
}

/** `prefer` is what a service has that says nothing; a member of the family may want more than that. */
function modeOf(config: PgConfig, standardMode: TlsMode): TlsMode {
  return config.ssl.mode === "prefer" ? standardMode : config.ssl.mode;
}

function readUrl(dsn: string): Parts {
  const url = URL.parse(dsn);
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new Fault("bad_request", "The connection URL must read postgres://user:password@host:port/database.");
  }
  if (/[?&]ssl(?:rootcert|cert|key)=/.test(url.search)) {
    throw new Fault("bad_request", "The connection URL can not name certificate files: put their text into 'ssl'.");
  }
  const named = {
    host: decoded(url.hostname.replace(/^\[(.*)\]$/, "$1")),
    port: url.port,
    database: decoded(url.pathname.slice(1)),
    user: decoded(url.username),
    password: decoded(url.password),
    ...Object.fromEntries(url.searchParams),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ""));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault("bad_request", "The connection URL holds a '%' that is not followed by two hexadecimal digits.");
  }
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Fault("bad_request", "The connection URL has no valid port.");
}

function readMode(text: string | undefined): TlsMode | undefined {
  if (text === undefined || TLS_MODES.includes(text)) return text as TlsMode | undefined;
  throw new Fault("bad_request", `The connection URL must have an sslmode of ${TLS_MODES.join(", ")}.`);
}
