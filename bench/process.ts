import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** A Millrace in a process of its own, over one database. */
export interface Millrace {
  readonly url: string;
  readonly key: string;
  readonly process: ChildProcess;
}

/** As `npm start` has them. */
const NODE_OPTIONS = ["--max-semi-space-size=8"];

/** Starts Millrace with a service `db` of this type and config. The caller kills its process. */
export async function startMillrace(type: string, config: object): Promise<Millrace> {
  const child = spawn(process.execPath, [...NODE_OPTIONS, new URL("millrace.ts", import.meta.url).pathname], {
    env: { ...process.env, BENCH_TYPE: type, BENCH_CONFIG: JSON.stringify(config) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const chunk of child.stdout) {
    const [, port, key = ""] = /ready (\d+) (\w+)/.exec(String(chunk)) ?? [];
    if (port !== undefined) return { url: `http://127.0.0.1:${port}/api/v2/db`, key, process: child };
  }
  await once(child, "exit");
  throw new Error("Millrace did not start.");
}

/** Does some work while the memory of a process is watched: by how many MiB it grew at most, and how many ms it took. */
export async function watched(
  child: ChildProcess,
  work: () => Promise<unknown>,
): Promise<{ ms: number; grown: number }> {
  const before = residentMib(child);
  let most = before;
  const look = () => {
    most = Math.max(most, residentMib(child));
  };
  const timer = setInterval(look, 20);
  const began = performance.now();
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  const ms = performance.now() - began;
  look();
  return { ms, grown: most - before };
}

function residentMib({ pid }: ChildProcess): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}
