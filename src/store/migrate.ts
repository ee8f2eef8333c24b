import { type Catalog, findTable } from "../db/catalog.ts";
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

/** In a store that is up to date this costs two requests: each start of a node waits for them. */
async function migrateOnce(connector: Connector, signal: AbortSignal): Promise<Catalog> {
  const catalog = await withMigrations(connector, signal);
  const rows = new Rows(catalog, connector, signal);
  const done = new Set((await rows.read(MIGRATION_TABLE.name)).map((row) => row.name));
  const open = MIGRATIONS.filter(({ name }) => !done.has(name));
  for (const migration of open) {
    for (const table of migration.tables) await connector.create(table, signal);
    await rows.insert(MIGRATION_TABLE.name, { name: migration.name });
  }
  return open.length === 0 && isWhole(catalog) ? catalog : connector.introspect(signal);
}

/** Another node may have finished its migrations after the catalog was read, and before it was known which are done. */
function isWhole(catalog: Catalog): boolean {
  return MIGRATIONS.every(({ tables }) => tables.every(({ name }) => findTable(catalog, name) !== undefined));
}

/** The catalog, in which the table of migrations is, made if it must be. */
async function withMigrations(connector: Connector, signal: AbortSignal): Promise<Catalog> {
  const catalog = await connector.introspect(signal);
  if (findTable(catalog, MIGRATION_TABLE.name) !== undefined) return catalog;
  await connector.create(MIGRATION_TABLE, signal);
  return connector.introspect(signal);
}
