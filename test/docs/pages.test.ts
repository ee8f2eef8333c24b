import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/contract/json.ts";
import { cutTo, readShown } from "./answer.ts";
import { examplesOf, GROUPS, pages, pageText } from "./example.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("the pages", () => {
  test("name only groups of examples that are run", () => {
    const named = pages().flatMap((page) => examplesOf(page).map(({ group }) => group));
    expect([...new Set(named)].sort()).toEqual([...GROUPS].sort());
  });

  test("hold nothing but curl commands in the examples that are run", () => {
    const commands = pages().flatMap((page) => examplesOf(page).flatMap((example) => example.commands));
    expect(commands.filter((command) => !command.startsWith("curl "))).toEqual([]);
  });

  test.each(pages())("%s links to pages that are there", (page) => {
    const links = Array.from(pageText(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g), ([, path = ""]) => path);
    expect(links.filter((path) => !existsSync(join(ROOT, dirname(page), path)))).toEqual([]);
  });
});

describe("an answer that a page shows", () => {
  test("equals one with more elements and fields where it ends with three dots", () => {
    const shown = readShown('{"resource":[{"id":1, …}, …], "key":"ab…"}');
    const given: Json = { resource: [{ id: 1, name: "x" }, { id: 2 }], key: "abcd" };
    expect(cutTo(shown, given)).toEqual(shown);
  });

  test.each<{ title: string; given: Json }>([
    { title: "another value", given: { a: [1, 3] } },
    { title: "an element more", given: { a: [1, 2, 3] } },
    { title: "an element less", given: { a: [1] } },
    { title: "a field more", given: { a: [1, 2], b: null } },
    { title: "a field less", given: {} },
  ])("differs from one with $title", ({ given }) => {
    const shown = readShown('{"a":[1,2]}');
    expect(cutTo(shown, given)).not.toEqual(shown);
  });
});
