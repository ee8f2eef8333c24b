import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "./ground.ts";
import { findProgram, lastLine } from "./install.ts";
import { atExit } from "./leftovers.ts";

const KILL_AFTER_MS = 8_000;
const END_SYNC_WITHIN_MS = 2_000;

/** One run of a program as the server's user, in the server's folder; it never outlives this process. */
export class Daemon {
  /** Settles when the program has ended, however. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: string;

  /** Starts the command; `farewell` is the signal that ends it when this process ends. */
  constructor(ground: Ground, command: readonly string[], farewell: NodeJS.Signals) {
    this.#log = join(ground.folder, "log");
    this.#child = launch(ground, bound(farewell, command), this.#log);
    const forget = atExit(() => this.#endSync(farewell));
    this.ended = new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
      this.#child.once("error", () => resolve());
    });
    void this.ended.then(forget);
  }

  /** The process id. Raises when the process has ended. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined || !this.runs) throw new Error("The server does not run.");
    return pid;
  }

  get runs(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Whether it ended of itself and well. */
  get succeeded(): boolean {
    return this.#child.exitCode === 0;
  }

  /** The last line that it wrote. */
  get lastWords(): string {
    return lastLine(readFileSync(this.#log, "utf8"));
  }

  /** Lets this process end without waiting for it. */
  unref(): void {
    this.#child.unref();
  }

  /** Sends a signal to the process, or to its children too (PostgreSQL has one per connection). */
  signal(name: NodeJS.Signals, reach: "process" | "children too" = "process"): void {
    if (!this.runs) return;
    const { pid } = this;
    killQuietly(pid, name);
    if (reach === "process") return;
    for (const child of childrenOf(pid)) killQuietly(child, name);
  }

  /** Asks the process to end with `signal`, insists after some seconds, and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal("SIGCONT", "children too");
    this.signal(signal);
    const insist = setTimeout(() => this.signal("SIGKILL"), KILL_AFTER_MS);
    this.#child.ref();
    await this.ended;
    clearTimeout(insist);
  }

  #endSync(signal: NodeJS.Signals): void {
    if (!this.runs) return;
    const { pid } = this;
    this.signal("SIGCONT", "children too");
    // The whole process group: mariadb-install-db is a script that starts programs.
    killQuietly(-pid, signal);
    const deadline = Date.now() + END_SYNC_WITHIN_MS;
    while (lives(pid) && Date.now() < deadline) sleepSync(10);
  }
}

/** Runs a program to its end as the server's user. Raises an Error with its last words. */
export async function runOn(ground: Ground, command: readonly string[]): Promise<void> {
  const run = new Daemon(ground, command, "SIGKILL");
  await run.ended;
  if (!run.succeeded) throw new Error(`${command[0]} failed: ${run.lastWords}`);
}

function launch(ground: Ground, command: readonly string[], logFile: string): ChildProcess {
  const [program = "", ...args] = command;
  const env = { PATH: process.env.PATH, LC_ALL: "C.UTF-8", HOME: ground.folder };
  const log = openSync(logFile, "a");
  try {
    // A process group of its own: a Ctrl-C in the terminal is for the tests, which then end the server in order.
    const options = { cwd: ground.folder, env, detached: true, ...ground.account };
    return spawn(program, args, { ...options, stdio: ["ignore", log, log] });
  } finally {
    closeSync(log);
  }
}

/** The command, made to get `signal` also when this process is killed with no chance to say goodbye; so on Linux. */
function bound(signal: NodeJS.Signals, command: readonly string[]): readonly string[] {
  const setpriv = process.platform === "linux" ? findProgram("setpriv") : undefined;
  return setpriv === undefined ? command : [setpriv, "--pdeathsig", signal.slice("SIG".length), "--", ...command];
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

/** Whether the process still does anything: one that ended stays a zombie while this process waits synchronously. */
function lives(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
