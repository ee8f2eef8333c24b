import { expect, test } from "vitest";
import { begun, through } from "../../src/lib/iterate.ts";

/** Items that note whether they were left; unlike a generator they can be left before the first. */
function noting(items: readonly number[], failure?: Error) {
  const heard: string[] = [];
  let at = 0;
  const next = async (): Promise<IteratorResult<number>> => {
    const value = items[at++];
    if (value !== undefined) return { done: false, value };
    if (failure) throw failure;
    return { done: true, value: undefined };
  };
  const leave = async () => {
    heard.push("closed");
    return { done: true as const, value: undefined };
  };
  return { heard, items: { [Symbol.asyncIterator]: () => ({ next, return: leave }) } };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test("items that have begun are the same items", async () => {
  expect(await all(await begun(noting([1, 2, 3]).items))).toEqual([1, 2, 3]);
  expect(await all(await begun(noting([]).items))).toEqual([]);
});

test("items that fail at once fail when they are begun", async () => {
  await expect(begun(noting([], new Error("at once")).items)).rejects.toThrow("at once");
});

test("items that are left before the first one was asked for are closed, also through a way", async () => {
  const { heard, items } = noting([1, 2]);
  const way = { item: (one: number) => one, left: () => heard.push("left"), ended: () => heard.push("ended") };
  const passing = through(await begun(items), way);
  await passing[Symbol.asyncIterator]().return?.();
  expect(heard).toEqual(["left", "closed", "ended"]);
});

test("a way changes items, and hears once that they have ended", async () => {
  const heard: string[] = [];
  const passing = through(noting([1, 2]).items, { item: (one: number) => one * 10, ended: () => heard.push("ended") });
  expect([await all(passing), heard]).toEqual([[10, 20], ["ended"]]);
});

test("a way tells its own failure, and closes what it was made of", async () => {
  const { heard, items } = noting([1, 2]);
  const item = (one: number) => {
    if (one === 2) throw new Error("two");
    return one;
  };
  const failure = (error: unknown) => new Error(`told: ${(error as Error).message}`);
  await expect(all(through(items, { item, failure, ended: () => heard.push("ended") }))).rejects.toThrow("told: two");
  expect(heard).toEqual(["closed", "ended"]);
});
