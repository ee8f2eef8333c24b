import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { jsonLogger } from "../../src/runtime/log.ts";
import { listen } from "../../src/runtime/server/listen.node.ts";
import type { Fetch, Listener } from "../../src/runtime/server/listen.ts";
import { TIMEOUTS, type Timeouts } from "../../src/runtime/server/timeouts.ts";
import { readVariables } from "../../src/runtime/variables.ts";
import { listeningSuite } from "../suites/runtime/listening.ts";
import { Wire } from "../suites/runtime/wire.ts";

listeningSuite({ title: "Node", command: [process.execPath, "src/runtime/node.ts"] });

describe("Node: a client that lets the server wait", () => {
  let listener: Listener;
  const wires: Wire[] = [];
  const lines: string[] = [];

  afterEach(async () => {
    for (const wire of wires.splice(0)) wire.destroy();
    await listener.close();
  });

  const start = async (timeouts: Partial<Timeouts>, fetch: Fetch = () => new Response("ok")) => {
    listener = await listen(
      readVariables({ PORT: "0" }),
      jsonLogger("info", (line) => lines.push(line)),
      { ...TIMEOUTS, ...timeouts },
    );
    const { port } = new URL(listener.url);
    listener.answerWith(fetch);
    const wire = await Wire.connect(`http://127.0.0.1:${port}`);
    wires.push(wire);
    return wire;
  };

  test.each([
    ["headers", { headersMs: 200, bodyMs: 5_000 }, "GET /livez HTTP/1.1\r\nHost: a\r\nA"],
    ["a body", { headersMs: 200, bodyMs: 300 }, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"],
  ])("for %s gets 408, and the connection is closed", async (_what, timeouts, text) => {
    const wire = (await start(timeouts, async (request) => new Response(await request.text()))).send(text);
    const answer = await wire.answer();
    expect(answer).toMatchObject({ status: 408, headers: { connection: "close" } });
    expect(JSON.parse(answer?.body ?? "").error).toMatchObject({ code: 408, status_code: 408 });
    expect(await wire.ending).toBe("ended");
  });

  test("for a body gets 408, and what it sends then is not done", async () => {
    const done: string[] = [];
    const failed = Promise.withResolvers<unknown>();
    const wire = await start({ headersMs: 200, bodyMs: 300 }, async (request) => {
      done.push(await request.text().catch((error) => `failed: ${failed.resolve(error)}`));
      return new Response("ok");
    });
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    expect((await wire.answer())?.status).toBe(408);
    wire.send("def");
    expect(await wire.ending).toBe("ended");
    await failed.promise;
    expect(done).toEqual([expect.stringContaining("failed")]);
  });

  test("for the rest of a second request gets the answer to the first, and the second is not done", async () => {
    const answers: ((response: Response) => void)[] = [];
    const wire = await start({ headersMs: 200, bodyMs: 300 }, async (request) => {
      if (request.method === "POST") return new Response(await request.text());
      return new Promise((resolve) => answers.push(resolve));
    });
    wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    await pause(2_500);
    wire.send("def");
    answers[0]?.(new Response("first"));
    expect((await wire.answer())?.body).toBe("first");
    expect((await wire.answer())?.status).not.toBe(200);
  });

  test("and says nothing at all gets no answer", async () => {
    const wire = await start({ headersMs: 200, bodyMs: 5_000 });
    expect(await wire.ending).toBe("ended");
    expect(wire.received).toBe("");
  });

  test("for another request may do so for longer than for headers, and not for ever", async () => {
    const wire = await start({ headersMs: 100, keepAliveMs: 3_000 });
    expect((await wire.ask("/"))?.headers).toMatchObject({ connection: "keep-alive" });
    await pause(1_200);
    expect((await wire.ask("/"))?.status).toBe(200);
    expect(await wire.ending).toBe("ended");
  });

  test("by reading no answer is cut", async () => {
    const wire = await start({ stalledMs: 300 }, () => new Response("x".repeat(50_000_000)));
    wire.pause();
    wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await pause(2_000);
    wire.resume();
    expect(await wire.answer()).toBeUndefined();
  });

  test("for its first request may still ask it when the server has begun to close", async () => {
    const wire = await start({ quietMs: 2_000 });
    await pause(2_500);
    const closed = listener.close();
    await pause(300);
    expect(await wire.ask("/")).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(await closed).toBe(0);
  });

  test("is answered where the house fails, and the log says why", async () => {
    const wire = await start({}, () => Promise.reject(new Error("a secret of the server")));
    const answer = await wire.ask("/");
    expect(answer?.status).toBe(500);
    expect(answer?.body).not.toContain("secret");
    const line = lines.find((each) => each.includes("a secret of the server"));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ level: "error", request_id: answer?.headers["x-request-id"] });
  });

  test("while the server closes is waited for, request by request, and answered in order", async () => {
    const answers: ((response: Response) => void)[] = [];
    const wire = await start({}, () => new Promise((resolve) => answers.push(resolve)));
    wire.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    await expect.poll(() => answers.length).toBe(2);
    const closed = listener.close();
    await pause(100);
    answers[1]?.(new Response("second"));
    await pause(100);
    answers[0]?.(new Response("first"));
    expect((await wire.answer())?.body).toBe("first");
    expect((await wire.answer())?.body).toBe("second");
    expect(await closed).toBe(0);
  });

  test("with what is no request after one that is gets the answer to that, and no other", async () => {
    const wire = await start({}, async () => {
      await pause(100);
      return new Response("ok");
    });
    wire.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE\r\n\r\n");
    expect(await wire.answer()).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(await wire.ending).toBe("ended");
    expect(wire.received).toBe("");
  });

  test("whose request outlasts the grace is cut, and counted", async () => {
    const begun = Promise.withResolvers<void>();
    const wire = await start({ graceMs: 200 }, () => {
      begun.resolve();
      return new Promise(() => undefined);
    });
    wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await begun.promise;
    expect(await listener.close()).toBe(1);
    expect(await wire.answer()).toBeUndefined();
  });
});
