import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jsonLogger } from "../../src/runtime/log.ts";

const MAIN = fileURLToPath(new URL("../../src/runtime/node.ts", import.meta.url));

describe("a logger", () => {
  test("writes one line of JSON for each message of its level and above", () => {
    const lines: string[] = [];
    const log = jsonLogger("warn", (line) => lines.push(line));
    log.log("info", "not said");
    log.log("warn", "two\nlines", { count: 2 });
    expect([log.writes("info"), log.writes("error")]).toEqual([false, true]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      time: expect.stringMatching(/Z$/),
      level: "warn",
      message: "two\nlines",
      count: 2,
    });
  });

  test("adds what work is done for to its lines, however deep and late they are written", async () => {
    const lines: string[] = [];
    const log = jsonLogger("debug", (line) => lines.push(line));
    const work = async (id: string) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.log("debug", id);
    };
    await Promise.all(["a", "b"].map((id) => log.during?.({ request_id: id }, () => work(id))));
    log.log("debug", "outside");
    const seen = lines.map((line) => JSON.parse(line)).map(({ message, request_id }) => [message, request_id]);
    expect(seen.sort()).toEqual([
      ["a", "a"],
      ["b", "b"],
      ["outside", undefined],
    ]);
  });

  test("follows no work where debug lines are not written", () => {
    expect(jsonLogger("info", () => {}).during).toBeUndefined();
  });
});

describe("the output of a process that nobody watches", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "millrace-output-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** All that a start prints until it is stopped. */
  async function outputOfStart(): Promise<readonly string[]> {
    const env = { ...process.env, PORT: "0", DATABASE_URL: `sqlite:${folder}/millrace.db`, LOG_LEVEL: "info" };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (line.includes("Millrace serves.")) setTimeout(() => child.kill("SIGTERM"), 300);
    }
    return lines;
  }

  test("holds at a first start what can not be said again, and then lines of JSON alone", async () => {
    const first = (await outputOfStart()).join("\n");
    expect(first).toMatch(/^Password: {6}\S{16,}/m);
    const next = await outputOfStart();
    expect(next.map((line) => JSON.parse(line).message)).toEqual([
      "Millrace serves.",
      "Millrace is stopping.",
      "Millrace has stopped.",
    ]);
  });
});
