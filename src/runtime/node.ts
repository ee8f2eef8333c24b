import { randomBytes, scrypt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { dirname, join } from "node:path";
import { serve } from "@hono/node-server";
import { databaseTypes } from "../../plugins/registry.ts";
import type { Logger, Runtime } from "../contract/runtime.ts";
import type { StoreParts } from "../db/define.ts";
import { CONNECT_SENTENCES, DatabaseError } from "../db/errors.ts";
import { type FirstStart, firstStart } from "./first-start.ts";
import { type OpenHouse, openHouse } from "./house.ts";
import { jsonLogger } from "./log.ts";
import { createSample } from "./sample.ts";
import { readVariables, type Variables } from "./variables.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A Millrace that is serving. */
export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly first: FirstStart;
  /** Takes no new requests, finishes those that run, and closes everything. */
  close(): Promise<void>;
}

/** How often a store that other nodes share is looked at for changes. */
const POLL_MS = 2_000;
/** Room for a filter of 64 KiB in the query, percent-encoded. */
const MOST_HEADER_BYTES = 256 * 1024;
/** How long requests that run may take to finish when the server closes. */
const DRAIN_MS = 10_000;

/** Starts Millrace on Node with the settings of the environment. Raises an Error of one sentence when it cannot. */
export async function startServer(env: Env, write: (line: string) => void): Promise<RunningServer> {
  const variables = readVariables(env);
  const log = jsonLogger(variables.LOG_LEVEL, write);
  const runtime = nodeRuntime(env, log);
  const store = findStore(variables.DATABASE_URL);
  const secret = masterSecret(variables);
  const connector = await store.connect(variables.DATABASE_URL, { name: "store", log, env: runtime.env });
  const options = { runtime, connector, masterSecret: secret, types: databaseTypes };
  const house = await openHouse(options).catch(failWithStore);
  const first = await firstStart(house.store, runtime, {
    adminEmail: variables.MILLRACE_ADMIN_EMAIL,
    adminPassword: variables.MILLRACE_ADMIN_PASSWORD,
    sample: wantsSample(variables) ? () => makeSample(samplePath(variables)) : undefined,
  });
  return listen(house, variables, first);
}

function nodeRuntime(env: Env, log: Logger): Runtime {
  return { name: "node", log, env: (name) => env[name], scrypt: scryptOf };
}

function scryptOf(password: string, salt: Uint8Array, cost: number): Promise<Uint8Array> {
  const options = { N: cost, r: 8, p: 1, maxmem: 128 * cost * 8 + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, options, (error, key) => (error ? reject(error) : resolve(new Uint8Array(key))));
  });
}

/** With an embedded store the path of its folder, else `undefined`. */
function embeddedFolder({ DATABASE_URL }: Variables): string | undefined {
  const path = DATABASE_URL.startsWith("sqlite:") ? DATABASE_URL.slice("sqlite:".length) : ":memory:";
  return path === ":memory:" ? undefined : dirname(path);
}

/** With the embedded store a master key is made at the first start, and kept beside it for its owner alone. */
function masterSecret(variables: Variables): string {
  if (variables.MILLRACE_SECRET !== undefined) return variables.MILLRACE_SECRET;
  const folder = embeddedFolder(variables);
  if (folder === undefined)
    throw new Error("The environment variable MILLRACE_SECRET must be set, as the store is not an embedded one.");
  const path = join(folder, "secret");
  if (existsSync(path)) return readFileSync(path, "utf8").trim();
  if (existsSync(variables.DATABASE_URL.slice("sqlite:".length))) {
    throw new Error(
      `The master key ${path} is missing: bring it back, or give it as MILLRACE_SECRET. Without it the stored secrets can not be read.`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const made = randomBytes(32).toString("hex");
  writeFileSync(path, `${made}\n`, { mode: 0o600, flag: "wx" });
  return made;
}

function findStore(url: string): StoreParts {
  const scheme = url.slice(0, url.indexOf(":"));
  const type = databaseTypes.find((each) => each.store?.schemes.includes(scheme));
  if (type?.store === undefined)
    throw new Error(
      `The environment variable DATABASE_URL names a database that can not hold the settings: '${scheme}:'.`,
    );
  return type.store;
}

/** Tells what is wrong with the database of the store in the words of a connection test. */
function failWithStore(error: unknown): never {
  if (!(error instanceof DatabaseError)) throw error;
  const sentence = error.connect === undefined ? "It answered with an error." : CONNECT_SENTENCES[error.connect];
  throw new Error(`The database that DATABASE_URL names can not be used. ${sentence}`, { cause: error });
}

function wantsSample(variables: Variables): boolean {
  const isEmbedded = embeddedFolder(variables) !== undefined;
  return variables.MILLRACE_SAMPLE === undefined ? isEmbedded : variables.MILLRACE_SAMPLE === "on";
}

function samplePath(variables: Variables): string {
  return join(embeddedFolder(variables) ?? "data", "sample.db");
}

async function makeSample(path: string): Promise<{ readonly database: string }> {
  if (!existsSync(path)) {
    const { openDriver } = await import("../../plugins/sqlite/driver.node.ts");
    const driver = openDriver({ path, create: true, waitMs: 5_000, statementTimeoutMs: 30_000, statements: [] });
    await createSample(driver, AbortSignal.timeout(30_000));
    await driver.close();
  }
  return { database: path };
}

async function listen(house: OpenHouse, variables: Variables, first: FirstStart): Promise<RunningServer> {
  const { HOST, PORT } = variables;
  const fetch = (request: Request, { incoming }: { incoming: { url?: string } }) =>
    house.fetch(request, { target: incoming.url ?? "" });
  const { server, port } = await new Promise<{ server: Server; port: number }>((resolve, reject) => {
    const serverOptions = { maxHeaderSize: MOST_HEADER_BYTES };
    const server = serve({ fetch, hostname: HOST, port: PORT, serverOptions }, (info) =>
      resolve({ server, port: info.port }),
    ) as Server;
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, variables)));
  });
  const poll = setInterval(
    () => house.store.poll().catch((error: unknown) => logPoll(house.runtime.log, error)),
    POLL_MS,
  );
  return {
    url: `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${port}`,
    first,
    close: async () => {
      clearInterval(poll);
      await drain(server);
      await house.close();
    },
  };
}

function listenError(error: NodeJS.ErrnoException, { HOST, PORT }: Variables): Error {
  const reason =
    error.code === "EADDRINUSE"
      ? "something else listens there; choose another by PORT"
      : (error.code ?? "unknown error");
  return new Error(`Millrace can not listen on ${HOST}:${PORT}: ${reason}.`, { cause: error });
}

function logPoll(log: Logger, error: unknown): void {
  log.log("warn", "The settings could not be looked at for changes; the last known ones stay in force.", {
    error: String(error),
  });
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function greet({ url, first }: RunningServer): string {
  const lines = [`Millrace serves ${url}/api/v2`];
  if (first.admin) lines.push("", `Administrator: ${first.admin.email}`);
  if (first.admin?.password) lines.push(`Password:      ${first.admin.password}   (shown this once)`);
  if (first.sampleKey) {
    lines.push("", `API key of the sample: ${first.sampleKey}   (shown this once)`, "", "Try it:", "");
    lines.push(`  curl -H "X-API-Key: ${first.sampleKey}" "${url}/api/v2/db/_table/employees?limit=3"`);
  } else lines.push("", `  curl ${url}/api/v2/system/environment`);
  return `${lines.join("\n")}\n`;
}

async function main(): Promise<void> {
  const server = await startServer(process.env, (line) => console.log(line));
  console.log(greet(server));
  const stop = () => {
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  // One request whose failure nobody awaited must not end all the others.
  process.on("unhandledRejection", (error) => console.error(error));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
