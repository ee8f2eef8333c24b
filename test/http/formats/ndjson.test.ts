import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contract/json.ts";
import { MOST_LINE_CHARS } from "../../../src/http/formats/limits.ts";
import { NdjsonRecords } from "../../../src/http/formats/ndjson-read.ts";
import { partsOf } from "../../../src/http/formats/records.ts";

async function* pieces(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function read(texts: readonly string[]) {
  const records: JsonObject[] = [];
  const lines: number[] = [];
  const sizes: number[] = [];
  for await (const part of partsOf(pieces(texts), new NdjsonRecords(MOST_LINE_CHARS))) {
    records.push(...part.records);
    lines.push(...part.lines);
    sizes.push(part.records.length);
  }
  return { records, lines, sizes };
}

describe("NDJSON", () => {
  test("is read as it was written, wherever it is cut", async () => {
    const record = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 6 }), async (all, cuts) => {
        const text = all.map((each) => JSON.stringify(each)).join("\r\n");
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
        const texts = at.slice(1).map((end, index) => text.slice(at[index], end));
        const { records, lines } = await read(texts);
        expect(JSON.stringify(records)).toBe(JSON.stringify(all));
        expect(lines).toEqual(all.map((_, index) => index + 1));
      }),
      { numRuns: 500 },
    );
  });

  test("comes in parts of at most a thousand records, in order and whole", async () => {
    const text = Array.from({ length: 5_500 }, (_, n) => `{"n":${n}}\n`).join("");
    const { records, sizes } = await read([text.slice(0, 20_000), text.slice(20_000)]);
    expect(records.map(({ n }) => n)).toEqual(Array.from({ length: 5_500 }, (_, n) => n));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  });

  test("gives what stands before a mistake", async () => {
    const seen: number[] = [];
    const reading = async () => {
      for await (const { lines } of partsOf(pieces(['{"a":1}\n{"a":2}\n{"a":']), new NdjsonRecords(MOST_LINE_CHARS)))
        seen.push(...lines);
    };
    await expect(reading()).rejects.toThrow("Line 3 of the NDJSON is not valid JSON at position 5.");
    expect(seen).toEqual([1, 2]);
  });

  test("in pieces of a character, without an end, is refused in a moment", async () => {
    const began = performance.now();
    async function* endless(): AsyncGenerator<string> {
      for (let sent = 0; sent < 2_000_000; sent++) yield "x";
    }
    const reading = async () => {
      for await (const _part of partsOf(endless(), new NdjsonRecords(MOST_LINE_CHARS)));
    };
    await expect(reading()).rejects.toThrow("Line 1 of the NDJSON is too long.");
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
