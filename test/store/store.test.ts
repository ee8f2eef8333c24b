import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sqliteConnector } from "../../plugins/sqlite/connector.ts";
import { openDriver } from "../../plugins/sqlite/driver.node.ts";
import type { Connector } from "../../src/db/connector.ts";
import type { Plan } from "../../src/db/plan/plan.ts";
import type { Rows } from "../../src/store/rows.ts";
import { Store } from "../../src/store/store.ts";

const role = (name: string) => ({ name, is_active: true });
const roles = (store: Store) => [...store.settings.roles.values()].map(({ name }) => name);

const QUIET = { writes: () => false, log: () => undefined };

function connectorOf(path: string): Connector {
  return sqliteConnector(openDriver({ path, create: true, waitMs: 1000, statementTimeoutMs: 5000, statements: [] }));
}

/** A store whose connection does what a test tells it to before it runs a plan. */
class Place {
  readonly messages: string[] = [];
  readonly plans: Plan[] = [];
  before: (plan: Plan) => Promise<void> | void = () => undefined;
  beforeTransaction: () => Promise<void> | void = () => undefined;
  /** What a column called `version` is read as. */
  changed: (plan: Plan, text: string) => string = (_plan, text) => text;
  store: Store | undefined;

  async open(): Promise<Store> {
    const log = { writes: () => true, log: (_level: string, message: string) => void this.messages.push(message) };
    const connector = this.#watched(connectorOf(":memory:"));
    this.store = await Store.open({ connector, masterSecret: "a master secret for tests, of no worth", log });
    return this.store;
  }

  #watched(connector: Connector): Connector {
    const run = (target: Pick<Connector, "run">): Connector["run"] => {
      return async (plan, signal) => {
        this.plans.push(plan);
        await this.before(plan);
        const outcome = await target.run(plan, signal);
        const at = plan.kind === "read" ? plan.columns.findIndex(({ name }) => name === "version") : -1;
        if (at < 0) return outcome;
        return { ...outcome, rows: outcome.rows.map((row) => row.with(at, this.changed(plan, row[at] ?? ""))) };
      };
    };
    return {
      ...connector,
      run: run(connector),
      transaction: async (work, signal) => {
        await this.beforeTransaction();
        return connector.transaction((inside) => work({ run: run(inside) }), signal);
      },
    };
  }
}

let place: Place;
afterEach(() => place.store?.close());

async function open(): Promise<Store> {
  place = new Place();
  return place.open();
}

const reads = (plan: Plan, table: string) => plan.kind === "read" && plan.table.name === table;

describe("the snapshot of the settings", () => {
  test("is read again when another node changed them while it was read", async () => {
    const store = await open();
    await store.change((rows) => rows.insert("role", role("first")));
    let looks = 0;
    // As under READ COMMITTED: what another node commits shows in the midst of the transaction that reads.
    place.changed = (plan, text) => (reads(plan, "store_state") && ++looks === 2 ? '"another"' : text);
    await store.reload();
    expect(looks).toBe(4);
    expect(roles(store)).toEqual(["first"]);
  });

  test("is not taken when the settings change again and again", async () => {
    const store = await open();
    const { version } = store.settings;
    let looks = 0;
    place.changed = (plan, text) => (reads(plan, "store_state") ? `"${++looks}"` : text);
    await expect(store.reload()).rejects.toThrow("again and again");
    expect(store.settings.version).toBe(version);
  });
});

describe("a change", () => {
  const failReads = () => {
    place.before = (plan) => {
      if (reads(plan, "role")) throw new Error("away");
    };
  };

  test("that holds is no failure when the settings can not be read again; the next poll shows it", async () => {
    const store = await open();
    failReads();
    expect(await store.change((rows: Rows) => rows.insert("role", role("late")))).toBeGreaterThan(0);
    expect(roles(store)).toEqual([]);
    expect(place.messages.join()).toContain("could not be read again");
    place.before = () => undefined;
    await store.poll();
    expect(roles(store)).toEqual(["late"]);
  });

  test("that fails leaves the settings as they were", async () => {
    const store = await open();
    const { version } = store.settings;
    await expect(store.change(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await store.reload();
    expect(store.settings.version).toBe(version);
  });
});

test("polls that overlap share one look", async () => {
  const store = await open();
  place.plans.length = 0;
  await Promise.all([store.poll(), store.poll(), store.poll()]);
  expect(place.plans.filter((plan) => reads(plan, "store_state"))).toHaveLength(1);
});

/** As a platform cuts a request: what it had begun never ends. */
const never = () => new Promise<never>(() => {});

/** Begins a reading that waits for `held` before it reads. */
async function reading(store: Store, held: Promise<void>): Promise<{ readonly done: Promise<void> }> {
  const begun = Promise.withResolvers<void>();
  place.beforeTransaction = () => {
    begun.resolve();
    return held;
  };
  const done = store.reload();
  await begun.promise;
  place.beforeTransaction = () => undefined;
  return { done };
}

test("a reading that was cut holds up no change", async () => {
  const store = await open();
  await reading(store, never());
  await store.change((rows) => rows.insert("role", role("next")));
  expect(roles(store)).toEqual(["next"]);
});

test("a reading that ends late does not take the place of one that began after it", async () => {
  const store = await open();
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = await reading(store, promise);
  await store.change((rows) => rows.insert("role", role("shown")));
  const { settings } = store;
  place.changed = (plan, text) => (reads(plan, "store_state") ? '"old"' : text);
  resolve();
  await late.done;
  expect(store.settings).toBe(settings);
});

test("a look that was cut is shared for half a minute, and then another is taken", async () => {
  const store = await open();
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    place.before = never;
    void store.poll();
    place.before = () => undefined;
    place.plans.length = 0;
    vi.advanceTimersByTime(29_000);
    void store.poll();
    expect(place.plans).toEqual([]);
    vi.advanceTimersByTime(2_000);
    await store.poll();
    expect(store.freshness.isCurrent).toBe(true);
    expect(place.plans.filter((plan) => reads(plan, "store_state"))).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

test("of stores that are made at the same moment one is sealed, and a node with another secret is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-seal-"));
  const connectors = [1, 2].map(() => connectorOf(join(folder, "store.db")));
  let waiting = 0;
  const { promise: both, resolve } = Promise.withResolvers<void>();
  const together = (connector: Connector): Connector => ({
    ...connector,
    // Both find no row before either inserts one.
    run: async (plan, signal) => {
      if (plan.kind === "insert" && plan.table.name === "store_state") {
        if (++waiting === 2) resolve();
        await both;
      }
      return connector.run(plan, signal);
    },
  });
  const opened = await Promise.allSettled(
    connectors.map((connector, index) =>
      Store.open({
        connector: together(connector),
        masterSecret: `the master secret of the node number ${index}`,
        log: QUIET,
      }),
    ),
  );
  expect(opened.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(opened.map((each) => (each.status === "rejected" ? String(each.reason) : "")).join("")).toContain(
    "MILLRACE_SECRET is not the one that this store was made with.",
  );
  for (const connector of connectors) await connector.close();
  rmSync(folder, { recursive: true });
});
