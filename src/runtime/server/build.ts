import manifest from "../../../package.json" with { type: "json" };
import type { RuntimeName } from "../../contract/runtime.ts";

/** What runs, and on what: for the log and for metrics. On Node and Bun. */
export function buildOf(runtime: RuntimeName): Readonly<Record<string, string>> {
  return { version: manifest.version, runtime, runtime_version: process.versions[runtime] ?? "unknown" };
}
