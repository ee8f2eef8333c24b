import { beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import type { Fixture } from "./fixture.ts";
import type { RoutineWords } from "./routine-words.ts";

const GET = 1;
const POST = 2;
const DENIED = "403 The role of this caller does not allow";

/** What a role may call, list and describe. */
export function routineAccessCases(fixture: () => Fixture, { rows }: RoutineWords): void {
  describe("rights", () => {
    const keys = new Map<string, string>();
    const roles: Readonly<Record<string, readonly (readonly [component: string, mask: number])[]>> = {
      one: [["_func/add_up", GET]],
      list: [
        ["_func/", GET],
        ["_proc/", GET],
      ],
      most: [
        ["_func/*", GET | POST],
        ["_proc/*", GET | POST],
        ["_func/secret", 0],
        ["_proc/secret_work", 0],
      ],
      procedures: [["_proc/*", GET | POST]],
      posting: [["_func/add_up", POST]],
    };
    beforeAll(async () => {
      const { house, serviceId } = fixture();
      for (const [name, grants] of Object.entries(roles)) {
        const access = grants.map(([component, verb_mask]) => ({ service_id: serviceId, component, verb_mask }));
        keys.set(name, await makeKey(house, `routines ${name}`, access));
      }
    });
    const ask = async (role: string, path: string, verb = "GET") => {
      const { status, body } = await fixture().ask(verb, path, { key: keys.get(role) ?? "" });
      return status === 200 ? body : `${status} ${body?.error?.message}`;
    };

    test.each<[string, string, unknown]>([
      ["one", "_func/add_up(1,2)", 3],
      ["one", "_func/add_up?a=1&b=2", 3],
      ["one", "_func/ADD_UP(1,2)", 3],
      ["one", "_func/shout('a')", DENIED],
      ["one", "_func/secret", DENIED],
      ["one", "_func/shout('a')/add_up(1,2)", DENIED],
      ["one", "_func/(1,2)", DENIED],
      ["one", "_proc/add_up(1,2)", DENIED],
      ["one", "_func", DENIED],
      ["most", "_func/add_up(1,2)", 3],
      ["most", "_proc/add_up(1,2)", 3],
      ["most", "_func/secret", DENIED],
      ["most", "_func/secret()", DENIED],
      ["most", "_func/SECRET()", DENIED],
      ["most", "_func/secret%28%29", DENIED],
      ["most", "_func/secret(%2F)", DENIED],
      ["most", "_func/secret(/add_up)", DENIED],
      ["most", "_func/secret%20()", "404 Function 'secret ' does not exist in the database."],
      ["most", "_proc/secret", "404 Procedure 'secret' does not exist in the database."],
      ["most", "_proc/secret()", "404 Procedure 'secret' does not exist in the database."],
      ["most", "_func/secret_work()", "404 Function 'secret_work' does not exist in the database."],
      ["most", "_proc/secret_work()", DENIED],
      ["most", "_FUNC/secret()", DENIED],
      ["procedures", "_proc/add_up(1,2)", "404 Procedure 'add_up' does not exist in the database."],
      ["procedures", "_proc/double_it(2)", { v: 4 }],
      ["procedures", "_func/double_it(2)", DENIED],
      ["posting", "_func/add_up(1,2)", DENIED],
    ])("the role '%s' asks %s", async (role, path, expected) => {
      const answer = await ask(role, path);
      if (expected === DENIED) expect(answer).toMatch(/^403 /);
      else expect(answer).toEqual(expected);
    });

    test("the verb that was asked counts", async () => {
      expect(await ask("posting", "_func/add_up(1,2)", "POST")).toBe(3);
      expect(await ask("one", "_func/add_up(1,2)", "POST")).toMatch(/^403 /);
    });

    test("lists hold what the role may touch", async () => {
      const { resource } = await ask("most", "_func?as_list=true");
      expect(resource).toContain("add_up");
      expect(resource).not.toContain("secret");
      expect(await ask("list", "_func")).toEqual({ resource: [] });
      expect(await ask("most", "_func?ids=secret")).toBe("404 Function 'secret' does not exist in the database.");
      const procedures = await ask("procedures", "_proc?as_list=true");
      expect(procedures.resource.includes("customers_in")).toBe(rows === "_proc");
    });
  });
}
