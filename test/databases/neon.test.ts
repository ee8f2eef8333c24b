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

if (RUNTIME === "workers") letWorkersOpenWebSockets();
databaseSuite(neonTarget(), RUNTIME === "workers" ? undefined : ["smoke", "write-statements"]);
