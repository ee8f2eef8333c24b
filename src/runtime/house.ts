import manifest from "../../package.json" with { type: "json" };
import type { Runtime } from "../contract/runtime.ts";
import type { ServiceType } from "../contract/service.ts";
import type { Connector } from "../db/connector.ts";
import { createApp, type Raw } from "../http/app.ts";
import { LastFailures } from "../http/last-failures.ts";
import type { Observer } from "../http/observer.ts";
import { openTokenKey } from "../identity/token.ts";
import { MemoryCache } from "../lib/memory-cache.ts";
import { ServicePool } from "../services/pool.ts";
import { systemServiceType } from "../services/system/index.ts";
import type { SystemParts } from "../services/system/resource.ts";
import { extrasDoor } from "../store/extras-door.ts";
import { onceIn } from "../store/once.ts";
import { Store } from "../store/store.ts";

const MOST_BODY_BYTES = 10 * 1024 * 1024;
/** What all kept answers may take; an isolate of Workers has 128 MB. */
const MOST_CACHE_BYTES = 32 * 1024 * 1024;

export interface HouseOptions {
  readonly runtime: Runtime;
  readonly connector: Connector;
  readonly masterSecret: string;
  readonly types: readonly ServiceType[];
  /** Who counts the requests, if anybody. */
  readonly observer?: Observer | undefined;
}

/** Millrace, put together for one runtime: what any of them needs to answer requests. */
export interface OpenHouse {
  readonly store: Store;
  readonly runtime: Runtime;
  /** Answers a request; `raw` is what the runtime knows of it besides. */
  fetch(request: Request, raw?: Raw): Promise<Response> | Response;
  /** From here on `/readyz` sends everybody elsewhere; requests are still served. */
  announceStop(): void;
  /** Closes all services and the store. */
  close(): Promise<void>;
}

/** Opens the store and puts the rooms together. */
export async function openHouse(options: HouseOptions): Promise<OpenHouse> {
  const { runtime, connector, masterSecret } = options;
  const store = await Store.open({ connector, masterSecret, log: runtime.log });
  const tokenKey = await openTokenKey(masterSecret);
  const system = systemServiceType(() => parts);
  const types = new Map([...options.types, system].map((type) => [type.name, type]));
  const services = new ServicePool(types, runtime, {
    seal: { seal: store.vault.encrypt, open: store.vault.decrypt },
    cache: new MemoryCache(MOST_CACHE_BYTES),
    extrasOf: (id) => extrasDoor(store, id),
  });
  store.follow((settings) => services.sweep(settings));
  const parts: SystemParts = { store, services, types, runtime, tokenKey, version: manifest.version };
  let isStopping = false;
  const app = createApp({
    store,
    services,
    types,
    tokenKey,
    once: onceIn(store),
    log: runtime.log,
    mostBodyBytes: MOST_BODY_BYTES,
    observer: options.observer,
    lastFailures: new LastFailures(),
    version: manifest.version,
    runtime: runtime.name,
    since: Date.now(),
    isStopping: () => isStopping,
  });
  return {
    store,
    runtime,
    fetch: (request, raw = {}) => app.fetch(request, raw),
    announceStop: () => {
      isStopping = true;
    },
    close: async () => {
      await services.close();
      await store.close();
    },
  };
}
