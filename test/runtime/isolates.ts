import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";

/** Away from the secrets that a developer may keep beside `wrangler.toml`: they would win. */
const ROOT = fileURLToPath(new URL(".", import.meta.url));
const ADMIN = { email: "admin@example.com", password: "a password for tests only" };

/** What a Worker needs before it can serve. */
export const SECRETS = {
  MILLRACE_SECRET: "a master secret for tests, of no worth to anybody",
  MILLRACE_ADMIN_EMAIL: ADMIN.email,
  MILLRACE_ADMIN_PASSWORD: ADMIN.password,
};

/** What an isolate is bound to, besides the D1 databases `DB` and `SAMPLE` that all of one start share. */
export interface IsolateOptions {
  readonly vars: Readonly<Record<string, string>>;
  /** Connection strings by the name of the Hyperdrive binding. */
  readonly hyperdrive?: Readonly<Record<string, string>>;
}

/** One isolate of a Worker, asked directly. */
export interface Isolate {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A session of the administrator. */
  login(): Promise<string>;
  /** Asks below `/api/v2/`. */
  ask(verb: string, path: string, token: string, body?: object, signal?: AbortSignal): Promise<Response>;
}

export interface Isolates {
  readonly isolates: readonly Isolate[];
  /** All that was logged until now. */
  log(): string;
  close(): Promise<void>;
}

/** Starts as many isolates as there are options, in one workerd. */
export async function startIsolates(options: readonly IsolateOptions[]): Promise<Isolates> {
  const workers = options.map((each, index) => ({ config: configOf(each, index) }));
  const harness = createTestHarness({ root: ROOT, workers });
  await harness.listen();
  const fetchOf = (index: number) => harness.getWorker(nameOf(index)).fetch as unknown as Isolate["fetch"];
  return {
    isolates: options.map((_, index) => isolateOf(fetchOf(index))),
    log: () =>
      harness
        .getLogs()
        .map(({ message }) => message)
        .join("\n"),
    close: () => harness.close(),
  };
}

const nameOf = (index: number) => `isolate-${index}`;

function configOf({ vars, hyperdrive = {} }: IsolateOptions, index: number) {
  return {
    name: nameOf(index),
    main: "../../src/runtime/workers.ts",
    compatibility_date: "2026-11-01",
    compatibility_flags: ["nodejs_compat", "enable_request_signal"],
    vars,
    d1_databases: ["DB", "SAMPLE"].map((binding) => ({ binding, database_name: binding, database_id: binding })),
    hyperdrive: Object.entries(hyperdrive).map(([binding, localConnectionString]) => ({
      binding,
      id: binding,
      localConnectionString,
    })),
  };
}

/** An isolate that is asked by this function. */
export function isolateOf(fetch: Isolate["fetch"]): Isolate {
  const ask: Isolate["ask"] = (method, path, token, body, signal) =>
    fetch(`/api/v2/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  const login = async () => {
    const response = await fetch("/api/v2/system/admin/session", { method: "POST", body: JSON.stringify(ADMIN) });
    const { session_token } = (await response.json()) as { session_token?: string };
    if (session_token === undefined) throw new Error(`Nobody could log in: ${response.status}.`);
    return session_token;
  };
  return { fetch, login, ask };
}
