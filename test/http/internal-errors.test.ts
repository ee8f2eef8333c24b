import { describe, expect, test } from "vitest";
import { Fault } from "../../src/contract/fault.ts";
import type { Logger } from "../../src/contract/runtime.ts";
import type { Settings } from "../../src/contract/settings.ts";
import { createApp, type House } from "../../src/http/app.ts";

const SECRET = "SELECT kanarie FROM /home/millrace";

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A house whose settings can not be read: whatever reads them fails with `error`. */
function brokenHouse(error: unknown): { house: House; lines: readonly Line[] } {
  const lines: Line[] = [];
  const log: Logger = { writes: () => true, log: (level, message, fields) => lines.push({ level, message, fields }) };
  const store = {
    get settings(): Settings {
      throw error;
    },
  };
  return { house: { store, log, mostBodyBytes: 10, requestTimeoutMs: 1000 } as unknown as House, lines };
}

async function ask(error: unknown) {
  const { house, lines } = brokenHouse(error);
  const request = new Request("http://x/api/v2/db", { headers: { "X-Request-Id": "r1", "X-API-Key": "k" } });
  const response = await createApp(house).fetch(request, {});
  return { status: response.status, headers: response.headers, body: await response.json(), lines };
}

describe("an error that nobody foresaw", () => {
  test.each([
    ["an Error", new Error(SECRET)],
    ["an Error with a cause", new Error("outer", { cause: new Error(SECRET) })],
    ["a TypeError", new TypeError(SECRET)],
    ["a text", SECRET],
    ["an object", { message: SECRET }],
    ["nothing", undefined],
    ["an object that can not be read", Object.create(null)],
  ])("shows nothing of itself: %s", async (_, error) => {
    const { status, headers, body } = await ask(error);
    expect([status, body]).toEqual([
      500,
      {
        error: {
          code: 500,
          context: null,
          message: "Something went wrong inside the server. The log has the details.",
          status_code: 500,
        },
      },
    ]);
    expect([headers.get("X-Request-Id"), headers.get("Cache-Control"), headers.get("X-Content-Type-Options")]).toEqual([
      "r1",
      "no-store",
      "nosniff",
    ]);
  });

  test("stands in the log, with the id that the answer has", async () => {
    const { lines } = await ask(new Error("outer", { cause: new Error(SECRET) }));
    const [line] = lines.filter(({ level }) => level === "error");
    expect(line?.fields).toMatchObject({
      request_id: "r1",
      status: 500,
      cause: { message: "outer", cause: { message: SECRET } },
    });
  });

  test("keeps its cause out of the answer when it was foreseen, too", async () => {
    const { status, body, lines } = await ask(
      new Fault("unavailable", "Not now.", { cause: new Error(SECRET), headers: { "Retry-After": "1" } }),
    );
    expect([status, JSON.stringify(body).includes("kanarie")]).toEqual([503, false]);
    expect(JSON.stringify(lines)).toContain("kanarie");
  });

  test("leaves no line of a request that was only wrong", async () => {
    const { lines } = await ask(new Fault("bad_request", "No."));
    expect(lines.filter(({ level }) => level !== "debug")).toEqual([]);
  });
});
