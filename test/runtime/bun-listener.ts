// Run by Bun: its listener with short waits, for tests.

import { jsonLogger } from "../../src/runtime/log.ts";
import { listen } from "../../src/runtime/server/listen.bun.ts";
import { TIMEOUTS } from "../../src/runtime/server/timeouts.ts";
import { readVariables } from "../../src/runtime/variables.ts";

const ANSWERS: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
  "/": async (request) => new Response(await request.text()),
  "/throw": () => Promise.reject(new Error("a secret of the server")),
  "/after": async (request) => {
    await request.text();
    console.log("working");
    await new Promise((resolve) => setTimeout(resolve, Number(new URL(request.url).search.slice(1))));
    return new Response("done");
  },
};

// Bun counts in steps of four seconds: shorter than one is none.
const short = { ...TIMEOUTS, keepAliveMs: 5_000, quietMs: 300, graceMs: 2_500 };
const listener = await listen(readVariables({ PORT: "0" }), jsonLogger("info", console.log), short);
listener.answerWith(async (request) => (await ANSWERS[new URL(request.url).pathname]?.(request)) ?? new Response());
process.on("SIGTERM", async () => {
  console.log(`cut ${await listener.close()}`);
  process.exit(0);
});
console.log(listener.url);
