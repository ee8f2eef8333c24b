import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TlsExperience } from "../../src/db/sql/tls-experience.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a server that did without TLS is asked for it again after a minute, and at once when it had it again", () => {
  const experience = new TlsExperience();
  expect(experience.speaksPlain).toBe(false);
  experience.note(true);
  vi.advanceTimersByTime(59_000);
  expect(experience.speaksPlain).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(experience.speaksPlain).toBe(false);
  experience.note(true);
  experience.note(false);
  expect(experience.speaksPlain).toBe(false);
});
