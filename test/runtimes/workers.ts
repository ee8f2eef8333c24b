import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestHarness, type TestHarness } from "wrangler";
import type { LogLine, ServedHouse } from "./served.ts";

const MAIN = fileURLToPath(new URL("../../src/runtime/workers.ts", import.meta.url));
const LOG_WITHIN_MS = 5_000;

/** A house on workerd, with D1 databases of its own, `DB` for the settings and `TEST` for a service; `hyperdrives` by their URLs. */
export async function serveOnWorkers(
  env: Readonly<Record<string, string>>,
  hyperdrives: Readonly<Record<string, string>> = {},
): Promise<ServedHouse> {
  const root = mkdtempSync(join(tmpdir(), "millrace-workers-"));
  const harness = createTestHarness({ root, workers: [{ config: workerConfig(env, hyperdrives) }] });
  const { url } = await harness.listen();
  const log = new WorkerLog(harness, url);
  return {
    url: url.origin,
    log: () => log.read(),
    binding: async (name) => (await harness.getWorker().getEnv())[name],
    close: async () => {
      await harness.close();
      rmSync(root, { recursive: true });
    },
  };
}

function workerConfig(vars: Readonly<Record<string, string>>, hyperdrives: Readonly<Record<string, string>>) {
  return {
    name: "millrace-under-test",
    main: MAIN,
    compatibility_date: "2026-11-01",
    compatibility_flags: ["nodejs_compat", "enable_request_signal"],
    vars,
    d1_databases: ["DB", "TEST"].map((binding) => ({ binding, database_name: binding, database_id: binding })),
    hyperdrive: Object.entries(hyperdrives).map(([binding, localConnectionString]) => ({
      binding,
      id: binding,
      localConnectionString,
    })),
  };
}

/** The lines that a Worker has written, each taken from the harness once. */
class WorkerLog {
  readonly #harness: TestHarness;
  readonly #url: URL;
  readonly #lines: LogLine[] = [];

  constructor(harness: TestHarness, url: URL) {
    this.#harness = harness;
    this.#url = url;
  }

  /** Lines arrive after the answers that they are about; once that of a later request is there, so are they. */
  async read(): Promise<readonly LogLine[]> {
    const id = `marker-${crypto.randomUUID()}`;
    await fetch(new URL("/api/v2", this.#url), { headers: { "X-Request-Id": id } });
    const deadline = Date.now() + LOG_WITHIN_MS;
    while (!this.#take().some((line) => line.request_id === id)) {
      if (Date.now() > deadline) throw new Error("The log of the Worker does not arrive: is LOG_LEVEL debug?");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.#lines;
  }

  #take(): readonly LogLine[] {
    const taken = this.#harness.getLogs().flatMap(({ message }) => asLine(message));
    this.#harness.clearLogs();
    this.#lines.push(...taken);
    return taken;
  }
}

function asLine(message: string): readonly LogLine[] {
  try {
    return [JSON.parse(message) as LogLine];
  } catch {
    return [];
  }
}
