import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DatabaseError } from "../../../src/db/errors.ts";
import type { Result } from "../../../src/db/sql/driver.ts";
import { Streams } from "../../../src/db/sql/streams.ts";
import type { Give } from "../../../src/lib/relay.ts";

const signal = new AbortController().signal;
const KIB = 1024;
const resultOf = (bytes: number): Result => ({ rows: [["x".repeat(bytes)]], affected: 1 });

/** Gives without an end. */
const endless = (bytes: number) => async (give: Give<Result>) => {
  for (;;) await give(resultOf(bytes));
};
const kindOf = (error: unknown) => (error instanceof DatabaseError ? error.kind : error);
const begin = (streams: Streams) => {
  const items = streams.run(endless(1), signal)[Symbol.asyncIterator]();
  return { items, first: items.next().then(() => "rows", kindOf) };
};

describe("streams of a pool", () => {
  test.each([
    [10, 5],
    [4, 2],
    [3, 1],
    [1, 1],
  ])("of %i connections hold %i of them, however many are not read", async (max, most) => {
    const streams = Streams.ofPool(max, 20);
    const begun = Array.from({ length: max }, () => begin(streams));
    const first = await Promise.all(begun.map((each) => each.first));
    expect(first).toEqual(Array.from({ length: max }, (_, at) => (at < most ? "rows" : "saturated")));
    for (const { items } of begun) await items.return(undefined);
  });

  test("give their place to those who wait, when they are left", async () => {
    const streams = Streams.ofPool(2, 5_000);
    const one = begin(streams);
    expect(await one.first).toBe("rows");
    const other = begin(streams);
    await one.items.return(undefined);
    expect(await other.first).toBe("rows");
    await other.items.return(undefined);
  });
});

describe("a stream that is read slowly", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How a stream goes whose client takes a part every so many seconds, for five minutes at most. */
  const read = async (bytes: number, everySeconds: number) => {
    const items = new Streams(1, 1_000).run(endless(bytes), signal);
    try {
      for (let seconds = 0; seconds < 300; seconds += everySeconds) {
        await items.next();
        await vi.advanceTimersByTimeAsync(everySeconds * 1000);
      }
      return "goes on";
    } catch (error) {
      return kindOf(error);
    } finally {
      await items.return(undefined);
    }
  };

  test("is cut when its client takes too little, part by part", async () => {
    expect(await read(256 * KIB, 20)).toBe("timeout");
  });

  test("goes on when its client takes enough", async () => {
    expect(await read(256 * KIB, 5)).toBe("goes on");
  });

  test("goes on when it is the database that is slow", async () => {
    const slow = async (give: Give<Result>) => {
      for (let part = 0; part < 20; part++) {
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        await give(resultOf(1));
      }
    };
    const items = Array.fromAsync(new Streams(1, 1_000).run(slow, signal));
    await vi.advanceTimersByTimeAsync(300_000);
    expect((await items).length).toBe(20);
  });
});
