import { makeKey, makeService, RUNTIME, startHouse, type TestHouse } from "../house.ts";
import type { TargetDatabase } from "../suites/database/target.ts";
import { d1Target, sqliteTarget } from "../suites/database/targets.ts";

/** A house with a service `db` on a small database of its own, of the kind that is embedded in the runtime. */
export interface HouseWithTables {
  readonly house: TestHouse;
  readonly database: TargetDatabase;
  /** The type of the service. */
  readonly type: string;
  readonly serviceId: number;
  /** A key that may do everything on `db`. */
  readonly key: string;
  close(): Promise<void>;
}

/** Starts a house that serves a new database on which these statements were run. */
export async function openHouseWith(statements: readonly string[]): Promise<HouseWithTables> {
  const target = RUNTIME === "workers" ? d1Target() : sqliteTarget();
  const house = await startHouse();
  const database = await target.open(house);
  for (const sql of statements) await database.query(sql);
  const serviceId = await makeService(house, "db", target.type, database.config);
  const key = await makeKey(house, "all", [{ service_id: serviceId, component: "*", verb_mask: 31 }]);
  return {
    house,
    database,
    type: target.type,
    serviceId,
    key,
    close: async () => {
      await house.close();
      await database.drop();
    },
  };
}
