import type { Json } from "../src/contract/json.ts";
import { parseJson } from "../src/lib/json.ts";
import { startServer } from "../src/runtime/node.ts";

const EMAIL = "admin@example.com";
const PASSWORD = "a password for tests only";

/** One line of the log of a house. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

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
export interface TestHouse {
  readonly url: string;
  /** A session of the administrator: used when a request names no credential. */
  readonly token: string;
  readonly log: readonly LogLine[];
  /** Asks below `/api/v2/`. `token: undefined` asks without any credential. */
  ask(verb: string, path: string, options?: AskOptions): Promise<Answer>;
  /** The SQL that a service ran while `work` ran. */
  statements(service: string, work: () => Promise<unknown>): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Starts a house with an empty store in memory, and logs in. */
export async function startHouse(env: Readonly<Record<string, string>> = {}): Promise<TestHouse> {
  const log: LogLine[] = [];
  const server = await startServer(
    {
      PORT: "0",
      DATABASE_URL: "sqlite::memory:",
      MILLRACE_SECRET: "a master secret for tests, of no worth to anybody",
      MILLRACE_ADMIN_EMAIL: EMAIL,
      MILLRACE_ADMIN_PASSWORD: PASSWORD,
      LOG_LEVEL: "debug",
      ...env,
    },
    (line) => log.push(JSON.parse(line) as LogLine),
  );
  const ask = (verb: string, path: string, options: AskOptions = {}) => askAt(server.url, verb, path, options);
  const login = await ask("POST", "system/admin/session", { body: { email: EMAIL, password: PASSWORD } });
  const token = String(login.body.session_token);
  return {
    url: server.url,
    token,
    log,
    ask: (verb, path, options = {}) =>
      ask(verb, path, options.key !== undefined || "token" in options ? options : { ...options, token }),
    statements: async (service, work) => {
      const from = log.length;
      await work();
      return log.slice(from).flatMap((line) => (line.service === service ? [String(line.sql)] : []));
    },
    close: () => server.close(),
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
