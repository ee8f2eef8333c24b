import { databaseTypes } from "../../../plugins/registry.ts";
import type { Runtime } from "../../contract/runtime.ts";
import { firstStart } from "../first/first-start.ts";
import { type OpenHouse, openHouse } from "../house.ts";
import { jsonLogger } from "../log.ts";
import { scrypt } from "../scrypt.ts";
import { findStore, withStoreSentence } from "../store-home.ts";
import { readVariables, type Variables, warnOfUnserved } from "../variables.ts";
import { type Bindings, findStoreBinding, type StoreBinding, textsOf, withoutStore } from "./bindings.ts";
import { presentScope } from "./request-scope.ts";
import { makeSampleInD1 } from "./sample-d1.ts";

/** Opens the house of an isolate by what the Worker is bound to. Raises an Error of one sentence when it can not. */
export async function openIsolate(bindings: Bindings): Promise<OpenHouse> {
  const env = textsOf(bindings);
  const variables = readVariables({ DATABASE_URL: "d1:DB", ...env });
  const masterSecret = demand(variables, "MILLRACE_SECRET", "on Workers");
  const log = jsonLogger(variables.LOG_LEVEL, (line) => console.log(line));
  warnOfUnserved(env, log, "workers");
  const store = findStoreBinding(variables.DATABASE_URL, bindings);
  const binding = withoutStore(bindings, store);
  const runtime: Runtime = { name: "workers", log, env: (name) => env[name], binding, scope: presentScope, scrypt };
  const open = async () => {
    const connector = await connectStore(store, runtime, bindings);
    const house = await openHouse({ runtime, connector, masterSecret, types: databaseTypes });
    await settleIn(house, variables);
    return house;
  };
  return open().catch(withStoreSentence);
}

/** The store alone may open the binding that leads to it. */
function connectStore({ url }: StoreBinding, { log, env }: Runtime, bindings: Bindings) {
  const binding = (name: string) => bindings[name];
  return findStore(url).connect(url, { name: "store", log, env, binding, scope: presentScope });
}

/** A password that was made up would have to be told in the log, so none is. */
async function settleIn({ store, runtime }: OpenHouse, variables: Variables): Promise<void> {
  if (store.settings.admins.size === 0)
    demand(variables, "MILLRACE_ADMIN_PASSWORD", "as long as there is no administrator");
  const isWanted = variables.MILLRACE_SAMPLE === "on" && !store.settings.services.has("system");
  if (isWanted) demand(variables, "MILLRACE_SAMPLE_KEY", "where MILLRACE_SAMPLE is on");
  await firstStart(store, runtime, {
    adminEmail: variables.MILLRACE_ADMIN_EMAIL,
    adminPassword: variables.MILLRACE_ADMIN_PASSWORD,
    sample: isWanted ? () => makeSampleInD1(runtime) : undefined,
    sampleKey: variables.MILLRACE_SAMPLE_KEY,
  });
}

type Name = "MILLRACE_SECRET" | "MILLRACE_ADMIN_PASSWORD" | "MILLRACE_SAMPLE_KEY";

function demand(variables: Variables, name: Name, when: string): string {
  const value = variables[name];
  if (value === undefined) throw new Error(`The environment variable ${name} must be set ${when}.`);
  return value;
}
