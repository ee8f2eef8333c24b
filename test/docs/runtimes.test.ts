import { describe, expect, test } from "vitest";
import { databaseTypes } from "../../plugins/registry.ts";
import { RUNTIMES } from "../../src/contract/runtime.ts";
import { pageText } from "./example.ts";

const PAGE = pageText("docs/runtimes.md");
/** The cells of a line such as `| a | b |`. */
const cells = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
const rows = PAGE.split("\n")
  .filter((line) => /^\| `\w+` \|/.test(line))
  .map(cells);

describe("the table of service types in docs/runtimes.md", () => {
  test("has one line for each type, in the order of their names", () => {
    expect(rows.map(([name]) => name)).toEqual(databaseTypes.map(({ name }) => `\`${name}\``));
  });

  test.each(databaseTypes)("says where '$name' is served as the type itself does", ({ name, absent = {} }) => {
    const row = rows.find(([first]) => first === `\`${name}\``) ?? [];
    const served = row.slice(1, 1 + RUNTIMES.length).map((cell) => cell !== "–");
    expect(served).toEqual(RUNTIMES.map((runtime) => absent[runtime] === undefined));
  });

  test.each(databaseTypes)("says of '$name' whether it can hold the settings as the type itself does", (type) => {
    const row = rows.find(([first]) => first === `\`${type.name}\``) ?? [];
    expect(row.at(-1) !== "–").toBe(type.store !== undefined);
  });

  test("gives the reason of each absence in the type's own words", () => {
    const reasons = databaseTypes.flatMap(({ absent = {} }) => Object.values(absent));
    expect(reasons.filter((reason) => !PAGE.includes(reason))).toEqual([]);
  });
});
