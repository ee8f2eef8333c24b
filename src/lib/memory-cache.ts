import type { DataCache } from "../contract/data-cache.ts";

interface Entry {
  readonly value: string;
  readonly bytes: number;
  /** In milliseconds of `performance.now()`. */
  readonly until: number;
}

/** Besides its text an entry takes about so much. */
const BYTES_PER_ENTRY = 200;
const BYTES_PER_CHARACTER = 2;
/** An entry that takes more than this share of the room would drive out too many others. */
const LARGEST_SHARE = 1 / 8;
const MOST_TAGS = 10_000;

/** A cache in the memory of this process: what was used longest ago makes room for what is new. */
export class MemoryCache implements DataCache {
  readonly #mostBytes: number;
  readonly #entries = new Map<string, Entry>();
  readonly #versions = new Map<string, string>();
  #bytes = 0;
  #count = 0;

  /** `mostBytes` is what all entries together may take, roughly. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  async versions(tags: readonly string[]): Promise<readonly string[]> {
    return tags.map((tag) => this.#versions.get(tag) ?? this.#renew(tag));
  }

  async get(key: string): Promise<string | undefined> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#drop(key, entry);
    if (entry.until < performance.now()) return undefined;
    this.#keep(key, entry);
    return entry.value;
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    const known = this.#entries.get(key);
    if (known) this.#drop(key, known);
    const bytes = (key.length + value.length) * BYTES_PER_CHARACTER + BYTES_PER_ENTRY;
    if (bytes > this.#mostBytes * LARGEST_SHARE) return;
    this.#keep(key, { value, bytes, until: performance.now() + ttlSeconds * 1000 });
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#drop(oldest, entry);
    }
  }

  async invalidate(tags: readonly string[]): Promise<void> {
    for (const tag of tags) this.#renew(tag);
  }

  /** A version is never given twice, so that a tag which was forgotten finds nothing of what it had. */
  #renew(tag: string): string {
    const [oldest] = this.#versions.keys();
    if (this.#versions.size >= MOST_TAGS && oldest !== undefined && !this.#versions.has(tag))
      this.#versions.delete(oldest);
    const version = String(++this.#count);
    this.#versions.set(tag, version);
    return version;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
