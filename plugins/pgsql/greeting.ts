import type { PgQuery } from "./client.ts";
import type { PgConfig } from "./config.ts";

const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * The queries that make a new connection ready: the statements of the config, then what the decoder relies on, which no
 * statement can undo. They are queries and not startup parameters because poolers refuse those. Behind PgBouncer in
 * transaction mode only what it tracks by itself (client_encoding, DateStyle, IntervalStyle, TimeZone) lasts; the
 * timeouts do not, and `statements` such as SET search_path must stand in its own configuration.
 */
export function greetingOf(config: PgConfig): readonly PgQuery[] {
  const statements = config.statements.map((text): PgQuery => ({ text, rowMode: "array" }));
  return [...statements, settingsQuery(settingsOf(config), "session")];
}

/** What the decoder relies on, and the timeouts, for the transaction in which the query is run. */
export function transactionSettings(config: PgConfig): PgQuery {
  return settingsQuery(settingsOf(config), "transaction");
}

function settingsOf(config: PgConfig): Readonly<Record<string, string>> {
  const { timezone, statement_timeout_ms: timeout } = config;
  return {
    client_encoding: "UTF8",
    DateStyle: "ISO",
    // As PostgreSQL writes intervals of itself: `1 day 02:00:00`. It reads ISO 8601 too.
    IntervalStyle: "postgres",
    extra_float_digits: "1",
    bytea_output: "hex",
    statement_timeout: String(timeout),
    idle_in_transaction_session_timeout: String(timeout + IDLE_IN_TRANSACTION_MS),
    ...(timezone !== "" && { TimeZone: timezone }),
  };
}

/** The server looks every second whether the client is still there, so that a cancelled request costs it no more work. */
const WATCH_CLIENT = `CASE WHEN current_setting('client_connection_check_interval', true) IS NOT NULL
  AND version() LIKE '%linux%' THEN set_config('client_connection_check_interval', '1s', $1) END`;

function settingsQuery(settings: Readonly<Record<string, string>>, lifetime: "session" | "transaction"): PgQuery {
  const isLocal = String(lifetime === "transaction");
  const values = Object.entries(settings).flat();
  const calls = values.flatMap((_, index) => (index % 2 === 0 ? [`set_config($${index + 2}, $${index + 3}, $1)`] : []));
  return { text: `SELECT ${calls.join(", ")}, ${WATCH_CLIENT}`, values: [isLocal, ...values], rowMode: "array" };
}
