import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Gate, GateFull, GateTimeout } from "../../src/lib/gate.ts";

const LONG_MS = 10_000;

describe("Gate", () => {
  test("never runs more than its places at once, and runs everything, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(3), { maxLength: 25 }),
        async (places, turns) => {
          const gate = new Gate(places, LONG_MS);
          const started: number[] = [];
          let running = 0;
          let most = 0;
          const work = (at: number, length: number) => async () => {
            started.push(at);
            most = Math.max(most, ++running);
            for (let turn = 0; turn < length; turn++) await Promise.resolve();
            running--;
            return at;
          };
          const results = await Promise.all(turns.map((length, at) => gate.run(work(at, length))));
          expect(results).toEqual([...turns.keys()]);
          expect(started).toEqual([...turns.keys()]);
          expect(most).toBeLessThanOrEqual(places);
        },
      ),
    );
  });

  test("gives the work's answer and the work's error", async () => {
    const gate = new Gate(1, LONG_MS);
    expect(await gate.run(async () => "answer")).toBe("answer");
    await expect(gate.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });

  test("frees the place of work that failed, even before it began to wait", async () => {
    const gate = new Gate(1, 20);
    const fail = () => {
      throw new Error("broken at once");
    };
    await expect(gate.run(fail)).rejects.toThrow("broken at once");
    expect(await gate.run(async () => "answer")).toBe("answer");
  });

  test("refuses work that waited too long, and never starts it", async () => {
    vi.useFakeTimers();
    try {
      const gate = new Gate(1, 500);
      const holder = holdAPlace(gate);
      const late = vi.fn(async () => "late");
      const refused = expect(gate.run(late)).rejects.toBeInstanceOf(GateTimeout);
      await vi.advanceTimersByTimeAsync(499);
      expect(late).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      await refused;
      holder.release();
      await holder.done;
      expect(late).not.toHaveBeenCalled();
      expect(await gate.run(async () => "next")).toBe("next");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("refuses at once when as many wait as may", async () => {
    const gate = new Gate(1, LONG_MS, 1);
    const holder = holdAPlace(gate);
    const waiting = gate.run(async () => "second");
    await expect(gate.run(async () => "third")).rejects.toBeInstanceOf(GateFull);
    holder.release();
    expect(await waiting).toBe("second");
  });

  test("lets the next in when one that waited before it has given up", async () => {
    const gate = new Gate(1, 30);
    const holder = holdAPlace(gate);
    const gaveUp = gate.run(async () => "never");
    await expect(gaveUp).rejects.toBeInstanceOf(GateTimeout);
    const next = gate.run(async () => "next");
    holder.release();
    expect(await next).toBe("next");
  });
});

function holdAPlace(gate: Gate): { readonly release: () => void; readonly done: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { release: resolve, done: gate.run(() => promise) };
}
