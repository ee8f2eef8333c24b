import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { digestOfKey, newApiKey } from "../../src/identity/digest.ts";

describe("an API key", () => {
  test("is 64 hexadecimal digits, another each time", () => {
    const keys = Array.from({ length: 100 }, newApiKey);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(keys).size).toBe(100);
  });

  test.each([
    "",
    "k",
    "schlüssel",
    "k".repeat(5000),
  ])("has its SHA-256 as digest, the first time and from memory", async (key) => {
    const expected = createHash("sha256").update(key).digest("hex");
    expect(await digestOfKey(key)).toBe(expected);
    expect(await digestOfKey(key)).toBe(expected);
  });
});
