import { describe } from "vitest";
import { BUN, whyNoBun } from "../runtimes/bun.ts";
import { listeningSuite } from "../suites/runtime/listening.ts";

describe.skipIf(whyNoBun() !== undefined)("a port", () => {
  listeningSuite({
    title: "Bun",
    command: [BUN, "--max-http-header-size=262144", "src/runtime/bun.ts"],
    refusesWithoutBody: true,
    closesPortLast: true,
    takesSeveralHosts: true,
  });
});
