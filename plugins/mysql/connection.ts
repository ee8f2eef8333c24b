import type { Bound } from "../../src/db/sql/driver.ts";
import { type Address, addressOf, type MysqlConfig } from "./config.ts";

/** What is set on each new connection before anything else. */
export interface Setup {
  readonly text: string;
  readonly values: readonly Bound[];
}

export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** All that a driver has to know to make connections. */
export interface ConnectionPlan {
  readonly address: Address;
  /** One object for all connections, so that its certificates are read once. */
  readonly tls: TlsOptions | undefined;
  readonly setup: Setup;
  readonly statements: readonly string[];
  readonly statementTimeoutMs: number;
}

export function connectionPlan(config: MysqlConfig): ConnectionPlan {
  const address = addressOf(config);
  return {
    address,
    tls: address.tls === "disable" ? undefined : tlsOptions(address, config),
    setup: setupOf(config),
    statements: config.statements,
    statementTimeoutMs: config.statement_timeout_ms,
  };
}

/** As libpq does, `require` verifies the certificate too when a CA is given. */
function tlsOptions({ tls }: Address, { ssl }: MysqlConfig): TlsOptions {
  return {
    rejectUnauthorized: tls === "verify-ca" || tls === "verify-full" || (tls === "require" && Boolean(ssl.ca)),
    verifyIdentity: tls === "verify-full",
    ...(ssl.ca ? { ca: ssl.ca } : {}),
    ...(ssl.cert ? { cert: ssl.cert } : {}),
    ...(ssl.key ? { key: ssl.key } : {}),
  };
}

/** Nothing is cut off or rounded to fit in silence, and dates of zero can be written back as they were read. */
const STRICT_MODES = ["TRADITIONAL", "NO_ZERO_IN_DATE", "NO_ZERO_DATE"].reduce(
  (modes, unwanted) => `REPLACE(${modes}, '${unwanted}', '')`,
  "CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')",
);

/** Each server reads only the comment that is meant for it; 0 = no limit. MySQL limits only SELECT; the client limits the rest. */
function limitsOf(ms: number): string {
  return `/*M!100101 max_statement_time = ${ms / 1000}, *//*!50708 max_execution_time = ${ms}, */`;
}

/** How long a server of MySQL waits of itself for a client that reads nothing, in seconds. */
const STANDARD_WAIT_S = 60;

/** Sets the limit of all statements to come, and how long the server waits until the client reads on. */
export function limitsText(statementMs: number, waitMs: number = STANDARD_WAIT_S * 1000): string {
  return `SET SESSION ${limitsOf(Math.trunc(statementMs))} net_write_timeout = ${Math.ceil(waitMs / 1000)}`;
}

function setupOf(config: MysqlConfig): Setup {
  const ms = Math.trunc(config.statement_timeout_ms);
  const modes = config.modes.replaceAll(" ", "");
  const settings: [string, string][] = [
    ["sql_mode", modes],
    ["time_zone", config.timezone],
    ["collation_connection", config.collation],
  ];
  const given = settings.filter(([, value]) => value !== "");
  const bound = given.map(([name]) => `${name} = ?`);
  const texts = modes === "" ? [`sql_mode = ${STRICT_MODES}`, ...bound] : bound;
  return { text: `SET SESSION ${limitsOf(ms)} ${texts.join(", ")}`, values: given.map(([, value]) => value) };
}
