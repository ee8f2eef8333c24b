import { listen } from "./server/listen.bun.ts";
import { failToStart, type RunningServer, serveForever, startServer as start } from "./server/server.ts";
import type { Env } from "./variables.ts";

/** Starts Millrace on Bun with the settings of the environment. Raises an Error of one sentence when it cannot. */
export function startServer(env: Env, write: (line: string) => void): Promise<RunningServer> {
  return start({ name: "bun", listen }, env, write);
}

if (import.meta.main) serveForever(startServer).catch(failToStart);
