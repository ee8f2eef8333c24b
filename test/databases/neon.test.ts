import { RUNTIME } from "../house.ts";
import { letWorkersOpenWebSockets } from "../runtimes/outbound.ts";
import { startNeonProxy } from "../servers/neon-proxy.ts";
import { databaseSuite } from "../suites/database/suite.ts";
import type { Target } from "../suites/database/target.ts";
import { postgresTarget } from "../suites/database/targets.ts";

/** PostgreSQL with a proxy in front that speaks Neon's protocols, which are used on Workers alone. */
function neonTarget(): Target {
  const target = postgresTarget("neon", "PostgreSQL as a Neon");
  return {
    ...target,
    open: async (house) => {
      const database = await target.open(house);
      const proxy = await startNeonProxy(Number(database.config.port));
      const drop = async () => {
        await proxy.close();
        await database.drop();
      };
      return { ...database, drop, config: { ...database.config, proxy: proxy.url } };
    },
  };
}

/** Where it is PostgreSQL over TCP there is little more to see; over HTTP and WebSocket the way of values and errors is another. */
const GROUPS = {
  node: ["smoke", "write-statements"],
  workers: [
    "smoke",
    "values",
    "create",
    "batch",
    "write-errors",
    "value-errors",
    "one statement",
    "upsert",
    "changed types",
  ],
};

if (RUNTIME === "workers") letWorkersOpenWebSockets();
databaseSuite(neonTarget(), RUNTIME === "workers" ? GROUPS.workers : GROUPS.node);
