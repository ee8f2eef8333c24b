import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../src/runtime/node.ts";
import { makeKey, makeService, startHouse } from "../house.ts";
import type { Target } from "../suites/database/target.ts";
import type { Stage } from "./cases.ts";

/** A new server as `npm start` makes it, with its sample. */
export async function sampleStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-docs-"));
  const server = await startServer({ PORT: "0", DATABASE_URL: `sqlite:${join(folder, "millrace.db")}` }, () => {});
  const { admin, sampleKey = "" } = server.first;
  const credentials = new Map([
    ["YOUR_API_KEY", sampleKey],
    ["YOUR_PASSWORD", admin?.password ?? ""],
  ]);
  return {
    url: server.url,
    credentials,
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A house with one service over a real database, and a key that may do everything on it. */
export async function databaseStage(target: Target, name: string, tables: readonly string[]): Promise<Stage> {
  const house = await startHouse();
  const database = await target.open(house);
  for (const sql of tables) await database.query(sql);
  const serviceId = await makeService(house, name, target.type, database.config);
  const key = await makeKey(house, "docs", [{ service_id: serviceId, component: "*", verb_mask: 31 }]);
  return {
    url: house.url,
    credentials: new Map([
      ["YOUR_API_KEY", key],
      ["YOUR_TOKEN", house.token],
    ]),
    close: async () => {
      await house.close();
      await database.drop();
    },
  };
}
