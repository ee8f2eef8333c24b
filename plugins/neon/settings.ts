import type { PgQuery } from "../pgsql/client.ts";
import type { PgDriverSettings } from "../pgsql/driver.node.ts";

/** What Neon's driver is opened with besides the settings of PostgreSQL; over TCP it needs none of it. */
export interface NeonDriverSettings extends PgDriverSettings {
  /** The address of a proxy that speaks Neon's protocols; blank for Neon's own. */
  readonly proxy: string;
  /** The queries that go before a statement in a transaction of its own; `undefined` when it needs a session. */
  readonly opening: readonly PgQuery[] | undefined;
}
