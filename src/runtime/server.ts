import { databaseTypes } from "../../plugins/registry.ts";
import type { Runtime, RuntimeName } from "../contract/runtime.ts";
import type { StoreParts } from "../db/define.ts";
import { sampleOf } from "./embedded.ts";
import { type FirstStart, firstStart } from "./first-start.ts";
import { greeting } from "./greeting.ts";
import { type OpenHouse, openHouse } from "./house.ts";
import type { Listen, Listener } from "./listen.ts";
import { jsonLogger } from "./log.ts";
import { masterSecret } from "./master-key.ts";
import { withoutOwnFiles } from "./own-files.ts";
import { scrypt } from "./scrypt.ts";
import { findStore, withStoreSentence } from "./store-home.ts";
import { type Env, readVariables, type Variables, warnOfUnserved } from "./variables.ts";

/** What tells Node and Bun apart. */
export interface Platform {
  readonly name: RuntimeName;
  readonly listen: Listen;
}

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

/** Starts Millrace as a server with the settings of the environment. Raises an Error of one sentence when it cannot. */
export async function startServer(platform: Platform, env: Env, write: (line: string) => void): Promise<RunningServer> {
  const variables = readVariables(env);
  const log = jsonLogger(variables.LOG_LEVEL, write);
  const runtime: Runtime = { name: platform.name, log, env: (name) => env[name], scrypt };
  warnOfUnserved(env, log);
  const store = findStore(variables.DATABASE_URL);
  // The port first: once the made-up password is stored, nothing may keep it from being printed.
  const listener = await platform.listen(variables);
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
  const connector = await store.connect(variables.DATABASE_URL, { name: "store", log: runtime.log, env: runtime.env });
  const types = databaseTypes.map((type) => withoutOwnFiles(type, variables));
  return openHouse({ runtime, connector, masterSecret: secret, types }).catch(withStoreSentence);
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

async function look({ store, runtime }: OpenHouse): Promise<void> {
  await store.poll().catch((error: unknown) => {
    runtime.log.log("warn", "The settings could not be looked at for changes; the last known ones stay in force.", {
      error: String(error),
    });
  });
}

/** Serves until the process is told to end; what a person has to know goes to standard output. */
export async function serveForever(
  start: (env: Env, write: (line: string) => void) => Promise<RunningServer>,
): Promise<void> {
  const server = await start(process.env, (line) => console.log(line));
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

/** Says why Millrace could not start, and ends the process. */
export function failToStart(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
