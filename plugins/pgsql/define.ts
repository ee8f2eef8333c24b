import * as v from "valibot";
import type { ConfigSchema, ServiceHost } from "../../src/contract/service.ts";
import { schemaNames } from "../../src/db/config.ts";
import type { Connector } from "../../src/db/connector.ts";
import { type DatabaseType, defineDatabase, type StoreParts } from "../../src/db/define.ts";
import { withHyperdrive } from "../../src/db/hyperdrive.ts";
import { type Execute, sqlConnector } from "../../src/db/sql/connector.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { type PgConfig, pgConfig, type TlsMode } from "./config.ts";
import { pgsql } from "./dialect.ts";
import type { PgDriverSettings } from "./driver.node.ts";
import { greetingOf } from "./greeting.ts";
import { introspect } from "./introspect.ts";
import { pgsqlRoutines } from "./routines.ts";
import { readTarget } from "./target.ts";

/** What tells the members of the family apart. */
export interface PgMember {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** How far the connection is secured when the config does not say more than `prefer`. */
  readonly tls?: TlsMode;
  readonly store?: StoreParts;
  /** Its config, where that holds more than the family's. */
  readonly config?: ConfigSchema;
  /** Opens a driver of its own, where it is not reached as PostgreSQL is. */
  openDriver?(settings: PgDriverSettings, config: PgConfig): Promise<Driver>;
}

/** A database that speaks PostgreSQL, as a service type. */
export function definePostgres(member: PgMember): DatabaseType {
  const { name, label, description, config = pgConfig, store, tls = "prefer" } = member;
  return defineDatabase<ConfigSchema>({
    name,
    label,
    description,
    config,
    ...(store && { store }),
    connect: (settings, host) => connectPostgres(settings as PgConfig, tls, host, member.openDriver),
  });
}

/** A connector by these settings. It connects when the first statement comes. */
export async function connectPostgres(
  said: PgConfig,
  tls: TlsMode,
  host: ServiceHost,
  openOwn: PgMember["openDriver"] = openOverTcp,
): Promise<Connector> {
  const config = withHyperdrive(said, host);
  // Hyperdrive speaks PostgreSQL whatever is behind it.
  const open = config.hyperdrive ? openOverTcp : openOwn;
  const settings = {
    target: readTarget(config, tls),
    max: config.pool.max,
    waitMs: config.pool.wait_ms,
    statementTimeoutMs: config.statement_timeout_ms,
    greeting: greetingOf(config),
    scope: host.scope,
  };
  const driver = await open(settings, config);
  const schemas = schemaNames(config.schema);
  const parts = {
    dialect: pgsql,
    exactNumbers: config.exact_numbers,
    driver,
    introspect: (execute: Execute) => introspect(execute, schemas),
    routines: pgsqlRoutines(schemas),
  };
  return sqlConnector(parts, host);
}

async function openOverTcp(settings: PgDriverSettings): Promise<Driver> {
  const { openDriver } = await import("#driver/pgsql");
  return openDriver(settings);
}

/** Millrace's own settings in PostgreSQL: the URL is all there is to say. */
export const postgresStore: StoreParts = {
  schemes: ["postgres", "postgresql"],
  connect: (url, host) => connectPostgres(v.parse(pgConfig, { dsn: url }), "prefer", host),
};
