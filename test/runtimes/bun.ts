import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Command } from "./bun-host.ts";
import { findRuntime, programOf } from "./find.ts";
import type { LogLine, ServedHouse } from "./served.ts";

/** The Bun that the development dependencies bring along. */
export const BUN = programOf("bun");
const HOST = fileURLToPath(new URL("bun-host.ts", import.meta.url));

/** Why nothing can be tried on Bun here; `undefined` where it can. */
export function whyNoBun(): string | undefined {
  const found = findRuntime("bun");
  return "unavailable" in found ? found.unavailable : undefined;
}

/** A house on Bun. All houses of a test process live in one process of Bun. */
export async function serveOnBun(env: Readonly<Record<string, string>>): Promise<ServedHouse> {
  host ??= new BunHost();
  const { tell } = host;
  const { url, house } = await tell<{ url: string; house: number }>({ start: env });
  const lines: LogLine[] = [];
  return {
    url,
    log: async () => {
      const from = lines.length;
      const more = await tell<{ lines: readonly LogLine[] }>({ log: house, from });
      // Two may ask at once.
      lines.push(...more.lines.slice(lines.length - from));
      return lines;
    },
    close: async () => {
      await tell({ close: house });
    },
  };
}

let host: BunHost | undefined;

type Unnumbered<T> = T extends unknown ? Omit<T, "id"> : never;
interface Asked {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** The process, and who waits for its answers. */
class BunHost {
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, Asked>();
  #last = 0;

  constructor() {
    const why = whyNoBun();
    if (why !== undefined) throw new Error(why);
    this.#process = spawn(BUN, ["--max-http-header-size=262144", HOST], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on("line", (line) => this.#hear(line));
    this.#process.once("error", () => this.#end());
    this.#process.once("exit", () => this.#end());
    this.#letWorkerEnd();
  }

  readonly tell = <T>(command: Unnumbered<Command>): Promise<T> => {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve: resolve as Asked["resolve"], reject });
      this.#process.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  };

  #hear(line: string): void {
    const { id, error, ...answer } = JSON.parse(line) as { readonly id: number; readonly error?: string };
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new Error(error));
  }

  #end(): void {
    host = undefined;
    for (const { reject } of this.#asked.values()) reject(new Error("The process of Bun has ended."));
    this.#asked.clear();
  }

  /** Nothing here keeps the test process alive; when it ends by whatever way, so does Bun, whose input ends. */
  #letWorkerEnd(): void {
    process.once("exit", () => this.#process.kill());
    this.#process.unref();
    for (const stream of [this.#process.stdin, this.#process.stdout])
      (stream as unknown as { unref?(): void }).unref?.();
  }
}
