import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HouseWithTables, openHouseWith } from "./database.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const ENTRY = { request_id: expect.any(String), trace_id: expect.any(String), span_id: expect.any(String) };

let at: HouseWithTables;

beforeAll(async () => {
  at = await openHouseWith(["CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(40))"]);
});
afterAll(() => at?.close());

/** The lines that a request wrote, by its id. */
async function linesOf(requestId: string) {
  return (await at.house.log()).filter((line) => line.request_id === requestId);
}

describe("a request that takes part in a trace", () => {
  test("is told its span, which stands on all lines that it wrote", async () => {
    const headers = { traceparent: TRACEPARENT, "X-Request-Id": "in-a-trace" };
    const answer = await at.house.ask("GET", "db/_table/notes", { headers });
    const [, spanId] = /^00-0af7651916cd43dd8448eb211c80319c-([0-9a-f]{16})-01$/.exec(
      answer.headers.get("traceresponse") ?? "",
    ) ?? [undefined, "none"];
    const lines = await linesOf("in-a-trace");
    expect(lines.map(({ trace_id, span_id }) => [trace_id, span_id])).toEqual(lines.map(() => [TRACE, spanId]));
    expect(
      lines
        .filter(({ service }) => service === "db")
        .map(({ sql }) => String(sql))
        .join(),
    ).toContain("notes");
    expect(lines.filter(({ message }) => message === "request")).toHaveLength(1);
  });

  test("is told the trace that was begun for it when its own is not valid", async () => {
    const { headers } = await at.house.ask("GET", "db/_table/notes", { headers: { traceparent: "00-nothing" } });
    expect(headers.get("traceresponse")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/);
  });

  test("is told it as well when it is refused", async () => {
    const headers = { traceparent: TRACEPARENT };
    const refused = await at.house.ask("GET", "db/_table/notes", { token: undefined, headers });
    expect([refused.status, refused.headers.get("traceresponse")]).toEqual([401, expect.stringContaining(TRACE)]);
  });
});

describe("a request of its own", () => {
  test("is told nothing of traces, but its lines carry one", async () => {
    const answer = await at.house.ask("GET", "db/_table/notes", { headers: { "X-Request-Id": "on-its-own" } });
    expect(answer.headers.get("traceresponse")).toBeNull();
    const lines = await linesOf("on-its-own");
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatchObject(ENTRY);
    expect(new Set(lines.map(({ trace_id }) => trace_id)).size).toBe(1);
  });
});

describe("the statements of requests that run at once", () => {
  test("carry the ids of the request that each was run for", async () => {
    const ids = Array.from({ length: 8 }, (_, each) => `at-once-${each}`);
    await Promise.all(
      ids.map((id, each) =>
        at.house.ask("GET", `db/_table/notes?limit=${each + 1}&fields=id`, { headers: { "X-Request-Id": id } }),
      ),
    );
    for (const id of ids) {
      const statements = (await linesOf(id)).filter(({ sql }) => /notes/i.test(String(sql)));
      expect([id, statements.length]).toEqual([id, 1]);
    }
  });
});

describe("a line of the log", () => {
  test("holds no value of a request and no credential", async () => {
    const secret = "kanarie";
    const headers = { traceparent: TRACEPARENT, tracestate: `rojo=${secret}` };
    await at.house.ask("POST", "db/_table/notes", { body: { id: 1, text: secret }, headers });
    await at.house.ask("POST", "db/_table/notes", { body: { id: 1, text: secret }, headers });
    await at.house.ask("GET", `db/_table/notes?filter=text%3D${secret}&api_key=${secret}`, { headers });
    await at.house.ask("GET", `db/_table/notes/${secret}`, { headers });
    await at.house.ask("GET", "db/_table/notes", { token: secret, headers });
    const text = JSON.stringify(await at.house.log());
    expect(text).not.toContain(secret);
    expect(text).not.toContain(at.house.token);
  });
});
