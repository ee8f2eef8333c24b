import { databaseTypes } from "../../../plugins/registry.ts";
import type { Logger, Runtime, RuntimeName } from "../../contract/runtime.ts";
import type { StoreParts } from "../../db/define.ts";
import type { Observer } from "../../http/observer.ts";
import { within } from "../../lib/within.ts";
import { type FirstStart, firstStart } from "../first/first-start.ts";
import { greeting } from "../first/greeting.ts";
import { type OpenHouse, openHouse } from "../house.ts";
import { jsonLogger } from "../log.ts";
import { lookAtSettings } from "../look.ts";
import { scrypt } from "../scrypt.ts";
import { findStore, withStoreSentence } from "../store-home.ts";
import { type Env, readVariables, type Variables, warnOfUnserved } from "../variables.ts";
import { buildOf } from "./build.ts";
import { sampleOf } from "./embedded.ts";
import type { Listen, Listener } from "./listen.ts";
import { masterSecret } from "./master-key.ts";
import { listenForMetrics, type MetricsListener } from "./metrics-listener.ts";
import { withoutOwnFiles } from "./own-files.ts";

/** What tells Node and Bun apart. */
export interface Platform {
  readonly name: RuntimeName;
  readonly listen: Listen;
}

/** A Millrace that is serving. */
export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where Prometheus finds the metrics, if they are served. */
  readonly metricsUrl?: string;
  readonly first: FirstStart;
  /** Takes no new requests, finishes those that run, and closes everything. */
  close(): Promise<void>;
}

/** The public port, and the one of the metrics where it is wanted. */
interface Ports {
  readonly listener: Listener;
  readonly metrics: MetricsListener | undefined;
}

/** How often a store that other nodes share is looked at for changes. */
const POLL_MS = 2_000;
/** How long a start may go on when the process is told to end: what it has begun is better finished. */
const MOST_STARTING_MS = 8_000;
/** How long databases may take to let go when the process ends. */
const MOST_CLOSING_MS = 2_000;

/** Starts Millrace as a server with the settings of the environment. Raises an Error of one sentence when it cannot. */
export async function startServer(platform: Platform, env: Env, write: (line: string) => void): Promise<RunningServer> {
  const variables = readVariables(env);
  const log = jsonLogger(variables.LOG_LEVEL, write);
  const runtime: Runtime = { name: platform.name, log, env: (name) => env[name], scrypt };
  warnOfUnserved(env, log);
  const store = findStore(variables.DATABASE_URL);
  // The ports first: once the made-up password is stored, nothing may keep it from being printed.
  const ports = await takePorts(platform, variables, log);
  try {
    const house = await openStore(store, runtime, variables, ports.metrics?.observer);
    return await settleIn(house, ports, variables);
  } catch (error) {
    await ports.listener.close();
    await ports.metrics?.close();
    throw error;
  }
}

async function takePorts(platform: Platform, variables: Variables, log: Logger): Promise<Ports> {
  const listener = await platform.listen(variables, log);
  try {
    return { listener, metrics: await listenForMetrics(variables, platform.name) };
  } catch (error) {
    await listener.close();
    throw error;
  }
}

async function openStore(
  store: StoreParts,
  runtime: Runtime,
  variables: Variables,
  observer: Observer | undefined,
): Promise<OpenHouse> {
  const secret = masterSecret(variables);
  const connector = await store.connect(variables.DATABASE_URL, { name: "store", log: runtime.log, env: runtime.env });
  const types = databaseTypes.map((type) => withoutOwnFiles(type, variables));
  return openHouse({ runtime, connector, masterSecret: secret, types, observer }).catch(withStoreSentence);
}

async function settleIn(house: OpenHouse, { listener, metrics }: Ports, variables: Variables): Promise<RunningServer> {
  const first = await firstStart(house.store, house.runtime, {
    adminEmail: variables.MILLRACE_ADMIN_EMAIL,
    adminPassword: variables.MILLRACE_ADMIN_PASSWORD,
    sample: sampleOf(variables),
  }).catch(async (error: unknown) => {
    await house.close();
    throw error;
  });
  metrics?.follow(house.store);
  listener.answerWith(house.fetch);
  const poll = setInterval(() => lookAtSettings(house), POLL_MS);
  const close = async () => {
    await finish(house, listener);
    clearInterval(poll);
    await within(Promise.all([house.close(), metrics?.close()]), MOST_CLOSING_MS);
    house.runtime.log.log("info", "Millrace has stopped.");
  };
  return { ...announce(house, { listener, metrics }), first, close };
}

/** Says in the log where what is served. */
function announce({ runtime: { name, log } }: OpenHouse, { listener, metrics }: Ports) {
  const { url } = listener;
  log.log("info", "Millrace serves.", { ...buildOf(name), url, ...(metrics && { metrics_url: metrics.url }) });
  return { url, ...(metrics && { metricsUrl: metrics.url }) };
}

async function finish({ runtime: { log }, announceStop }: OpenHouse, listener: Listener): Promise<void> {
  log.log("info", "Millrace is stopping.");
  announceStop();
  const cut = await listener.close();
  if (cut > 0) log.log("warn", "Requests that took too long were cut.", { requests: cut });
}

/** Serves until the process is told to end; what a person has to know goes to standard output. */
export async function serveForever(
  start: (env: Env, write: (line: string) => void) => Promise<RunningServer>,
): Promise<void> {
  const starting = start(process.env, (line) => console.log(line));
  const stop = stopper(starting);
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // One request whose failure nobody awaited must not end all the others.
  process.on("unhandledRejection", (error) => console.error(error));
  const server = await starting;
  // Whoever reads the log by machine wants lines of JSON alone, unless something is said that can not be said again.
  if (process.stdout.isTTY || Object.keys(server.first).length > 0) console.log(greeting(server));
}

/** One press of Ctrl-C may come twice within this time: from the terminal, and from npm. */
const SAME_SIGNAL_MS = 500;

/** Ends the process when all is finished; at once when it is told so again. */
function stopper(starting: Promise<RunningServer>): () => void {
  let told: number | undefined;
  return () => {
    if (told === undefined) {
      told = performance.now();
      stop(starting).catch(failToStop);
    } else if (performance.now() - told > SAME_SIGNAL_MS) process.exit(1);
  };
}

async function stop(starting: Promise<RunningServer>): Promise<never> {
  const server = await within(starting, MOST_STARTING_MS).catch(failToStart);
  if (server === undefined) return failToStart("Millrace was told to end before it served, and broke off its start.");
  await server.close();
  process.exit(0);
}

function failToStop(error: unknown): never {
  console.error(error);
  process.exit(1);
}

/** Says why Millrace could not start, and ends the process. */
export function failToStart(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
