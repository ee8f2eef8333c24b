import { databaseTypes } from "../../plugins/registry.ts";
import { Fault } from "../contract/fault.ts";
import type { Runtime } from "../contract/runtime.ts";
import { renderFault } from "../http/render.ts";
import { firstStart } from "./first-start.ts";
import { type OpenHouse, openHouse } from "./house.ts";
import { jsonLogger } from "./log.ts";
import { asRequest, presentScope } from "./request-scope.ts";
import { scrypt } from "./scrypt.ts";
import { findStore, withStoreSentence } from "./store-home.ts";
import { readVariables } from "./variables.ts";

/** What a Worker is bound to: texts (variables and secrets), and objects such as D1 databases. */
type Bindings = Readonly<Record<string, unknown>>;

interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}

let opening: Promise<OpenHouse> | undefined;

export default {
  /** A request is run to its end even when its client goes away: what others wait for must not stop half-way. */
  async fetch(request: Request, bindings: Bindings, context: ExecutionContext): Promise<Response> {
    const { result, ended } = asRequest(() => answer(request, bindings));
    context.waitUntil(ended);
    return result;
  },
};

async function answer(request: Request, bindings: Bindings): Promise<Response> {
  opening ??= open(bindings);
  try {
    const house = await opening;
    return await house.fetch(request);
  } catch {
    opening = undefined;
    return renderFault(
      new Fault("unavailable", "Millrace can not start. The log says why."),
      request,
      crypto.randomUUID(),
    );
  }
}

async function open(bindings: Bindings): Promise<OpenHouse> {
  const env = (name: string) => (typeof bindings[name] === "string" ? (bindings[name] as string) : undefined);
  const texts = Object.fromEntries(Object.keys(bindings).map((name) => [name, env(name)]));
  const variables = readVariables({ DATABASE_URL: "d1:DB", ...texts });
  const log = jsonLogger(variables.LOG_LEVEL, (line) => console.log(line));
  const runtime: Runtime = {
    name: "workers",
    log,
    env,
    binding: (name) => bindings[name],
    scope: presentScope,
    scrypt,
  };
  const store = findStore(variables.DATABASE_URL);
  const { binding, scope } = runtime;
  const connector = await store.connect(variables.DATABASE_URL, {
    name: "store",
    log,
    env,
    ...(binding && { binding }),
    ...(scope && { scope }),
  });
  const house = await openHouse({
    runtime,
    connector,
    masterSecret: variables.MILLRACE_SECRET ?? "",
    types: databaseTypes,
  }).catch(withStoreSentence);
  await firstStart(house.store, runtime, {
    adminEmail: variables.MILLRACE_ADMIN_EMAIL,
    adminPassword: variables.MILLRACE_ADMIN_PASSWORD,
    sample: undefined,
  });
  return house;
}
