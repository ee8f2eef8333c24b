import { scrypt } from "node:crypto";
import { databaseTypes } from "../../plugins/registry.ts";
import type { Logger, Runtime } from "../contract/runtime.ts";
import type { StoreParts } from "../db/define.ts";
import { CONNECT_SENTENCES, DatabaseError } from "../db/errors.ts";
import { sampleOf } from "./embedded.ts";
import { type FirstStart, firstStart } from "./first-start.ts";
import { greeting } from "./greeting.ts";
import { type OpenHouse, openHouse } from "./house.ts";
import { type Listener, listen } from "./listen.ts";
import { jsonLogger } from "./log.ts";
import { masterSecret } from "./master-key.ts";
import { withoutOwnFiles } from "./own-files.ts";
import { readVariables, type Variables, warnOfUnserved } from "./variables.ts";

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

/** Starts Millrace on Node with the settings of the environment. Raises an Error of one sentence when it cannot. */
export async function startServer(env: Env, write: (line: string) => void): Promise<RunningServer> {
  const variables = readVariables(env);
  const runtime = nodeRuntime(env, jsonLogger(variables.LOG_LEVEL, write));
  warnOfUnserved(env, runtime.log);
  const store = findStore(variables.DATABASE_URL);
  // The port first: once the made-up password is stored, nothing may keep it from being printed.
  const listener = await listen(variables);
  try {
    const house = await openStore(store, runtime, variables);
    return await settleIn(house, listener, variables);
  } catch (error) {
    await listener.close();
    throw error;
  }
}

async function openStore(store: StoreParts, runtime: Runtime, variables: Variables): Promise<OpenHouse> {
  const secret = masterSecret(variables);
  const host = { name: "store", log: runtime.log, env: runtime.env };
  const connector = await store.connect(variables.DATABASE_URL, host);
  const types = databaseTypes.map((type) => withoutOwnFiles(type, variables));
  return openHouse({ runtime, connector, masterSecret: secret, types }).catch(failWithStore);
}

async function settleIn(house: OpenHouse, listener: Listener, variables: Variables): Promise<RunningServer> {
  const first = await firstStart(house.store, house.runtime, {
    adminEmail: variables.MILLRACE_ADMIN_EMAIL,
    adminPassword: variables.MILLRACE_ADMIN_PASSWORD,
    sample: sampleOf(variables),
  }).catch(async (error: unknown) => {
    await house.close();
    throw error;
  });
  listener.answerWith(house.fetch);
  const poll = setInterval(() => look(house), POLL_MS);
  const close = async () => {
    clearInterval(poll);
    await listener.close();
    await house.close();
  };
  return { url: listener.url, first, close };
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

async function look({ store, runtime }: OpenHouse): Promise<void> {
  await store.poll().catch((error: unknown) => {
    runtime.log.log("warn", "The settings could not be looked at for changes; the last known ones stay in force.", {
      error: String(error),
    });
  });
}

async function main(): Promise<void> {
  const server = await startServer(process.env, (line) => console.log(line));
  console.log(greeting(server));
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
