import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What is asked: one row by its key, a short list, or an insert with a key of the client's own. */
export type Kind = "read" | "list" | "insert";

/** A request and what became of it. Times are milliseconds of `performance.now()`. */
export interface Heard {
  readonly kind: Kind;
  /** The key that an insert gave its row. */
  readonly id: number;
  readonly began: number;
  readonly ended: number;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: answers have every shape.
  readonly body: any;
}

export interface LoadOptions {
  /** The table that is asked, as an address. It has the columns `id` and `text`, and a row 1. */
  readonly table: string;
  readonly token: string;
  readonly kinds: readonly Kind[];
  readonly clients: number;
  /** Milliseconds that a client rests after each answer. */
  readonly restMs: number;
}

/** Longest that an answer is waited for: much longer than any may take. */
const NO_ANSWER_MS = 20_000;
/** Keys are given once in a process, whoever inserts. */
let lastId = 1_000;

/** Clients that keep asking, each on a connection that it keeps, until they are told to stop. */
export class Load {
  readonly #options: LoadOptions;
  readonly #agent: Agent;
  readonly #heard: Heard[] = [];
  readonly #clients: Promise<unknown>;
  #stops = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.clients });
    this.#clients = Promise.all(Array.from({ length: options.clients }, (_, index) => this.#ask(index)));
  }

  /** Waits until so many requests that began after a moment are answered. Raises when that takes too long. */
  async hears(count: number, since = 0): Promise<void> {
    const deadline = performance.now() + NO_ANSWER_MS;
    while (this.#heard.filter(({ began }) => began > since).length < count) {
      if (performance.now() > deadline)
        throw new Error(`Of the load on ${this.#options.table} too little is answered.`);
      await sleep(20);
    }
  }

  /** Waits for the answers that are under way, and gives all that was heard. */
  async stop(): Promise<readonly Heard[]> {
    this.#stops = true;
    await this.#clients;
    this.#agent.destroy();
    return this.#heard;
  }

  async #ask(first: number): Promise<void> {
    const { kinds, restMs } = this.#options;
    for (let turn = first; !this.#stops; turn++) {
      this.#heard.push(await this.#send(kinds[turn % kinds.length] ?? "read"));
      await sleep(restMs);
    }
  }

  #send(kind: Kind): Promise<Heard> {
    const [id, began] = [++lastId, performance.now()];
    const { method, path, body } = asked(kind, id);
    return new Promise((resolve) => {
      const heard = (status: number, headers: IncomingHttpHeaders, text: string) =>
        resolve({ kind, id, began, ended: performance.now(), status, headers, body: readJson(text) });
      const headers = { Authorization: `Bearer ${this.#options.token}`, "Content-Type": "application/json" };
      const signal = AbortSignal.timeout(NO_ANSWER_MS);
      request(`${this.#options.table}${path}`, { method, headers, agent: this.#agent, signal }, (response) => {
        const chunks: string[] = [];
        response.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
        response.once("end", () => heard(response.statusCode ?? 0, response.headers, chunks.join("")));
        response.once("error", (error) => heard(0, {}, JSON.stringify(String(error))));
      })
        .once("error", (error) => heard(0, {}, JSON.stringify(String(error))))
        .end(body);
    });
  }
}

function asked(kind: Kind, id: number): { readonly method: string; readonly path: string; readonly body?: string } {
  if (kind === "insert") return { method: "POST", path: "", body: JSON.stringify({ id, text: "new" }) };
  return { method: "GET", path: kind === "read" ? "/1" : "?limit=3&order=id" };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
