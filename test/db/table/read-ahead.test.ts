import { expect, test } from "vitest";
import { ReadAhead } from "../../../src/db/table/read-ahead.ts";

test("gives each item once, whether it was begun before or not", async () => {
  const items = new ReadAhead(listed([1, 2, 3]).items);
  expect(await items.take()).toBe(1);
  items.begin();
  items.begin();
  expect(await items.take()).toBe(2);
  expect(await items.take()).toBe(3);
  items.begin();
  expect(await items.take()).toBeUndefined();
});

test("begins no more than one", async () => {
  const { items, begun } = listed([1, 2, 3]);
  const ahead = new ReadAhead(items);
  ahead.begin();
  ahead.begin();
  await Promise.resolve();
  expect(begun()).toBe(1);
});

test("raises what reading raises when the item is taken, not before", async () => {
  const ahead = new ReadAhead(failing());
  expect(await ahead.take()).toBe(1);
  ahead.begin();
  await new Promise((resolve) => setTimeout(resolve));
  await expect(ahead.take()).rejects.toThrow("no more");
});

test("lets the items end when it is left", async () => {
  const { items, hasEnded } = listed([1, 2, 3]);
  const ahead = new ReadAhead(items);
  await ahead.take();
  ahead.leave();
  await new Promise((resolve) => setTimeout(resolve));
  expect(hasEnded()).toBe(true);
});

function listed(values: readonly number[]) {
  let begun = 0;
  let ended = false;
  async function* each() {
    try {
      for (const value of values) {
        begun++;
        yield value;
      }
    } finally {
      ended = true;
    }
  }
  return { items: each(), begun: () => begun, hasEnded: () => ended };
}

async function* failing(): AsyncGenerator<number> {
  yield 1;
  throw new Error("no more");
}
