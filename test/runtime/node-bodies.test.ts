import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { jsonLogger } from "../../src/runtime/log.ts";
import { listen } from "../../src/runtime/server/listen.node.ts";
import type { Fetch, Listener } from "../../src/runtime/server/listen.ts";
import { TIMEOUTS, type Timeouts } from "../../src/runtime/server/timeouts.ts";
import { readVariables } from "../../src/runtime/variables.ts";
import { Wire } from "../suites/runtime/wire.ts";

let listener: Listener;
let wire: Wire;
afterEach(async () => {
  wire.destroy();
  await listener.close();
});

async function start(timeouts: Partial<Timeouts>, fetch: Fetch): Promise<void> {
  const log = jsonLogger("error", () => undefined);
  listener = await listen(readVariables({ PORT: "0" }), log, { ...TIMEOUTS, ...timeouts });
  listener.answerWith(fetch);
  wire = await Wire.connect(`http://127.0.0.1:${new URL(listener.url).port}`);
}

describe("Node: a body", () => {
  const readAll: Fetch = async (request) => new Response(String((await request.text()).length));

  test("that moves may take longer than a part of it may", async () => {
    await start({ headersMs: 200, bodyMs: 300 }, readAll);
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n");
    for (let sent = 0; sent < 20; sent++) {
      await pause(100);
      wire.send("x");
    }
    expect(await wire.answer()).toMatchObject({ status: 200, body: "20" });
  });

  test("that the server takes its time to read is waited for", async () => {
    await start({ bodyMs: 200 }, async (request) => {
      await pause(1_500);
      return readAll(request, {});
    });
    const size = 5_000_000;
    wire.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`);
    expect(await wire.answer()).toMatchObject({ status: 200, body: String(size) });
  });

  test("that stops after it has moved gets 408", async () => {
    await start({ bodyMs: 300 }, readAll);
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    await pause(200);
    wire.send("1\r\nx\r\n");
    expect((await wire.answer())?.status).toBe(408);
    expect(await wire.ending).toBe("ended");
  });
});

describe("Node: an answer that breaks off", () => {
  const breaking: Fetch = () => {
    let parts = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (parts++ < 3) controller.enqueue(new TextEncoder().encode("some of it"));
        else throw new Error("It broke.");
      },
    });
    return new Response(body);
  };

  test("resets the connection where nothing else tells that it is not whole", async () => {
    await start({}, breaking);
    wire.send("GET / HTTP/1.0\r\n\r\n");
    expect(await wire.ending).toBe("reset");
  });

  test("lacks its last chunk where it has any", async () => {
    await start({}, breaking);
    wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await wire.ending).toBe("ended");
    expect(wire.received).not.toContain("\r\n0\r\n");
  });

  test("is ended as any other where it is whole", async () => {
    await start({}, () => new Response(new Blob(["whole"]).stream()));
    wire.send("GET / HTTP/1.0\r\n\r\n");
    expect(await wire.ending).toBe("ended");
    expect(wire.received).toContain("\r\n\r\nwhole");
  });
});
