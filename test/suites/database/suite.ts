import { afterAll, beforeAll, describe } from "vitest";
import { type Fixture, openFixture } from "./fixture.ts";
import { smokeCases } from "./smoke.ts";
import type { Target } from "./target.ts";

/** A group of cases that share one fixture and leave its rows as they were. */
export type Cases = (fixture: () => Fixture, target: Target) => void;

const GROUPS: Readonly<Record<string, Cases>> = { smoke: smokeCases };

/** Runs every conformance case against one database, over HTTP through the whole house. */
export function databaseSuite(target: Target): void {
  describe.skipIf(target.unavailable !== undefined)(`${target.title} (${target.type})`, () => {
    for (const [name, cases] of Object.entries(GROUPS)) describe(name, () => withFixture(target, cases));
  });
}

function withFixture(target: Target, cases: Cases): void {
  let fixture: Fixture | undefined;
  beforeAll(async () => {
    fixture = await openFixture(target);
  });
  afterAll(() => fixture?.close());
  cases(() => {
    if (fixture === undefined) throw new Error("The fixture is not open.");
    return fixture;
  }, target);
}
