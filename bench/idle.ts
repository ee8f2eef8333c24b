import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { MillraceProcess, type ProcessTarget } from "../test/suites/runtime/process.ts";
import { Wire } from "../test/suites/runtime/wire.ts";

/**
 * Opens ten thousand connections to a Millrace in a process of its own, asks once on each and leaves them idle. Prints
 * what one costs in memory, and how long a request takes before and meanwhile. `node bench/idle.ts [bun]`
 */
const CONNECTIONS = 10_000;
/** As many at once as the queue of a port takes in without a wait. */
const AT_ONCE = 200;
const REQUESTS = 500;
const TARGET = "/api/v2/system/environment";

const COMMANDS: Readonly<Record<string, ProcessTarget["command"]>> = {
  node: [process.execPath, "src/runtime/node.ts"],
  bun: ["node_modules/.bin/bun", "--max-http-header-size=262144", "src/runtime/bun.ts"],
};

await main(process.argv[2] ?? "node");

async function main(runtime: string): Promise<void> {
  const command = COMMANDS[runtime];
  if (command === undefined) throw new Error("The runtime must be node or bun.");
  const most = mostOpenFiles();
  if (most < CONNECTIONS + 500) {
    return console.log(`Not measured: a process may open ${most} files here; raise that by ulimit -n.`);
  }
  const millrace = await MillraceProcess.start({ title: runtime, command });
  try {
    await measure(millrace);
  } finally {
    await millrace.kill();
  }
}

async function measure(millrace: MillraceProcess): Promise<void> {
  const probe = await Wire.connect(millrace.url);
  console.log(`alone:      ${await latency(probe)}`);
  const before = residentBytes(millrace.pid);
  const wires = await openIdle(millrace.url);
  const perConnection = (residentBytes(millrace.pid) - before) / wires.length;
  console.log(`${wires.length} idle: ${await latency(probe)}, ${(perConnection / 1024).toFixed(1)} KiB each`);
  console.log(`served again: ${await askAll(wires)} of ${wires.length}`);
  for (const wire of [...wires, probe]) wire.destroy();
}

async function openIdle(url: string): Promise<readonly Wire[]> {
  const wires: Wire[] = [];
  while (wires.length < CONNECTIONS) {
    const some = await Promise.all(Array.from({ length: AT_ONCE }, () => Wire.connect(url)));
    await askAll(some);
    wires.push(...some);
  }
  return wires;
}

/** How many of them are answered with 200. */
async function askAll(wires: readonly Wire[]): Promise<number> {
  const answers = await Promise.all(wires.map((wire) => wire.ask(TARGET)));
  return answers.filter((answer) => answer?.status === 200).length;
}

async function latency(wire: Wire): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    const began = performance.now();
    await wire.ask(TARGET);
    times.push(performance.now() - began);
  }
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * REQUESTS)] ?? 0).toFixed(2);
  return `${at(0.5)} ms median, ${at(0.99)} ms 99 %`;
}

function residentBytes(pid: number): number {
  const [, kib] = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/) ?? [];
  return Number(kib) * 1024;
}

/** The hard limit: Node and Bun raise the soft one to it by themselves. */
function mostOpenFiles(): number {
  const text = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  return text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text);
}
