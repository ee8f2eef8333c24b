import { describe, expect, test } from "vitest";
import { accessOf, seesService } from "../../src/access/access.ts";
import { VERBS } from "../../src/contract/call.ts";
import { Fault } from "../../src/contract/fault.ts";
import type { Principal } from "../../src/contract/principal.ts";
import { DB, entry, FILES, house, sees } from "./house.ts";

const GET = 1;
const X = ["_table", "x"];
const person = {
  id: 1,
  name: "",
  username: "",
  firstName: "",
  lastName: "",
  email: "a@b.c",
  isSysAdmin: true,
  lastLoginDate: null,
};
const admin: Principal = { kind: "admin", person, session: { id: "s", token: "t", expires: 0, since: 0 } };
const guest: Principal = { kind: "guest" };

/** The sentence with which a demand is refused, or "" when it is not. */
function refusal(component: readonly string[], access = [entry("_table/x", GET)]): string {
  const { settings, principal } = house(access);
  try {
    accessOf(settings, principal, "api", DB).demand(component, "DELETE");
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ code: "forbidden" });
    return error instanceof Fault ? error.message : "";
  }
}

describe("a caller", () => {
  test("who is an admin may do everything, whatever roles say", () => {
    const { settings } = house([entry("*", 0)]);
    const access = accessOf(settings, admin, "script", DB);
    expect(access.verbs(X)).toBe(31);
    for (const verb of VERBS) expect(() => access.demand(X, verb)).not.toThrow();
    expect(seesService(settings, admin, "api", DB)).toBe(true);
  });

  test("who is a guest may do nothing and sees nothing", () => {
    const { settings } = house([entry("*", 31, { serviceId: null })]);
    const access = accessOf(settings, guest, "api", DB);
    expect([access.verbs([]), access.verbs(X), access.allows(X, "GET")]).toEqual([0, 0, false]);
    expect(seesService(settings, guest, "api", DB)).toBe(false);
  });

  test("loses everything when the role was switched off or removed since", () => {
    const { principal } = house([entry("*", 31)]);
    const off = house([entry("*", 31)], false).settings;
    const removed = { ...off, roles: new Map() };
    expect(accessOf(off, principal, "api", DB).verbs(X)).toBe(0);
    expect(accessOf(removed, principal, "api", DB).verbs(X)).toBe(0);
  });

  test("has what the role says in the newest settings, not what it said before", () => {
    const { principal } = house([entry("*", 31)]);
    const narrower = house([entry("_table/x", GET)]).settings;
    expect(accessOf(narrower, principal, "api", DB).verbs(X)).toBe(GET);
  });
});

describe("a demand", () => {
  test("passes exactly for the verbs that the mask holds", () => {
    const { settings, principal } = house([entry("_table/x", 1 | 8)]);
    const access = accessOf(settings, principal, "api", DB);
    expect(VERBS.filter((verb) => access.allows(X, verb))).toEqual(["GET", "PATCH"]);
    expect(() => access.demand(X, "PATCH")).not.toThrow();
    expect(() => access.demand(X, "PUT")).toThrow(Fault);
  });

  test("is refused with a whole sentence that does not name the component", () => {
    expect(refusal(["_table", "salaries"])).toMatch(/^[A-Z].*DELETE.*'db'\.$/);
    expect(refusal(["_table", "salaries"])).not.toContain("salaries");
  });

  test("is refused in the same words for what the role may partly use and for what it may not know", () => {
    expect(refusal(X)).toBe(refusal(["_table", "nothing-of-the-kind"]));
  });
});

describe("a service is seen", () => {
  test("when the role has any grant on it that is not zero", () => {
    expect(sees([entry("_table/x", GET)])).toBe(true);
    expect(sees([entry("_table/x", 0)])).toBe(false);
    expect(sees([entry("_table/x", GET)], "script")).toBe(false);
    expect(sees([entry("_table/x", GET)], "api", FILES)).toBe(false);
    expect(sees([])).toBe(false);
  });

  test("when an entry for all services gives something that its own entries do not take away", () => {
    const everywhere = entry("_table/x", GET, { serviceId: null });
    expect(sees([everywhere])).toBe(true);
    expect(sees([everywhere, entry("_table/y/*", 0)])).toBe(true);
    expect(sees([everywhere, entry("_table/x", 0)])).toBe(false);
    expect(sees([entry("_table/*", GET, { serviceId: null }), entry("_table", 0)])).toBe(true);
    expect(sees([everywhere, entry("*", 0)])).toBe(false);
    expect(sees([everywhere, entry("*", 0)], "api", FILES)).toBe(true);
  });
});
