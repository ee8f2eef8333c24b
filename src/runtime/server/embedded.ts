import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SampleService } from "../first/first-start.ts";
import { createSample } from "../first/sample.ts";
import type { Variables } from "../variables.ts";

const SCHEME = "sqlite:";

/** The file of an embedded store; `undefined` when the store is in memory or on a server. */
export function embeddedFile({ DATABASE_URL }: Variables): string | undefined {
  const path = DATABASE_URL.startsWith(SCHEME) ? DATABASE_URL.slice(SCHEME.length) : ":memory:";
  return path === ":memory:" ? undefined : path;
}

/** The folder of an embedded store: what belongs to it is kept beside it. */
export function embeddedFolder(variables: Variables): string | undefined {
  const file = embeddedFile(variables);
  return file === undefined ? undefined : dirname(file);
}

/** What makes the sample database, where one is wanted: a new embedded store gets it, unless the environment says otherwise. */
export function sampleOf(variables: Variables): (() => Promise<SampleService>) | undefined {
  const folder = embeddedFolder(variables);
  const isWanted = variables.MILLRACE_SAMPLE === undefined ? folder !== undefined : variables.MILLRACE_SAMPLE === "on";
  return isWanted ? () => makeSample(join(folder ?? "data", "sample.db")) : undefined;
}

async function makeSample(path: string): Promise<SampleService> {
  if (!existsSync(path)) {
    const { openDriver } = await import("#driver/sqlite");
    const driver = openDriver({ path, create: true, waitMs: 5_000, statementTimeoutMs: 30_000, statements: [] });
    await createSample(driver, AbortSignal.timeout(30_000));
    await driver.close();
  }
  return { type: "sqlite", config: { database: path } };
}
