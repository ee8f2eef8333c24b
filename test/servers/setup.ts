import type { TestProject } from "vitest/node";
import { findRuntime, type ProvidedRuntime } from "../runtimes/find.ts";
import { mariadb } from "./mariadb.ts";
import { postgres } from "./postgres.ts";
import { findServer, OwnServer, type ProvidedServer } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgres: ProvidedServer;
    mariadb: ProvidedServer;
    bun: ProvidedRuntime;
    workers: ProvidedRuntime;
  }
}

/** Brings up each server once for the whole run, tells the tests where it is, and ends it after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const name of ["bun", "workers"] as const) project.provide(name, findRuntime(name));
  const kinds = { postgres, mariadb };
  const names = ["postgres", "mariadb"] as const;
  const servers = await Promise.all(
    names.map(async (name) => {
      const server = await findServer(kinds[name]);
      project.provide(name, withoutMethods(server));
      return server;
    }),
  );
  return async () => {
    await Promise.all(servers.map((server) => (server instanceof OwnServer ? server.close() : undefined)));
  };
}

/** What is provided travels to other processes as plain data. */
function withoutMethods(server: ProvidedServer): ProvidedServer {
  if ("unavailable" in server) return server;
  return server.caFile === undefined ? { url: server.url } : { url: server.url, caFile: server.caFile };
}
