import { expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";

/** The shortest way through the house. */
export function smokeCases(fixture: () => Fixture): void {
  test("gives a row by its id", async () => {
    const { status, body } = await fixture().ask("GET", "_table/customers/1?fields=id,first_name");
    expect({ status, body }).toEqual({ status: 200, body: { id: 1, first_name: "Ada" } });
  });
}
