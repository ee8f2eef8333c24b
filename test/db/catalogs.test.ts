import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Catalog } from "../../src/db/catalog.ts";
import { Catalogs } from "../../src/db/catalogs.ts";

const CATALOG = { defaultSchema: "main" } as unknown as Catalog;

beforeEach(() => vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

test("who waits for a reading that was cut waits no longer than it may take", async () => {
  let readings = 0;
  const read = () => (++readings === 1 ? new Promise<Catalog>(() => {}) : Promise.resolve(CATALOG));
  const catalogs = new Catalogs({ read, maxAgeMs: 0, timeoutMs: 1_000 });
  void catalogs.current();
  const waiting = catalogs.current();
  await vi.advanceTimersByTimeAsync(6_100);
  expect(await waiting).toBe(CATALOG);
  expect(readings).toBe(2);
});

test("a reading that was cut, and never ends, is begun anew after its time", async () => {
  let readings = 0;
  const read = () => (++readings === 1 ? new Promise<Catalog>(() => {}) : Promise.resolve(CATALOG));
  const catalogs = new Catalogs({ read, maxAgeMs: 0, timeoutMs: 1_000 });
  void catalogs.current();
  vi.advanceTimersByTime(5_900);
  void catalogs.current();
  expect(readings).toBe(1);
  vi.advanceTimersByTime(200);
  expect(await catalogs.current()).toBe(CATALOG);
  expect(await catalogs.newerThan(0)).toBe(CATALOG);
  expect(readings).toBe(2);
});
