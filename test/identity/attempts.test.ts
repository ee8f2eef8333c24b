import { beforeEach, describe, expect, test, vi } from "vitest";
import { LoginAttempts } from "../../src/identity/attempts.ts";
import { NOW } from "./house.ts";

const MINUTE = 60_000;

let now: number;
let attempts: LoginAttempts;
beforeEach(() => {
  now = NOW;
  attempts = new LoginAttempts(() => now);
});

const wrong = async () => undefined;
const right = async () => "ada";
const closed = (seconds: number) => ({ status: 429, headers: { "Retry-After": String(seconds) } });

async function fail(times: number, name = "ada@example.com"): Promise<void> {
  for (let done = 0; done < times; done++) await attempts.run(name, wrong);
}

describe("an account", () => {
  test("is closed for 15 minutes after ten failed logins, to the right password too", async () => {
    await fail(10);
    const check = vi.fn(right);
    await expect(attempts.run("ada@example.com", check)).rejects.toMatchObject(closed(900));
    now += 14 * MINUTE;
    await expect(attempts.run("ADA@Example.com", check)).rejects.toMatchObject(closed(60));
    expect(check).not.toHaveBeenCalled();
    now += MINUTE;
    expect(await attempts.run("ada@example.com", check)).toBe("ada");
  });

  test("stays open to others' failures, and after nine of its own", async () => {
    await fail(10, "eve@example.com");
    await fail(9);
    expect(await attempts.run("ada@example.com", right)).toBe("ada");
    await fail(9);
    expect(await attempts.run("ada@example.com", right)).toBe("ada");
  });

  test("forgets failures that are 15 minutes old", async () => {
    await fail(9);
    now += 15 * MINUTE;
    await fail(9);
    expect(await attempts.run("ada@example.com", right)).toBe("ada");
  });

  test("gives no more tries to logins that come all at once", async () => {
    const check = vi.fn(wrong);
    const all = await Promise.allSettled(Array.from({ length: 40 }, () => attempts.run("ada", check)));
    expect(check).toHaveBeenCalledTimes(10);
    expect(all.filter(({ status }) => status === "rejected")).toHaveLength(30);
  });

  test("is not charged for a check that could not be made", async () => {
    const busy = () => attempts.run("ada", () => Promise.reject(new Error("busy")));
    for (let done = 0; done < 20; done++) await expect(busy()).rejects.toThrow("busy");
    expect(await attempts.run("ada", right)).toBe("ada");
  });
});
