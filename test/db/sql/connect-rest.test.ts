import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ConnectFailure, DatabaseError } from "../../../src/db/errors.ts";
import { ConnectRest } from "../../../src/db/sql/connect-rest.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => vi.useRealTimers());

/** How many of three attempts, 60 ms apart, are made after failures of this kind. */
async function attempts(connect: ConnectFailure): Promise<number> {
  const rest = new ConnectRest();
  let made = 0;
  const fail = () => {
    made++;
    return Promise.reject(new DatabaseError("unavailable", { connect }));
  };
  for (let time = 0; time < 3; time++) {
    await expect(rest.run(fail)).rejects.toMatchObject({ kind: "unavailable", connect });
    vi.advanceTimersByTime(60);
  }
  return made;
}

test.each([
  "refused",
  "name_not_found",
  "not_connected",
] as const)("after '%s' attempts rest for a moment", async (kind) => {
  expect(await attempts(kind)).toBe(2);
});

test.each([
  "password",
  "too_many",
  "lost",
  "tls",
] as const)("after '%s' the next attempt is made at once", async (kind) => {
  expect(await attempts(kind)).toBe(3);
});
