import { describe, expect, test } from "vitest";
import { isOpen } from "../../src/access/open.ts";
import { VERBS } from "../../src/contract/call.ts";

function openVerbs(service: string, ...path: string[]): string {
  return VERBS.filter((verb) => isOpen(verb, service, path)).join(" ");
}

describe("without credentials", () => {
  test("one may read the environment", () => {
    expect(openVerbs("system", "environment")).toBe("GET");
  });

  test("one may begin, read, refresh and end a session", () => {
    expect(openVerbs("system", "admin", "session")).toBe("GET POST PUT DELETE");
  });

  test.each([
    ["system"],
    ["system", "admin"],
    ["system", "admin", "SESSION"],
    ["system", "Admin", "session"],
    ["system", "Environment"],
    ["system", "admin", "password"],
    ["system", "environment", "x"],
    ["system", "admin", "session", "5"],
    ["system", "admin/session"],
    ["system", "session"],
    ["user"],
    ["user", "session"],
    ["user", "password"],
    ["user", "register"],
    ["user", "admin", "session"],
    ["db", "session"],
    ["db", "_table", "session"],
  ])("nothing else is open: %s %s %s %s", (service, ...path) => {
    expect(openVerbs(service, ...path)).toBe("");
  });
});
