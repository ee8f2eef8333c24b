import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { startHouse, type TestHouse } from "../../house.ts";

/** A home for the settings: what `DATABASE_URL` may name. */
export interface StoreTarget {
  readonly title: string;
  /** Why the suite cannot run here, or `undefined`. */
  readonly unavailable: string | undefined;
  open(): Promise<{ readonly url: string; drop(): Promise<void> }>;
}

/** Runs what every home of the settings has to do. */
export function storeSuite(target: StoreTarget): void {
  describe.skipIf(target.unavailable !== undefined)(`the store in ${target.title}`, () => storeCases(target));
}

function storeCases(target: StoreTarget): void {
  let home: Awaited<ReturnType<StoreTarget["open"]>>;
  let houses: readonly TestHouse[] = [];

  const start = () => startHouse({ DATABASE_URL: home.url, MILLRACE_SAMPLE: "off" });
  const roles = async (house: TestHouse | undefined) => {
    const { body } = (await house?.ask("GET", "system/role?fields=name&order=id")) ?? {};
    return body.resource.map((role: { name: string }) => role.name);
  };

  beforeAll(async () => {
    home = await target.open();
    houses = await Promise.all([start(), start(), start()]);
  });

  afterAll(async () => {
    await Promise.all(houses.map((house) => house.close()));
    await home.drop();
  });

  test("is made once by nodes that start at the same time", async () => {
    const services = await houses[0]?.ask("GET", "system/service?filter=name=system");
    expect(services?.body.resource).toHaveLength(1);
    const admins = await houses[1]?.ask("GET", "system/admin");
    expect(admins?.body.resource).toHaveLength(1);
  });

  test("shows a change at once on its own node, and soon on the others", async () => {
    const [one, two] = houses;
    const app = await one?.ask("POST", "system/app", { body: { name: "early", is_active: true } });
    const key = app?.body.api_key;
    expect((await one?.ask("GET", "", { key }))?.status).toBe(403);
    await expect.poll(async () => (await two?.ask("GET", "", { key }))?.status, { timeout: 10_000 }).toBe(403);
    expect((await two?.ask("GET", "", { key: `${key}0` }))?.status).toBe(401);
  });

  test("keeps rows with their nested rows, filters and orders them", async () => {
    const [house] = houses;
    const access: readonly JsonObject[] = [
      { component: "*", verb_mask: 1 },
      { component: "_table/*", verb_mask: 31, requestor_mask: 2 },
    ];
    for (const name of ["b-role", "a-role"]) {
      const made = await house?.ask("POST", "system/role", { body: { name, role_service_access_by_role_id: access } });
      expect(made?.status).toBe(201);
    }
    const found = await house?.ask("GET", "system/role?filter=name%20ends%20with%20-role&order=name&related=*");
    expect(found?.body.resource).toMatchObject([
      { name: "a-role", is_active: false, role_service_access_by_role_id: access },
      { name: "b-role", is_active: false, role_service_access_by_role_id: access },
    ]);
  });

  test("refuses a name that is taken with 409", async () => {
    expect((await houses[0]?.ask("POST", "system/role", { body: { name: "a-role" } }))?.status).toBe(409);
  });

  test("undoes what fails half-way", async () => {
    const [house] = houses;
    const before = await roles(house);
    const broken = [{ component: "*", verb_mask: 1, service_id: 999_999 }];
    const made = await house?.ask("POST", "system/role", {
      body: { name: "half", role_service_access_by_role_id: broken },
    });
    expect(made?.status).toBe(409);
    expect(await roles(house)).toEqual(before);
  });

  test("removes what belongs to a row together with it", async () => {
    const [house] = houses;
    const { body } = (await house?.ask("GET", "system/role?filter=name=b-role")) ?? {};
    expect((await house?.ask("DELETE", `system/role/${body.resource[0].id}`))?.status).toBe(200);
    expect(await roles(house)).toEqual(["a-role"]);
  });

  test("holds everything across a restart, and opens with no other master secret", async () => {
    const again = await start();
    expect(await roles(again)).toEqual(["a-role"]);
    await again.close();
    const wrong = startHouse({ DATABASE_URL: home.url, MILLRACE_SECRET: "another secret of thirty-two letters" });
    await expect(wrong).rejects.toThrow("MILLRACE_SECRET is not the one that this store was made with.");
  });
}
