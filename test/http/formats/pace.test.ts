import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "../../../src/http/pace.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** How many parts of this size, each that much later than the one before was asked for, are taken. */
async function taken(pace: Pace, bytes: number, ms: number): Promise<number> {
  for (let count = 0; count < 100; count++) {
    const part = new Promise<{ value: Uint8Array }>((resolve) =>
      setTimeout(() => resolve({ value: new Uint8Array(bytes) }), ms),
    );
    const next = pace.next(part).then(
      () => true,
      () => false,
    );
    await vi.advanceTimersByTimeAsync(ms);
    if (!(await next)) return count;
  }
  return 100;
}

const hurried = () => {
  const pace = new Pace();
  pace.hurry();
  return pace;
};

test.each([
  ["nothing for longer than four seconds", 1_000_000, 4_500, 0],
  ["a byte now and then", 1, 3_000, 3],
  ["less than 64 KiB a second", 32 * 1024, 1_000, 20],
  ["64 KiB a second", 64 * 1024, 1_000, 100],
  ["megabytes with pauses", 1_000_000, 3_900, 100],
])("a client that sends %s is waited for so often", async (_what, bytes, ms, count) => {
  expect(Math.abs((await taken(hurried(), bytes, ms)) - count)).toBeLessThanOrEqual(1);
});

test("nobody is hurried while nobody else waits", async () => {
  expect(await taken(new Pace(), 1, 60_000)).toBe(100);
});

test("the time that the server takes is not the client's", async () => {
  const pace = hurried();
  const part = Promise.resolve({ value: new Uint8Array(1) });
  for (let time = 0; time < 5; time++) {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await pace.next(part)).toEqual(await part);
  }
});
