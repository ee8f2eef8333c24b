import type { ExtrasDoor } from "../contract/extras.ts";
import { Fault } from "../contract/fault.ts";
import type { Runtime, RuntimeName } from "../contract/runtime.ts";
import type { Service, ServiceHost, ServiceType } from "../contract/service.ts";
import type { ServiceRecord, Settings } from "../contract/settings.ts";
import { scopedCache } from "../lib/scoped-cache.ts";
import { textHash } from "../lib/text-hash.ts";
import { readConfig } from "./config.ts";

export type ServiceTypes = ReadonlyMap<string, ServiceType>;

/** What services get from the house besides what its runtime gives. */
export interface HostDoors extends Pick<ServiceHost, "seal" | "cache"> {
  extrasOf?(serviceId: number): ExtrasDoor;
}

/** What a service is opened by. One without an id is only tried. */
type Opened = Pick<ServiceRecord, "name" | "type" | "config"> & Partial<Pick<ServiceRecord, "id" | "revision">>;

interface Entry {
  readonly revision: string;
  readonly service: Promise<Service>;
  /** How many calls use it. */
  running: number;
  isRetired: boolean;
}

/** Keeps the service open beyond the work, until the function that it gives is called, once. */
export type Hold = () => () => void;

/** A service that was replaced closes when its last call is done, or so much later. */
const LONGEST_LINGER_MS = 60 * 60 * 1000;

/** The open services: each is opened when it is first asked for, and replaced when its record changes. */
export class ServicePool {
  readonly #types: ServiceTypes;
  readonly #runtime: Runtime;
  readonly #doors: HostDoors;
  readonly #open = new Map<number, Entry>();
  readonly #retired = new Set<Entry>();
  #current: ReadonlyMap<number, ServiceRecord> = new Map();

  constructor(types: ServiceTypes, runtime: Runtime, doors: HostDoors = {}) {
    this.#types = types;
    this.#runtime = runtime;
    this.#doors = doors;
  }

  /**
   * Does `work` with the live service of a record, which stays open for as long. A call that read older settings gets the
   * service as it is now. Raises `not_found` when there is none any more, and what opening the service raises.
   */
  async use<T>(record: ServiceRecord, work: (service: Service, hold: Hold) => Promise<T>): Promise<T> {
    const entry = this.#entry(record);
    const release = this.#hold(entry);
    try {
      return await work(await entry.service, () => this.#hold(entry));
    } finally {
      release();
    }
  }

  #hold(entry: Entry): () => void {
    entry.running++;
    return () => {
      entry.running--;
      if (entry.isRetired && entry.running === 0) this.#close(entry);
    };
  }

  #entry({ id, name }: ServiceRecord): Entry {
    const record = this.#current.get(id);
    if (record === undefined) throw new Fault("not_found", `Could not find a service for '${name}'.`);
    const known = this.#open.get(id);
    if (known?.revision === record.revision) return known;
    const entry: Entry = { revision: record.revision, service: this.open(record), running: 0, isRetired: false };
    this.#open.set(id, entry);
    entry.service.catch(() => {
      if (this.#open.get(id) === entry) this.#open.delete(id);
    });
    return entry;
  }

  /** Whether the service of a record is open or being opened, and how many calls use it. */
  usage({ id }: ServiceRecord): { readonly isOpen: boolean; readonly running: number } {
    const entry = this.#open.get(id);
    return { isOpen: entry !== undefined, running: entry?.running ?? 0 };
  }

  /** Opens a service apart from the pool; the caller closes it. */
  async open(record: Opened): Promise<Service> {
    const type = this.#types.get(record.type);
    if (type === undefined)
      throw new Fault("not_implemented", `Services of type '${record.type}' are not served here.`);
    demandServed(type, this.#runtime.name);
    return type.open(readConfig(type, record.config, this.#runtime.env), this.#host(record));
  }

  /** Takes these settings as the present ones, and retires services whose record is gone or has changed. */
  sweep(settings: Settings): void {
    this.#current = new Map([...settings.services.values()].map((record) => [record.id, record]));
    for (const [id, entry] of this.#open) {
      if (this.#current.get(id)?.revision === entry.revision) continue;
      this.#open.delete(id);
      this.#retire(entry);
    }
  }

  /** Lets a service forget what it has cached; without a record all of them. */
  async refresh(record?: ServiceRecord): Promise<void> {
    const entries = record === undefined ? [...this.#open.values()] : [this.#open.get(record.id)];
    for (const entry of entries) await (await entry?.service.catch(() => undefined))?.refresh();
  }

  async close(): Promise<void> {
    const entries = [...this.#open.values(), ...this.#retired];
    this.#open.clear();
    this.#current = new Map();
    await Promise.all(entries.map((entry) => this.#close(entry)));
  }

  #retire(entry: Entry): void {
    entry.isRetired = true;
    this.#retired.add(entry);
    if (entry.running === 0) {
      this.#close(entry);
      return;
    }
    const timer: unknown = setTimeout(() => this.#close(entry), LONGEST_LINGER_MS);
    // Where timers keep the process alive (Node, Bun), this one must not.
    if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref();
  }

  /** Closes once: a service that failed to open has nothing to close. */
  async #close(entry: Entry): Promise<void> {
    if (entry.isRetired && !this.#retired.delete(entry)) return;
    await entry.service.then((each) => each.close()).catch(() => undefined);
  }

  #host({ id, name, revision }: Opened): ServiceHost {
    const { log, env, binding, scope } = this.#runtime;
    const { extrasOf, seal, cache } = this.#doors;
    return {
      name,
      log,
      env,
      ...(binding && { binding }),
      ...(scope && { scope }),
      ...(seal && { seal }),
      ...(cache && id !== undefined && { cache: scopedCache(cache, `${id} ${textHash(revision ?? "")}`) }),
      ...(extrasOf && id !== undefined && { extras: extrasOf(id) }),
    };
  }
}

/** Raises `not_implemented`, with the reason, for a type that can not be served on the runtime. */
export function demandServed({ absent }: ServiceType, runtime: RuntimeName): void {
  const reason = absent?.[runtime];
  if (reason !== undefined) throw new Fault("not_implemented", reason);
}
