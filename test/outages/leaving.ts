import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, openFixture } from "../suites/database/fixture.ts";
import type { Target } from "../suites/database/target.ts";

/** How the server itself tells of exports that are under way. */
export interface Watching {
  readonly target: Target;
  /** Fills the table `many` with rows enough that no buffer holds them all. */
  readonly fill: string;
  /** How many exports the server works for. */
  running(fixture: Fixture): Promise<number>;
}

const WITHIN_MS = 1_000;

/** A client that goes away in the middle of an export leaves nothing behind that works for it. */
export function leavingSuite({ target, fill, running }: Watching): void {
  describe.skipIf(target.unavailable !== undefined)(`an export of ${target.title} that is left`, () => {
    let fixture: Fixture;
    beforeAll(async () => {
      fixture = await openFixture(target);
      await fixture.database.query(`CREATE TABLE many (id INTEGER PRIMARY KEY, note ${target.words.text})`);
      await fixture.database.query(fill);
    });
    afterAll(() => fixture?.close());

    const begin = () =>
      new Promise<() => void>((resolve, reject) => {
        const url = `${fixture.house.url}/api/v2/under_test/_table/many?limit=all`;
        const request = get(url, { agent: false, headers: { "X-API-Key": fixture.key } }, (response) => {
          response.on("error", () => {});
          response.once("data", () => {
            response.pause();
            resolve(() => request.destroy());
          });
        });
        request.once("error", reject);
      });
    const until = async (count: number) => {
      const began = performance.now();
      while ((await running(fixture)) !== count && performance.now() - began < 5 * WITHIN_MS)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return performance.now() - began;
    };

    test("ends on the server within a second", async () => {
      const leave = await begin();
      await until(1);
      expect(await running(fixture)).toBe(1);
      leave();
      expect(await until(0)).toBeLessThan(WITHIN_MS);
      expect(await running(fixture)).toBe(0);
    });

    test("leaves its connection to others, however many were left", async () => {
      for (let time = 0; time < 12; time++) (await begin())();
      const { status, body } = await fixture.ask("GET", "_table/many?limit=1&fields=id&order=id");
      expect({ status, body: body.resource }).toEqual({ status: 200, body: [{ id: 1 }] });
    });
  });
}
