import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeKey, makeService, startHouse, type TestHouse } from "../house.ts";

/** A house with a service `db` on an SQLite file of its own. */
export interface FileHouse {
  readonly house: TestHouse;
  readonly database: DatabaseSync;
  readonly path: string;
  readonly serviceId: number;
  /** A key that may do everything on `db`. */
  readonly key: string;
  close(): Promise<void>;
}

/** Starts a house that serves a new database with these tables. */
export async function openFileHouse(sql: string, config: Readonly<Record<string, unknown>> = {}): Promise<FileHouse> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-http-"));
  const path = join(folder, "test.db");
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; ${sql}`);
  const house = await startHouse();
  const serviceId = await makeService(house, "db", "sqlite", { database: path, ...config });
  const key = await makeKey(house, "all", [{ service_id: serviceId, component: "*", verb_mask: 31 }]);
  return {
    house,
    database,
    path,
    serviceId,
    key,
    close: async () => {
      await house.close();
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
