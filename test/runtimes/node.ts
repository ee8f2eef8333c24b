import { startServer } from "../../src/runtime/node.ts";
import type { LogLine, ServedHouse } from "./served.ts";

/** A house on Node, in this very process. */
export async function serveOnNode(env: Readonly<Record<string, string>>): Promise<ServedHouse> {
  const lines: LogLine[] = [];
  const server = await startServer({ PORT: "0", DATABASE_URL: "sqlite::memory:", ...env }, (line) =>
    lines.push(JSON.parse(line) as LogLine),
  );
  return { url: server.url, log: async () => lines, close: () => server.close() };
}
