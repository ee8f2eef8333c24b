import { beforeAll, describe, expect, test } from "vitest";
import { openVault, type Vault } from "../../src/store/secrets.ts";

const MASTER = "a master secret of more than 32 characters";
const PURPOSE = "service.config";

let vault: Vault;
beforeAll(async () => {
  vault = await openVault(MASTER);
});

describe("a sealed secret", () => {
  test.each([
    "",
    "pa$$word",
    "Schlüssel 🔑",
    "\ufeffbyte order mark",
    "x".repeat(100_000),
  ])("opens to what was sealed", async (text) => {
    expect(await vault.decrypt(await vault.encrypt(text, PURPOSE), PURPOSE)).toBe(text);
  });

  test("is url-safe text with its version, another each time, and shows nothing of the secret", async () => {
    const [first, second] = [await vault.encrypt("pa$$word", PURPOSE), await vault.encrypt("pa$$word", PURPOSE)];
    expect(first).toMatch(/^v1\.[\w-]+$/);
    expect(first).not.toBe(second);
  });

  test("opens after a restart with the same master secret", async () => {
    const sealed = await vault.encrypt("kept", PURPOSE);
    expect(await (await openVault(MASTER)).decrypt(sealed, PURPOSE)).toBe("kept");
  });

  test("does not open with another master secret, and the operator is told what to look at", async () => {
    const other = await openVault(`${MASTER}!`);
    const sealed = await vault.encrypt("pa$$word", PURPOSE);
    await expect(other.decrypt(sealed, PURPOSE)).rejects.toThrow(
      /^The secret stored for 'service\.config' .*MILLRACE_SECRET.*\.$/,
    );
  });

  test("does not open for another purpose", async () => {
    await expect(vault.decrypt(await vault.encrypt("x", PURPOSE), "lookup.value")).rejects.toThrow("cannot be opened");
  });

  test("does not open when any part of it was changed", async () => {
    const sealed = await vault.encrypt("pa$$word", PURPOSE);
    for (let at = 3; at < sealed.length - 1; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      await expect(vault.decrypt(changed, PURPOSE)).rejects.toThrow("cannot be opened");
    }
  });

  test.each(["", "v1.", "v1.AAAA", "v1.***", "v2.AAAA", "pa$$word"])("is not anything else: %j", async (text) => {
    const refusal = await vault.decrypt(text, PURPOSE).catch((error: Error) => error.message);
    expect(refusal).toContain("cannot be opened");
    expect(refusal).not.toContain("pa$$word");
  });
});
