import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";
import type { Unavailable } from "./servers/server.ts";

/** Ends a run with what was skipped, by name, and alone on the last line how many tests passed, failed and were skipped. */
export default class ClosingLines implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  /** The reporters before this one have written all they have to say: they do so at once, in the order of the config. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter(isSkipped);
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const failed = tests.length - passed - skipped.length + countBrokenSuites(modules) + unhandledErrors.length;
    const lines = [...this.#missingServers(), ...this.#names(skipped), countLine(passed, failed, skipped.length)];
    this.#vitest?.logger.log(lines.join("\n"));
  }

  #missingServers(): string[] {
    const provided: object = this.#vitest?.getProvidedContext() ?? {};
    return Object.values(provided)
      .filter(isUnavailable)
      .map(({ title, unavailable }) => `skipped: ${title} suites (missing: ${unavailable})`);
  }

  #names(skipped: readonly TestCase[]): string[] {
    const pattern = this.#vitest?.config.testNamePattern;
    if (skipped.length > 0 && pattern) return [`skipped: tests that -t ${pattern.source} leaves out, and others`];
    return skipped.map(
      (test) => `skipped: ${test.project.name}: ${test.module.relativeModuleId} > ${test.fullName}${noteOf(test)}`,
    );
  }
}

/** Interrupted tests have no result: they were not run, like those that are skipped. */
function isSkipped(test: TestCase): boolean {
  const { state } = test.result();
  return state === "skipped" || state === "pending";
}

/** Files that do not load and suites whose hooks fail have no test that fails. */
function countBrokenSuites(modules: readonly TestModule[]): number {
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  return suites.filter((suite) => suite.errors().length > 0).length;
}

function noteOf(test: TestCase): string {
  const result = test.result();
  if (result.state === "skipped" && result.note !== undefined) return ` (${result.note})`;
  return test.options.mode === "todo" ? " (todo)" : "";
}

function countLine(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function isUnavailable(server: unknown): server is Unavailable {
  return typeof server === "object" && server !== null && "unavailable" in server;
}
