import { hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { deriveKey } from "../../src/lib/hkdf.ts";

test("A derived key is HKDF-SHA-256 of the master secret, 32 bytes long and another for each purpose", async () => {
  const expected = new Uint8Array(hkdfSync("sha256", "master", "", "purpose", 32));
  expect(await deriveKey("master", "purpose")).toEqual(expected);
  expect(await deriveKey("master", "another")).not.toEqual(expected);
});
