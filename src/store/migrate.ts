import type { Catalog } from "../db/catalog.ts";
import type { Connector } from "../db/connector.ts";
import { Rows } from "./rows.ts";
import { MIGRATION_TABLE, MIGRATIONS } from "./tables.ts";

const ATTEMPTS = 5;
const PAUSE_MS = 200;

/** Brings the tables of the store up to date and gives their catalog. Safe when many nodes start at once. */
export async function migrate(connector: Connector, signal: AbortSignal): Promise<Catalog> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await migrateOnce(connector, signal);
    } catch (error) {
      // Two nodes that make the same table at once can collide; each step can be repeated.
      if (attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}

async function migrateOnce(connector: Connector, signal: AbortSignal): Promise<Catalog> {
  await connector.create(MIGRATION_TABLE, signal);
  const rows = new Rows(await connector.introspect(signal), connector, signal);
  const done = new Set((await rows.read(MIGRATION_TABLE.name)).map((row) => row.name));
  for (const migration of MIGRATIONS.filter(({ name }) => !done.has(name))) {
    for (const table of migration.tables) await connector.create(table, signal);
    await rows.insert(MIGRATION_TABLE.name, { name: migration.name });
  }
  return connector.introspect(signal);
}
