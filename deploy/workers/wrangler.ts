import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the project. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const PROGRAM = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/** Nothing is sent home and nothing is looked up that nobody asked for. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  DO_NOT_TRACK: "1",
};

const environment = () => ({ ...process.env, ...QUIET });

/** Longest that wrangler may take to answer a question. */
const ASK_WITHIN_MS = 60_000;

/** What a command of wrangler prints; `undefined` when it fails. */
export function askWrangler(args: readonly string[]): string | undefined {
  const options = { cwd: ROOT, env: environment(), encoding: "utf8", timeout: ASK_WITHIN_MS } as const;
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...args], { ...options, input: "" });
  return status === 0 ? stdout : undefined;
}

/** Runs a command of wrangler, which may talk with the person, and gives its exit status. */
export function runWrangler(args: readonly string[]): number {
  const options = { cwd: ROOT, env: environment(), stdio: "inherit" } as const;
  return spawnSync(process.execPath, [PROGRAM, ...args], options).status ?? 1;
}

/** Starts a command of wrangler that asks nobody and goes on until it is ended. */
export function startWrangler(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    cwd: ROOT,
    env: environment(),
    // A group of its own: it can be ended with all that it starts, and Ctrl-C reaches it once, through us.
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** Longest that wrangler may take to end in order. */
const END_WITHIN_MS = 5_000;

/** Ends wrangler and all that it has started. */
export async function endWrangler(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => killGroup(child), END_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  }
  killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}
