import { describe, expect, test } from "vitest";
import { Fault } from "../../src/contract/fault.ts";
import { checkNewPassword, hashPassword, verifyNothing, verifyPassword } from "../../src/identity/password.ts";
import { Hasher } from "./house.ts";

const PASSWORD = "correct horse battery";

describe("a stored password", () => {
  test("opens to the password it was made of, and to no other", async () => {
    const stored = await hashPassword(PASSWORD, new Hasher());
    expect(await verifyPassword(PASSWORD, stored, new Hasher())).toBe(true);
    expect(await verifyPassword(`${PASSWORD} `, stored, new Hasher())).toBe(false);
    expect(await verifyPassword("", stored, new Hasher())).toBe(false);
  });

  test("holds the cost and a salt of its own, and not the password", async () => {
    const [first, second] = [await hashPassword(PASSWORD, new Hasher()), await hashPassword(PASSWORD, new Hasher())];
    expect(first).toMatch(/^scrypt\$65536\$[\w-]{22}\$[\w-]{43}$/);
    expect(first).not.toBe(second);
  });

  test("is the same however the keyboard composes its letters", async () => {
    const stored = await hashPassword("Ångström ﬁve times", new Hasher());
    expect(await verifyPassword("A\u030angstro\u0308m five times", stored, new Hasher())).toBe(true);
  });

  test("is checked with the cost that it was made with", async () => {
    const hasher = new Hasher();
    await verifyPassword(PASSWORD, `scrypt$1024$${"A".repeat(22)}$${"A".repeat(43)}`, hasher);
    expect(hasher.costs).toEqual([1024]);
  });

  test.each([
    "",
    PASSWORD,
    `scrypt$1073741824$${"A".repeat(22)}$${"A".repeat(43)}`,
    `scrypt$1000$${"A".repeat(22)}$${"A".repeat(43)}`,
    `scrypt$1024$${"A".repeat(22)}$`,
    `bcrypt$1024$${"A".repeat(22)}$${"A".repeat(43)}`,
  ])("that is not one of ours opens to nothing, and takes no less time: %s", async (stored) => {
    const hasher = new Hasher();
    expect(await verifyPassword(PASSWORD, stored, hasher)).toBe(false);
    expect(hasher.costs).toEqual([65536]);
  });
});

describe("checking passwords", () => {
  test("costs as much for an account that does not exist", async () => {
    const hasher = new Hasher();
    await verifyNothing(hasher);
    expect(hasher.costs).toEqual([65536]);
  });

  test("happens for two at once, however many log in", async () => {
    const hasher = new Hasher();
    await Promise.all(Array.from({ length: 6 }, () => verifyNothing(hasher)));
    expect(hasher.costs).toHaveLength(6);
    expect(hasher.mostAtOnce).toBe(2);
  });

  test("is refused at once when twenty others wait", async () => {
    const all = await Promise.allSettled(Array.from({ length: 30 }, () => verifyNothing(new Hasher())));
    const refused = all.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ status: 503, headers: { "Retry-After": "10" } });
  });

  test("passes on what goes wrong in the runtime", async () => {
    const broken = { scrypt: () => Promise.reject(new Error("no memory")) };
    await expect(hashPassword(PASSWORD, broken)).rejects.toThrow("no memory");
  });
});

describe("a new password", () => {
  test("has 16 characters at least", () => {
    expect(() => checkNewPassword("x".repeat(16))).not.toThrow();
    expect(() => checkNewPassword("x".repeat(15))).toThrow(
      new Fault("bad_request", "A password must have at least 16 characters."),
    );
  });

  test("may be shorter where that is configured, but never below 8", () => {
    expect(() => checkNewPassword("x".repeat(8), 1)).not.toThrow();
    expect(() => checkNewPassword("x".repeat(7), 1)).toThrow("at least 8 characters");
  });

  test("is counted in characters, not in halves of them", () => {
    expect(() => checkNewPassword("🔑".repeat(8))).toThrow(Fault);
    expect(() => checkNewPassword("🔑".repeat(16))).not.toThrow();
  });
});
