import { defineConfig } from "vitest/config";
import type { RuntimeName } from "./src/contract/runtime.ts";
import { findRuntime } from "./test/runtimes/find.ts";

/** What every runtime has to pass besides Node: over HTTP, through the whole house. */
const EVERYWHERE = [
  "test/databases/pgsql.test.ts",
  "test/databases/mariadb.test.ts",
  "test/http/*.test.ts",
  "test/access/http.test.ts",
  "test/outages/under-load.test.ts",
];

/** The tests of one runtime: none where it is missing, which the closing lines say. */
function project(name: RuntimeName, include: readonly string[], exclude: readonly string[] = []) {
  const isMissing = name !== "node" && "unavailable" in findRuntime(name);
  return {
    test: {
      name,
      include: isMissing ? [] : [...include],
      exclude: [...exclude],
      env: { MILLRACE_TEST_RUNTIME: name, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
      // A process per test file: a file may kill servers, and leaves nothing behind for the next.
      pool: "forks" as const,
      testTimeout: 30_000,
      hookTimeout: 120_000,
    },
  };
}

export default defineConfig({
  test: {
    globalSetup: ["test/servers/setup.ts"],
    reporters: ["default", "./test/closing-lines.ts"],
    // One more than the cores of a small machine: houses on other runtimes are mostly waited for.
    maxWorkers: 3,
    projects: [
      project("node", ["test/**/*.test.ts"], ["test/databases/d1.test.ts"]),
      project("bun", [...EVERYWHERE, "test/databases/sqlite.test.ts"]),
      project("workers", [...EVERYWHERE, "test/databases/d1.test.ts", "test/databases/neon.test.ts"]),
    ],
  },
});
