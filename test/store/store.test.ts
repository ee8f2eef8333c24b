import { afterEach, describe, expect, test } from "vitest";
import { sqliteConnector } from "../../plugins/sqlite/connector.ts";
import { openDriver } from "../../plugins/sqlite/driver.node.ts";
import type { Connector } from "../../src/db/connector.ts";
import type { Plan } from "../../src/db/plan/plan.ts";
import type { Rows } from "../../src/store/rows.ts";
import { Store } from "../../src/store/store.ts";

const role = (name: string) => ({ name, is_active: true });
const roles = (store: Store) => [...store.settings.roles.values()].map(({ name }) => name);

/** A store whose connection does what a test tells it to before it runs a plan. */
class Place {
  readonly messages: string[] = [];
  readonly plans: Plan[] = [];
  before: (plan: Plan) => Promise<void> | void = () => undefined;
  /** What a column called `version` is read as. */
  changed: (plan: Plan, text: string) => string = (_plan, text) => text;
  store: Store | undefined;

  async open(): Promise<Store> {
    const options = { path: ":memory:", waitMs: 1000, statementTimeoutMs: 5000, statements: [] };
    const log = { writes: () => true, log: (_level: string, message: string) => void this.messages.push(message) };
    const connector = this.#watched(sqliteConnector(openDriver(options)));
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
      transaction: (work, signal) => connector.transaction((inside) => work({ run: run(inside) }), signal),
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
