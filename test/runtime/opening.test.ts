import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Opening } from "../../src/runtime/isolate/opening.ts";
import { SettingsWatch } from "../../src/runtime/isolate/settings-watch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const fail = () => Promise.reject(new Error("away"));
const never = () => new Promise<never>(() => {});

test("what is opened is opened once for all who ask", async () => {
  const open = vi.fn(async () => "open");
  const opening = new Opening<string>(() => {});
  expect(await Promise.all([opening.get(open), opening.get(open)])).toEqual(["open", "open"]);
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(await opening.get(open)).toBe("open");
  expect(open).toHaveBeenCalledTimes(1);
});

test("a failure is told once, stands for two seconds, and is then tried again", async () => {
  const failed = vi.fn();
  const opening = new Opening<string>(failed);
  await expect(opening.get(fail)).rejects.toThrow("away");
  const open = vi.fn(async () => "open");
  await vi.advanceTimersByTimeAsync(1_900);
  await expect(opening.get(open)).rejects.toThrow("away");
  expect([open.mock.calls.length, failed.mock.calls.length]).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(200);
  expect(await opening.get(open)).toBe("open");
});

test("an attempt that never ends is given up after a minute", async () => {
  const opening = new Opening<string>(() => {});
  void opening.get(never);
  await vi.advanceTimersByTimeAsync(60_001);
  expect(await opening.get(async () => "open")).toBe("open");
});

test("settings are not looked at again within two seconds", async () => {
  const look = vi.fn(async () => true);
  const watch = new SettingsWatch(look);
  await vi.advanceTimersByTimeAsync(1_900);
  await watch.keepFresh();
  expect(look).not.toHaveBeenCalled();
});

test("settings older than two seconds are looked at once, and no request waits", async () => {
  const look = vi.fn(never);
  const watch = new SettingsWatch(look);
  await vi.advanceTimersByTimeAsync(2_100);
  await watch.keepFresh();
  await watch.keepFresh();
  expect(look).toHaveBeenCalledTimes(1);
});

test("with settings older than five seconds a request waits for the look", async () => {
  const watch = new SettingsWatch(() => new Promise((resolve) => setTimeout(resolve, 700, true)));
  await vi.advanceTimersByTimeAsync(5_100);
  const began = performance.now();
  const fresh = watch.keepFresh().then(() => performance.now() - began);
  await vi.runAllTimersAsync();
  expect(await fresh).toBe(700);
});

test("a look that hangs holds requests up for one second after its begin, not each of them", async () => {
  const look = vi.fn(never);
  const watch = new SettingsWatch(look);
  await vi.advanceTimersByTimeAsync(5_100);
  const began = performance.now();
  const first = watch.keepFresh().then(() => performance.now() - began);
  await vi.advanceTimersByTimeAsync(400);
  const second = watch.keepFresh().then(() => performance.now() - began);
  await vi.runAllTimersAsync();
  expect(await Promise.all([first, second])).toEqual([1_000, 1_000]);
  await watch.keepFresh();
  expect([look.mock.calls.length, performance.now() - began]).toEqual([1, 1_000]);
});

test("a look that failed is tried again after two seconds, and holds nobody up before", async () => {
  const look = vi.fn(async () => false);
  const watch = new SettingsWatch(look);
  await vi.advanceTimersByTimeAsync(5_100);
  await watch.keepFresh();
  await watch.keepFresh();
  expect(look).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2_100);
  await watch.keepFresh();
  expect(look).toHaveBeenCalledTimes(2);
});

test("in the place of a look that has not come back after a minute another is begun", async () => {
  const look = vi.fn<() => Promise<boolean>>(never);
  const watch = new SettingsWatch(look);
  const asked = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    const served = watch.keepFresh();
    await vi.advanceTimersByTimeAsync(1_000);
    await served;
    return look.mock.calls.length;
  };
  expect(await asked(3_000)).toBe(1);
  expect(await asked(58_000)).toBe(1);
  look.mockResolvedValue(true);
  expect(await asked(1_000)).toBe(2);
  expect(await asked(500)).toBe(2);
});
