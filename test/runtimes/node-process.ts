import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LogLine, ServedHouse } from "./served.ts";

const ENTRY = fileURLToPath(new URL("../../src/runtime/node.ts", import.meta.url));

/** A house on Node in a process of its own, so that nothing that the tests do takes its time. Its store must be new. */
export async function serveOnNodeProcess(env: Readonly<Record<string, string>>): Promise<ServedHouse> {
  const child = spawn(process.execPath, [ENTRY], {
    env: { PORT: "0", DATABASE_URL: "sqlite::memory:", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const farewell = () => child.kill("SIGKILL");
  process.once("exit", farewell);
  const lines: LogLine[] = [];
  return {
    url: await listen(child, lines),
    log: async () => lines,
    close: async () => {
      process.removeListener("exit", farewell);
      await end(child);
    },
  };
}

/** Gathers what it logs, and gives the address that a first start tells. Raises when it ends before that. */
function listen(child: ChildProcess, lines: LogLine[]): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("Millrace ended instead of serving.")));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const [, url] = /^Millrace serves (\S+)\/api\/v2$/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
      if (line.startsWith("{")) lines.push(JSON.parse(line) as LogLine);
    });
  });
}

/** Much longer than a close may take. */
const END_WITHIN_MS = 20_000;

/** Raises when it has ended by itself, or does not end when it is told to. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error("Millrace ended by itself.");
  const insist = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  clearTimeout(insist);
  if (child.signalCode === "SIGKILL") throw new Error("Millrace did not end when it was told to.");
}
