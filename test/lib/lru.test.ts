import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lru } from "../../src/lib/lru.ts";

type Step = { readonly action: "get" | "set" | "delete" | "clear"; readonly key: number };

const step: fc.Arbitrary<Step> = fc.record({
  action: fc.constantFrom("get", "get", "set", "set", "set", "delete", "clear"),
  key: fc.nat(7),
});

describe("Lru", () => {
  test("behaves like a list of the entries used last, whatever is done to it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
        const lru = new Lru<number, string>(capacity);
        const model = new ListOfEntries(capacity);
        steps.forEach((each, at) => {
          expect(take(lru, each, `v${at}`)).toBe(take(model, each, `v${at}`));
        });
        for (let key = 0; key <= 7; key++) expect(lru.get(key)).toBe(model.get(key));
      }),
    );
  });

  test("hands out each entry once that it keeps no more", () => {
    const released: number[] = [];
    const lru = new Lru<string, number>(2, (value) => released.push(value));
    for (const [index, key] of ["a", "b", "c", "b"].entries()) lru.set(key, index);
    lru.delete("gone");
    lru.clear();
    lru.clear();
    expect(released).toEqual([0, 1, 2, 3]);
  });

  test("forgets the entry that was used longest ago, and reading is using", () => {
    const lru = new Lru<string, number>(2);
    lru.set("a", 1);
    lru.set("b", 2);
    lru.get("a");
    lru.set("c", 3);
    expect([lru.get("a"), lru.get("b"), lru.get("c")]).toEqual([1, undefined, 3]);
  });

  test("replaces a value without forgetting another", () => {
    const lru = new Lru<string, number>(2);
    lru.set("a", 1);
    lru.set("b", 2);
    lru.set("b", 3);
    expect([lru.get("a"), lru.get("b")]).toEqual([1, 3]);
  });

  test("with no capacity keeps nothing", () => {
    const lru = new Lru<string, number>(0);
    lru.set("a", 1);
    expect(lru.get("a")).toBeUndefined();
  });
});

type Cache = Pick<Lru<number, string>, "get" | "set" | "delete" | "clear">;

function take(cache: Cache, { action, key }: Step, value: string): unknown {
  if (action === "set") return cache.set(key, value);
  return action === "clear" ? cache.clear() : cache[action](key);
}

/** The same in the slowest and plainest way: the entry used last stands last. */
class ListOfEntries implements Cache {
  #entries: (readonly [number, string])[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: number): string | undefined {
    const found = this.#entries.find(([each]) => each === key);
    if (found) this.set(...found);
    return found?.[1];
  }

  set(key: number, value: string): void {
    this.delete(key);
    this.#entries = [...this.#entries, [key, value] as const].slice(-this.#capacity);
  }

  delete(key: number): void {
    this.#entries = this.#entries.filter(([each]) => each !== key);
  }

  clear(): void {
    this.#entries = [];
  }
}
