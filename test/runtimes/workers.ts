import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { createTestHarness, type TestHarness } from "wrangler";
import { createDatabase } from "../servers/databases.ts";
import type { LogLine, ServedHouse } from "./served.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LOG_WITHIN_MS = 5_000;

/** A house on workerd, with D1 databases of its own, `DB` for the settings and `TEST` for a service; `hyperdrives` by their URLs. */
export async function serveOnWorkers(
  env: Readonly<Record<string, string>>,
  hyperdrives: Readonly<Record<string, string>> = {},
): Promise<ServedHouse> {
  const store = await createDatabase(inject("postgres"));
  const harness = createTestHarness({
    root: ROOT,
    workers: [{ config: workerConfig({ DATABASE_URL: `${store.url}?sslmode=disable`, ...env }, hyperdrives) }],
  });
  const { url } = await harness.listen();
  const address = url.href.replace(/\/$/, "");
  return {
    url: address,
    log: async () => {
      await untilLogged(harness, address);
      return linesOf(harness);
    },
    binding: async (name) => (await harness.getWorker().getEnv())[name],
    close: () => harness.close(),
  };
}

function workerConfig(vars: Readonly<Record<string, string>>, hyperdrives: Readonly<Record<string, string>>) {
  return {
    name: "millrace-under-test",
    main: "src/runtime/workers.ts",
    compatibility_date: "2026-11-01",
    compatibility_flags: ["nodejs_compat"],
    vars,
    d1_databases: ["DB", "TEST"].map((binding) => ({ binding, database_name: binding, database_id: binding })),
    hyperdrive: Object.entries(hyperdrives).map(([binding, localConnectionString]) => ({
      binding,
      id: binding,
      localConnectionString,
    })),
  };
}

/** Lines arrive after the answers that they are about; once a later one is there, so are they. */
async function untilLogged(harness: TestHarness, url: string): Promise<void> {
  const id = `marker-${crypto.randomUUID()}`;
  await fetch(`${url}/api/v2`, { headers: { "X-Request-Id": id } });
  const deadline = Date.now() + LOG_WITHIN_MS;
  while (!harness.getLogs().some(({ message }) => message.includes(id))) {
    if (Date.now() > deadline) throw new Error("The log of the Worker does not arrive: is LOG_LEVEL debug?");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function linesOf(harness: TestHarness): readonly LogLine[] {
  return harness.getLogs().flatMap(({ message }) => {
    try {
      return [JSON.parse(message) as LogLine];
    } catch {
      return [];
    }
  });
}
