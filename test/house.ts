import type { Json } from "../src/contract/json.ts";
import type { RuntimeName } from "../src/contract/runtime.ts";
import { parseJson } from "../src/lib/json.ts";
import { serveOnNode } from "./runtimes/node.ts";
import type { Serve, ServedHouse } from "./runtimes/served.ts";

const EMAIL = "admin@example.com";
const PASSWORD = "a password for tests only";

/** An answer with its body read. Numbers that a double would change keep their digits, as `{rawJSON}`. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

export interface AskOptions {
  readonly body?: Json | string;
  readonly key?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole Millrace on a port of its own, spoken to over HTTP. */
export interface TestHouse extends ServedHouse {
  /** A session of the administrator: used when a request names no credential. */
  readonly token: string;
  /** Asks below `/api/v2/`. `token: undefined` asks without any credential. */
  ask(verb: string, path: string, options?: AskOptions): Promise<Answer>;
  /** The SQL that a service ran while `work` ran. */
  statements(service: string, work: () => Promise<unknown>): Promise<readonly string[]>;
}

/** Loaded when asked for: most test files need Node alone. */
const SERVE: Readonly<Record<RuntimeName, () => Promise<Serve>>> = {
  node: async () => serveOnNode,
  bun: async () => (await import("./runtimes/bun.ts")).serveOnBun,
  workers: async () => (await import("./runtimes/workers.ts")).serveOnWorkers,
};

/** The runtime that the tests of this process are about: see the projects of `vitest.config.ts`. */
export const RUNTIME = (process.env.MILLRACE_TEST_RUNTIME ?? "node") as RuntimeName;

/** Starts a house with an empty store that is gone with it, on a runtime or as the caller has it served, and logs in. */
export async function startHouse(
  env: Readonly<Record<string, string>> = {},
  runtime: RuntimeName | Serve = RUNTIME,
): Promise<TestHouse> {
  const serve = typeof runtime === "function" ? runtime : await SERVE[runtime]();
  const served = await serve({
    MILLRACE_SECRET: "a master secret for tests, of no worth to anybody",
    MILLRACE_ADMIN_EMAIL: EMAIL,
    MILLRACE_ADMIN_PASSWORD: PASSWORD,
    LOG_LEVEL: "debug",
    ...env,
  });
  const ask = (verb: string, path: string, options: AskOptions = {}) => askAt(served.url, verb, path, options);
  const login = await ask("POST", "system/admin/session", { body: { email: EMAIL, password: PASSWORD } });
  if (login.status !== 200) throw new Error(`Nobody could log in: ${login.text}`);
  const token = String(login.body.session_token);
  return {
    ...served,
    token,
    ask: (verb, path, options = {}) =>
      ask(verb, path, options.key !== undefined || "token" in options ? options : { ...options, token }),
    statements: async (service, work) => {
      const from = (await served.log()).length;
      await work();
      return (await served.log()).slice(from).flatMap((line) => (line.service === service ? [String(line.sql)] : []));
    },
  };
}

async function askAt(url: string, verb: string, path: string, options: AskOptions): Promise<Answer> {
  const { body, key, token, headers } = options;
  const response = await fetch(`${url}/api/v2/${path}`, {
    method: verb,
    headers: {
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(key !== undefined && { "X-API-Key": key }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: readBody(text) };
}

function readBody(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** One grant of a role, as `role_service_access_by_role_id` takes it. */
export interface Grant {
  readonly service_id: number | null;
  readonly component: string;
  readonly verb_mask: number;
  readonly requestor_mask?: number;
}

/** Makes a service and gives its id. */
export async function makeService(house: TestHouse, name: string, type: string, config: Json): Promise<number> {
  const { status, body, text } = await house.ask("POST", "system/service", {
    body: { name, type, is_active: true, config },
  });
  if (status !== 201) throw new Error(`The service was not made: ${text}`);
  return body.id;
}

/** Makes a role with these grants, an app with it, and gives the app's API key. */
export async function makeKey(house: TestHouse, name: string, grants: readonly Grant[]): Promise<string> {
  const access = grants.map((grant) => ({ requestor_mask: 3, ...grant }));
  const role = await house.ask("POST", "system/role", {
    body: { name, is_active: true, role_service_access_by_role_id: access },
  });
  const app = await house.ask("POST", "system/app", { body: { name, is_active: true, role_id: role.body.id } });
  if (app.status !== 201) throw new Error(`The app was not made: ${role.text} ${app.text}`);
  return app.body.api_key;
}
