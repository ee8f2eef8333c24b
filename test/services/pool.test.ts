import * as v from "valibot";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Runtime } from "../../src/contract/runtime.ts";
import type { Service, ServiceType } from "../../src/contract/service.ts";
import type { ServiceRecord, Settings } from "../../src/contract/settings.ts";
import { ServicePool } from "../../src/services/pool.ts";

let opened: string[];
let closed: string[];
let pool: ServicePool;

const type: ServiceType = {
  name: "fake",
  label: "",
  group: "",
  description: "",
  config: v.object({ name: v.string() }),
  open: async (config) => fakeService(String((config as { name: string }).name)),
};

function fakeService(name: string): Service & { readonly name: string } {
  opened.push(name);
  const close = async () => void closed.push(name);
  return {
    name,
    handle: () => Promise.reject(new Error()),
    test: async () => undefined,
    refresh: async () => undefined,
    close,
  };
}

function record(revision: string): ServiceRecord {
  const rest = { id: 2, name: "db", label: "", description: null, type: "fake", isActive: true };
  return { ...rest, config: { name: revision }, extras: { stamp: "", tables: {} }, revision };
}

function show(...records: ServiceRecord[]): void {
  pool.sweep({ services: new Map(records.map((each) => [each.name, each])) } as unknown as Settings);
}

const nameOf = async (service: Service) => (service as Service & { name: string }).name;

beforeEach(() => {
  opened = [];
  closed = [];
  const runtime = { env: () => undefined, log: { writes: () => false, log: () => undefined } } as unknown as Runtime;
  pool = new ServicePool(new Map([[type.name, type]]), runtime);
  show(record("old"));
});

describe("a call that read older settings", () => {
  test("gets the service as it is now, and does not bring the old one back", async () => {
    expect(await pool.use(record("old"), nameOf)).toBe("old");
    show(record("new"));
    expect(await pool.use(record("new"), nameOf)).toBe("new");
    expect(await pool.use(record("old"), nameOf)).toBe("new");
    expect([opened, closed]).toEqual([["old", "new"], ["old"]]);
  });

  test("finds no service that was deleted meanwhile", async () => {
    await pool.use(record("old"), nameOf);
    show();
    await expect(pool.use(record("old"), nameOf)).rejects.toMatchObject({ status: 404 });
    expect(opened).toEqual(["old"]);
  });
});

describe("a service that was replaced", () => {
  test("closes when its last call is done, however long that takes, and once", async () => {
    vi.useFakeTimers();
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = pool.use(record("old"), () => promise);
    await vi.advanceTimersByTimeAsync(0);
    show(record("new"));
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(closed).toEqual([]);
    resolve();
    await call;
    await vi.advanceTimersByTimeAsync(2 * 60 * 60_000);
    expect(closed).toEqual(["old"]);
    vi.useRealTimers();
  });

  test("closes after an hour at the latest, and with the house", async () => {
    vi.useFakeTimers();
    const use = () => void pool.use(record("any"), () => new Promise(() => undefined));
    use();
    await vi.advanceTimersByTimeAsync(0);
    show(record("new"));
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(closed).toEqual(["old"]);
    use();
    await vi.advanceTimersByTimeAsync(0);
    show(record("newer"));
    await pool.close();
    expect(closed).toEqual(["old", "new"]);
    vi.useRealTimers();
  });
});
