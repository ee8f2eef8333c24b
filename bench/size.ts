import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/**
 * How large the Worker is as `wrangler deploy` uploads it, what it is made of, and how much CPU its start costs. Exits
 * with 1 when a limit is exceeded.
 */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MOST_KIB = 800;
const MOST_START_MS = 60;
const STARTS = 7;
const READY_WITHIN_MS = 20_000;
/** Parts below this share are not worth a line. */
const LEAST_SHARE = 0.005;

/** What esbuild tells of a bundle: https://esbuild.github.io/api/#metafile */
interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

interface Bundle {
  readonly folder: string;
  /** The files that are uploaded, the main module first. */
  readonly files: readonly string[];
  readonly metafile: Metafile;
}

function build(folder: string): Bundle {
  const command = ["wrangler", "deploy", "--dry-run", "--minify", "--outdir", folder, "--metafile", "meta.json"];
  const options = { cwd: ROOT, env: { ...process.env, WRANGLER_SEND_METRICS: "false" }, stdio: "pipe" } as const;
  execFileSync("npx", ["--no-install", ...command.slice(0, -1), join(folder, "meta.json")], options);
  const files = readdirSync(folder).filter((file) => /\.(?:m?js|wasm)$/.test(file));
  const metafile: Metafile = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8"));
  return { folder, files: files.sort((a, b) => Number(a.endsWith(".wasm")) - Number(b.endsWith(".wasm"))), metafile };
}

function gzippedKib({ folder, files }: Bundle): number {
  const sizes = files.map((file) => gzipSync(readFileSync(join(folder, file))).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

/** The parts with their share of the minified bytes, the largest first. */
function partsOf({ metafile }: Bundle): readonly (readonly [string, number])[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const sizes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of inputs) {
    sizes.set(partOf(path), (sizes.get(partOf(path)) ?? 0) + bytesInOutput);
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const shares = [...sizes].map(([part, size]): readonly [string, number] => [part, size / total]);
  return shares.filter(([, share]) => share >= LEAST_SHARE).sort(([, a], [, b]) => b - a);
}

function partOf(path: string): string {
  const [, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name ?? (/^(?:src|plugins|scripts-sandbox|package\.json)\b/.test(path) ? "Millrace itself" : "wrangler's own");
}

const EMPTY = "export default { fetch: () => new Response() };";

/**
 * Milliseconds of CPU, all threads together, that the server of Workers spends before it is ready, less what it spends
 * for a Worker that does nothing: compiling the script and running its top level, with all that this loads of the
 * platform. The best of several, as other work on the machine only adds to it. Cloudflare's own measure differs by its
 * CPUs; its limit is 1 s.
 */
async function startMs(bundle: Bundle): Promise<number> {
  const empty = mkdtempSync(join(tmpdir(), "millrace-empty-"));
  try {
    writeFileSync(join(empty, "empty.js"), EMPTY);
    return (await leastCpuMs(bundle)) - (await leastCpuMs({ folder: empty, files: ["empty.js"] }));
  } finally {
    rmSync(empty, { recursive: true });
  }
}

async function leastCpuMs(bundle: Pick<Bundle, "folder" | "files">): Promise<number> {
  const config = join(bundle.folder, "start.capnp");
  writeFileSync(config, capnp(bundle.files));
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push(await cpuMsOfStart(config));
  return Math.min(...times);
}

function capnp(files: readonly string[]): string {
  const wrangler = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  const setting = (name: string) => new RegExp(`^${name} = (.+)$`, "m").exec(wrangler)?.[1] ?? "";
  const kind = (file: string) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  const modules = files.map((file) => `(name = "${file}", ${kind(file)} = embed "${file}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [${modules.join(", ")}],
    compatibilityDate = ${setting("compatibility_date")}, compatibilityFlags = ${setting("compatibility_flags")}))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);`;
}

async function cpuMsOfStart(config: string): Promise<number> {
  const require = createRequire(createRequire(import.meta.url).resolve("wrangler"));
  const server = spawn(require("workerd").default, ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const errors: string[] = [];
  server.stderr?.on("data", (data) => errors.push(String(data)));
  try {
    await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("The server of Workers does not start.")), READY_WITHIN_MS).unref();
      server.once("exit", () => reject(new Error(`The server of Workers ended: ${errors.join("")}`)));
      server.stdio[3]?.once("data", resolve);
    });
    return cpuMs(Number(server.pid));
  } finally {
    server.kill("SIGKILL");
  }
}

/** The first number of `schedstat` is the time on the CPU in nanoseconds. */
function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const times = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]));
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

const folder = mkdtempSync(join(tmpdir(), "millrace-size-"));
try {
  const bundle = build(folder);
  const kib = gzippedKib(bundle);
  console.log(`The Worker has ${kib.toFixed(0)} KiB gzipped, of at most ${MOST_KIB}. Of its bytes:`);
  for (const [part, share] of partsOf(bundle)) console.log(`${(share * 100).toFixed(1).padStart(7)} %  ${part}`);
  const ms = existsSync("/proc/self/schedstat") ? await startMs(bundle) : Number.NaN;
  const told = Number.isNaN(ms) ? "is measured on Linux only" : `costs ${ms.toFixed(0)} ms of CPU`;
  console.log(`Its start ${told}, of at most ${MOST_START_MS}.`);
  if (kib > MOST_KIB || ms > MOST_START_MS) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
