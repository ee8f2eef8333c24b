import type { Logger } from "../contract/runtime.ts";
import type { Settings } from "../contract/settings.ts";
import type { Catalog } from "../db/catalog.ts";
import type { Connector, Runner } from "../db/connector.ts";
import { DatabaseError } from "../db/errors.ts";
import { readSettingsRows, settingsOf } from "./load.ts";
import { migrate } from "./migrate.ts";
import { Rows } from "./rows.ts";
import { openVault, type Vault } from "./secrets.ts";

const TIMEOUT_MS = 30_000;
const SEAL_PURPOSE = "store";

/** A look at the store that many wait for. */
interface Look {
  readonly began: number;
  readonly done: Promise<void>;
}

export interface StoreOptions {
  readonly connector: Connector;
  readonly masterSecret: string;
  readonly log: Logger;
}

/** How far the settings in memory can be trusted to be those of the store. Times in milliseconds since 1970. */
export interface Freshness {
  readonly readAt: number;
  /** When the store was last found to hold these very settings. */
  readonly checkedAt: number;
  /** Whether the last attempt to look at the store succeeded. */
  readonly isCurrent: boolean;
}

/** Where Millrace keeps its own settings: system tables in a database, and a snapshot of them in memory. */
export class Store {
  readonly connector: Connector;
  readonly catalog: Catalog;
  readonly vault: Vault;
  readonly #log: Logger;
  #settings: Settings;
  /** Readings that were begun, and the one of them that the settings are of. */
  #begun = 0;
  #shown = 0;
  #polling: Look | undefined;
  #follow: (settings: Settings) => void = () => undefined;
  /** A change was written, and could not be read again. */
  #isStale = false;
  #freshness: Freshness = freshlyRead();

  private constructor(options: StoreOptions, catalog: Catalog, vault: Vault, settings: Settings) {
    this.connector = options.connector;
    this.catalog = catalog;
    this.vault = vault;
    this.#log = options.log;
    this.#settings = settings;
  }

  /** Brings the tables up to date and reads the settings. Raises an Error for the operator when the master secret is another. */
  static async open(options: StoreOptions): Promise<Store> {
    const { connector, masterSecret, log } = options;
    const catalog = await migrate(connector, AbortSignal.timeout(TIMEOUT_MS));
    const vault = await openVault(masterSecret);
    const rows = new Rows(catalog, connector, AbortSignal.timeout(TIMEOUT_MS));
    await checkSeal(rows, vault);
    return new Store(options, catalog, vault, await readSettings(connector, catalog, vault, log));
  }

  /** The settings as last read. Costs nothing: no request reads a system table for them. */
  get settings(): Settings {
    return this.#settings;
  }

  get freshness(): Freshness {
    return this.#freshness;
  }

  /** Calls `listener`, the only one, with the settings as they are, and again whenever others take their place. */
  follow(listener: (settings: Settings) => void): void {
    this.#follow = listener;
    listener(this.#settings);
  }

  /** The system tables, outside of a transaction or inside the one of `runner`. */
  rows(runner: Runner = this.connector, signal: AbortSignal = AbortSignal.timeout(TIMEOUT_MS)): Rows {
    return new Rows(this.catalog, runner, signal);
  }

  /** Changes system tables in one transaction; when it is done, the snapshot shows it, and other nodes will notice. */
  async change<T>(work: (rows: Rows, runner: Runner) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const result = await this.connector.transaction(async (inside) => {
      const rows = this.rows(inside, signal);
      await beginChange(rows);
      return work(rows, inside);
    }, signal);
    await this.showChange();
    return result;
  }

  /** Reads the settings anew after a change that holds already: when that fails, the next poll tries it again. */
  async showChange(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      this.#isStale = true;
      this.#freshness = { ...this.#freshness, isCurrent: false };
      this.#log.log(
        "error",
        "The settings were changed but could not be read again; the last known ones stay a while.",
        {
          error: String(error),
        },
      );
    }
  }

  /**
   * Reads the settings anew. Of readings that overlap the one that began last holds. None waits for another: a platform
   * may cut the request that it runs in, and then it never ends.
   */
  async reload(): Promise<void> {
    const turn = ++this.#begun;
    const settings = await readSettings(this.connector, this.catalog, this.vault, this.#log);
    if (turn < this.#shown) return;
    this.#shown = turn;
    this.#show(settings);
  }

  /** Reads the settings anew if another node has changed them: one cheap read. Calls that overlap share it, unless it was cut. */
  poll(): Promise<void> {
    const now = performance.now();
    if (this.#polling === undefined || now - this.#polling.began > TIMEOUT_MS) {
      const look: Look = { began: now, done: this.#poll().finally(() => this.#end(look)) };
      this.#polling = look;
    }
    return this.#polling.done;
  }

  close(): Promise<void> {
    return this.connector.close();
  }

  async #poll(): Promise<void> {
    try {
      const [state] = await this.rows().read("store_state");
      if (this.#isStale || (state !== undefined && state.version !== this.#settings.version)) await this.reload();
    } catch (error) {
      this.#freshness = { ...this.#freshness, isCurrent: false };
      throw error;
    }
    this.#freshness = { ...this.#freshness, checkedAt: Date.now(), isCurrent: true };
  }

  #end(look: Look): void {
    if (this.#polling === look) this.#polling = undefined;
  }

  #show(settings: Settings): void {
    this.#settings = settings;
    this.#follow(settings);
    this.#isStale = false;
    this.#freshness = freshlyRead();
  }
}

function freshlyRead(): Freshness {
  const now = Date.now();
  return { readAt: now, checkedAt: now, isCurrent: true };
}

/**
 * What every change of the system tables does first in its transaction: other nodes will see the new version, and the
 * changes of all nodes come one after the other, each seeing what those before it have left.
 */
export async function beginChange(rows: Rows): Promise<void> {
  await rows.update("store_state", {}, { version: crypto.randomUUID() });
}

const ATTEMPTS = 5;

async function readSettings(connector: Connector, catalog: Catalog, vault: Vault, log: Logger): Promise<Settings> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const read = (inside: Runner) => readSettingsRows(new Rows(catalog, inside, signal));
    const rows = await connector.transaction(read, signal);
    if (rows !== undefined) return settingsOf(rows, vault, log);
  }
  throw new Error("The settings were changed again and again while they were read.");
}

/** Opens what was sealed when the store was made: with another master secret nothing in it could be read. */
async function checkSeal(rows: Rows, vault: Vault): Promise<void> {
  const [state] = await rows.read("store_state");
  if (state === undefined) return (await seal(rows, vault)) ? undefined : checkSeal(rows, vault);
  await vault.decrypt(String(state.sealed), SEAL_PURPOSE).catch((cause: unknown) => {
    throw new Error("MILLRACE_SECRET is not the one that this store was made with.", { cause });
  });
}

/** Seals a new store, and says whether it did: of nodes that start at once one does, by an id that no other row can have. */
async function seal(rows: Rows, vault: Vault): Promise<boolean> {
  const sealed = await vault.encrypt("millrace", SEAL_PURPOSE);
  try {
    await rows.insert("store_state", { id: 1, version: crypto.randomUUID(), sealed });
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.kind === "unique") return false;
    throw error;
  }
}
