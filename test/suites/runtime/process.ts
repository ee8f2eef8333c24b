import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export const EMAIL = "admin@example.com";
export const PASSWORD = "a password for tests only";

/** How Millrace is started as a process of its own. */
export interface ProcessTarget {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** A Millrace in a process of its own, with a store in memory. */
export class MillraceProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #ended: Promise<number | NodeJS.Signals>;
  url = "";

  /** Resolves when it serves. Raises an Error with its output when it ends before. */
  static async start(target: ProcessTarget): Promise<MillraceProcess> {
    const millrace = MillraceProcess.spawn(target);
    millrace.url = JSON.parse(await millrace.line('"Millrace serves."')).url;
    return millrace;
  }

  /** One that is starting, with more variables. */
  static spawn({ command: [program, ...args], env }: ProcessTarget, more: ProcessTarget["env"] = {}): MillraceProcess {
    return new MillraceProcess(
      spawn(program, args, {
        cwd: ROOT,
        env: { ...process.env, ...OWN_ENV, ...env, ...more },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on("line", (line) => this.#lines.push(line));
    }
    this.#ended = once(child, "close").then(([code, signal]) => code ?? signal);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The first line of output with this in it. Raises an Error with the output when the process ends without. */
  async line(part: string): Promise<string> {
    for (;;) {
      const found = this.#lines.find((line) => line.includes(part));
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(this.#lines.join("\n"));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with its exit code, or with the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  /** Ends it however it is, for the end of a test. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

const OWN_ENV = {
  HOST: "127.0.0.1",
  PORT: "0",
  DATABASE_URL: "sqlite::memory:",
  MILLRACE_SECRET: "a master secret for tests, of no worth to anybody",
  MILLRACE_ADMIN_EMAIL: EMAIL,
  MILLRACE_ADMIN_PASSWORD: PASSWORD,
};
