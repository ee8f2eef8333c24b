import { within } from "../lib/within.ts";
import type { Catalog } from "./catalog.ts";

export interface CatalogsOptions<T = Catalog> {
  read(signal: AbortSignal): Promise<T>;
  /** Read again after this many milliseconds; 0 = never by age. */
  readonly maxAgeMs: number;
  /** Longest time that one reading may take. */
  readonly timeoutMs: number;
}

interface Reading<T> {
  readonly began: number;
  readonly catalog: Promise<T>;
  isDone: boolean;
}

/** Keeps the catalog of one database, of its tables or of its routines, and reads it again when it is old or when a name is missing from it. */
export class Catalogs<T = Catalog> {
  readonly #options: CatalogsOptions<T>;
  #current: Reading<T> | undefined;
  #tookMs = 0;
  /** When a field was last looked for in vain, so that a client that always sends it costs little. */
  readonly #missing = new Map<string, number>();

  constructor(options: CatalogsOptions<T>) {
    this.#options = options;
  }

  /** The catalog as last read. */
  async current(): Promise<T> {
    const { maxAgeMs } = this.#options;
    const reading = this.#current;
    if (reading === undefined || this.#isLost(reading)) return this.#read();
    if (maxAgeMs > 0 && now() - reading.began > maxAgeMs) return this.#read();
    return this.#settled(reading).then((catalog) => catalog ?? this.current());
  }

  /**
   * A catalog whose reading began after the moment `since`. Callers in a row share one reading, and readings take a small
   * share of the time only: asking for unknown names is no way to keep the database busy, it is to wait.
   */
  async newerThan(since: number): Promise<T> {
    const reading = this.#current;
    if (reading === undefined || reading.began > since || this.#isLost(reading)) return this.current();
    await this.#settled(reading).catch(() => undefined);
    if (this.#current !== reading) return this.newerThan(since);
    const rest = reading.began + Math.max(LEAST_REST_MS, SHARE * this.#tookMs) - now();
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    return this.#current === reading ? this.#read() : this.newerThan(since);
  }

  /** Whether the catalog is the one that a reading gave which began after this moment. */
  isNewerThan(since: number): boolean {
    return this.#current !== undefined && this.#current.began > since;
  }

  /** Whether a field that the catalog lacks is worth a new reading: not when that was tried moments ago. */
  isWorthReading(table: string, field: string): boolean {
    const key = `${table}\n${field}`;
    const last = this.#missing.get(key) ?? Number.NEGATIVE_INFINITY;
    if (now() - last < MISSING_MS) return false;
    if (this.#missing.size >= MAX_MISSING) this.#missing.clear();
    this.#missing.set(key, now());
    return true;
  }

  forget(): void {
    this.#current = undefined;
    this.#missing.clear();
  }

  /** A platform may cut a request, and then what it had begun never ends; others must not wait for it. */
  #isLost(reading: Reading<T>): boolean {
    return !reading.isDone && this.#restOf(reading) < 0;
  }

  /** What the reading gives, or `undefined` when it is lost. */
  #settled(reading: Reading<T>): Promise<T | undefined> {
    return reading.isDone ? reading.catalog : within(reading.catalog, Math.max(this.#restOf(reading), 0) + 1);
  }

  /** The milliseconds after which a reading that has not ended never will. */
  #restOf({ began }: Reading<T>): number {
    return began + this.#options.timeoutMs + LOST_AFTER_MS - now();
  }

  #read(): Promise<T> {
    const began = now();
    const catalog = this.#options.read(AbortSignal.timeout(this.#options.timeoutMs));
    const reading: Reading<T> = { began, catalog, isDone: false };
    this.#current = reading;
    catalog.then(
      () => {
        this.#tookMs = now() - began;
        reading.isDone = true;
      },
      () => {
        reading.isDone = true;
        if (this.#current === reading) this.#current = undefined;
      },
    );
    return catalog;
  }
}

/** A reading begins when ten times the length of the last one has passed since that began, and this at least. */
const SHARE = 10;
const LEAST_REST_MS = 50;
/** How much later than at its time a reading that ends at all has ended. */
const LOST_AFTER_MS = 5_000;
const MISSING_MS = 5_000;
const MAX_MISSING = 1_000;

/** Milliseconds of a clock that never goes back. */
export function now(): number {
  return performance.now();
}
