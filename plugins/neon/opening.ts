import type { PgQuery } from "../pgsql/client.ts";
import type { PgConfig } from "../pgsql/config.ts";
import { transactionSettings } from "../pgsql/greeting.ts";

/**
 * The queries that open the transaction in which one statement is sent over HTTP. Neon lends the connection behind it to
 * others just as it is left, so nothing may outlive the transaction: a SET becomes SET LOCAL, and `undefined` says that
 * the config has other statements, which need a session of their own.
 */
export function openingOf(config: PgConfig): readonly PgQuery[] | undefined {
  const local = config.statements.map(localSetting);
  const known = local.filter((query) => query !== undefined);
  return known.length === local.length ? [...known, transactionSettings(config)] : undefined;
}

/** A plain `SET name TO value` for one transaction; `undefined` for whatever else it is. */
function localSetting(statement: string): PgQuery | undefined {
  const [, setting] = /^\s*SET\s+(?:SESSION\s+)?([a-z_][\w.]*\s*(?:=|\sTO\s)[^;]*);?\s*$/i.exec(statement) ?? [];
  return setting === undefined ? undefined : { text: `SET LOCAL ${setting}`, rowMode: "array" };
}
