import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { BUN, whyNoBun } from "../runtimes/bun.ts";
import type { Outcomes } from "./sqlite-cases.ts";

const run = promisify(execFile);
const CASES = fileURLToPath(new URL("sqlite-cases.ts", import.meta.url));

async function outcomesOn(runtime: string): Promise<{ readonly driver: string; readonly outcomes: Outcomes }> {
  const { stdout } = await run(runtime, [CASES], { timeout: 60_000 });
  return JSON.parse(stdout);
}

describe.skipIf(whyNoBun() !== undefined)("the SQLite of Bun", () => {
  test("gives the same cells and the same errors for the same statements as that of Node", async () => {
    const [node, bun] = await Promise.all([outcomesOn(process.execPath), outcomesOn(BUN)]);
    expect([node.driver, bun.driver]).toEqual(["driver.node.ts", "driver.bun.ts"]);
    expect(bun.outcomes).toEqual(node.outcomes);
    expect(Object.keys(bun.outcomes).length).toBeGreaterThan(80);
  });

  test("keeps integers and texts exact, takes an unknown name for no text, and never opens an own file", async () => {
    const { outcomes } = await outcomesOn(BUN);
    const refused = expect.objectContaining({ kind: "unavailable" });
    expect(outcomes).toMatchObject({
      "value 3 bigint 9223372036854775807": { rows: [["bigint 9223372036854775807", "integer", expect.anything()]] },
      "value 5 bigint 9223372036854775808": { kind: "out_of_range" },
      'SELECT "gone" FROM t': { kind: "undefined_object" },
      "an own file": { kind: "unavailable", connect: "no_privilege" },
      "statement ATTACH '…/other.db' AS other": { rows: [["other"]] },
      "statement ATTACH '…/own.db' AS own": refused,
      "statement ATTACH '…/link.db' AS own": refused,
      "statement ATTACH '…/hard.db' AS own": refused,
      "statement CREATE TEMP TABLE attachments (a); INSERT INTO attachments VALUES ('attach')": { rows: [["temp"]] },
      copies: [true, true, false],
    });
  });
});
