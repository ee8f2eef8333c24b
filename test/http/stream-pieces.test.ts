import { expect, test } from "vitest";
import { json } from "../../src/http/formats/json.ts";
import { openStream } from "../../src/http/stream.ts";

const MIB = 1024 * 1024;
const writer = () => json.stream({ fields: ["text"], csvSafe: false });
const failed = (error: unknown) => {
  throw error;
};

test("many large records leave in pieces, each of them not much larger than a record", async () => {
  const record = JSON.stringify({ text: "x".repeat(2 * MIB) });
  async function* records() {
    yield Array.from({ length: 20 }, () => record);
    yield ['{"text":"end"}'];
  }
  const body = await openStream({ records: records(), fields: ["text"] }, { writer: writer(), failed });
  const pieces = (await Array.fromAsync(body)) as readonly Uint8Array[];
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(3 * MIB);
  const text = await new Blob(pieces as Uint8Array<ArrayBuffer>[]).text();
  expect(JSON.parse(text).resource.map((row: { readonly text: string }) => row.text.length)).toEqual([
    ...Array.from({ length: 20 }, () => 2 * MIB),
    3,
  ]);
});

test("records that can not be written are left, and the platform hears of the end", async () => {
  const heard: string[] = [];
  async function* records() {
    try {
      yield ["{}"];
      yield ["{}"];
    } finally {
      heard.push("left");
    }
  }
  const broken = { head: "", tail: "", records: () => failed(new Error("broken")) };
  const platform = {
    within: <T>(step: () => T) => step(),
    until: (ended: Promise<void>) => void ended.then(() => heard.push("ended")),
  };
  const options = { writer: broken, platform, failed: () => heard.push("failed") };
  const body = await openStream({ records: records(), fields: [] }, options);
  await expect(new Response(body).text()).rejects.toThrow();
  expect(heard).toEqual(["failed", "left", "ended"]);
});
