import { Fault } from "../contract/fault.ts";
import type { Runtime } from "../contract/runtime.ts";
import type { Service, ServiceHost, ServiceType } from "../contract/service.ts";
import type { ServiceRecord, Settings } from "../contract/settings.ts";
import { readConfig } from "./config.ts";

export type ServiceTypes = ReadonlyMap<string, ServiceType>;

interface Entry {
  readonly revision: string;
  readonly service: Promise<Service>;
}

/** How long the calls that are running may still use a service that was replaced. */
const LINGER_MS = 60_000;

/** The open services: each is opened when it is first asked for, and replaced when its record changes. */
export class ServicePool {
  readonly #types: ServiceTypes;
  readonly #runtime: Runtime;
  readonly #open = new Map<number, Entry>();

  constructor(types: ServiceTypes, runtime: Runtime) {
    this.#types = types;
    this.#runtime = runtime;
  }

  /** The live service of a record. Raises `unavailable` when its config no longer holds. */
  get(record: ServiceRecord): Promise<Service> {
    const entry = this.#open.get(record.id);
    if (entry?.revision === record.revision) return entry.service;
    if (entry) this.#retire(entry);
    const service = this.open(record);
    const opened = { revision: record.revision, service };
    this.#open.set(record.id, opened);
    service.catch(() => {
      if (this.#open.get(record.id) === opened) this.#open.delete(record.id);
    });
    return service;
  }

  /** Opens a service apart from the pool; the caller closes it. */
  async open(record: Pick<ServiceRecord, "name" | "type" | "config">): Promise<Service> {
    const type = this.#types.get(record.type);
    if (type === undefined)
      throw new Fault("not_implemented", `Services of type '${record.type}' are not served here.`);
    return type.open(readConfig(type, record.config, this.#runtime.env), this.#host(record.name));
  }

  /** Closes services whose record is gone or has changed. */
  sweep(settings: Settings): void {
    const current = new Map([...settings.services.values()].map((record) => [record.id, record.revision]));
    for (const [id, entry] of this.#open) {
      if (current.get(id) === entry.revision) continue;
      this.#open.delete(id);
      this.#retire(entry);
    }
  }

  /** Lets a service forget what it has cached; without a record all of them. */
  async refresh(record?: ServiceRecord): Promise<void> {
    const entries = record === undefined ? [...this.#open.values()] : [this.#open.get(record.id)];
    for (const entry of entries) (await entry?.service.catch(() => undefined))?.refresh();
  }

  async close(): Promise<void> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(entries.map(({ service }) => service.then((each) => each.close()).catch(() => undefined)));
  }

  #retire({ service }: Entry): void {
    const close = () => service.then((each) => each.close()).catch(() => undefined);
    const timer: unknown = setTimeout(close, LINGER_MS);
    // Where timers keep the process alive (Node, Bun), this one must not.
    if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref();
  }

  #host(name: string): ServiceHost {
    return { name, log: this.#runtime.log, env: this.#runtime.env };
  }
}
