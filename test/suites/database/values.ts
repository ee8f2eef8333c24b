import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { parseJson } from "../../../src/lib/json.ts";
import { makeService } from "../../house.ts";
import { kindsOf, kindTables } from "./kinds.ts";
import type { Cases } from "./suite.ts";
import { comparable, readAs, valueIn } from "./value-shapes.ts";

/** Values of every type come out as they went in: digits, microseconds, bytes and all. */
export const valueCases: Cases = (fixture, target) => {
  beforeAll(async () => {
    for (const sql of kindTables(target)) await fixture().database.query(sql);
  });
  const ask = (verb: string, path: string, body?: string) =>
    fixture().ask(verb, `_table/kinds${path}`, body === undefined ? {} : { body });
  const samples = kindsOf(target).flatMap(({ name, sql, values }) =>
    values.map((value): [string, string, string, string] => {
      const [sent, read] = typeof value === "string" ? [value, value] : value;
      return [name, sql || "no type", sent, read];
    }),
  );

  test.each(samples)("%s (%s) takes %s", async (name, _sql, sent, read) => {
    const made = await ask("POST", `?fields=id,${name}`, `{"${name}":${sent}}`);
    expect(valueIn(made.text, name)).toEqual(readAs(name, read));
    const path = `/${made.body?.id}?fields=${name}`;
    expect(valueIn((await ask("GET", path)).text, name)).toEqual(readAs(name, read));
    expect((await ask("PATCH", path, `{"${name}":null}`)).text).toBe(`{"${name}":null}`);
    const changed = await ask("PATCH", path, `{"${name}":${sent}}`);
    expect(valueIn(changed.text, name)).toEqual(readAs(name, read));
    // What was read can be written again.
    const again = await ask("PATCH", path, changed.text);
    expect(again.text).toBe(changed.text);
  });

  test("a row of NULLs is read as nulls", async () => {
    const { body } = await ask("POST", "?fields=*", '{"c_int":null}');
    const { id, ...values } = body;
    expect(values).toEqual(Object.fromEntries(kindsOf(target).map(({ name }) => [name, null])));
  });

  test("wide numbers are texts where the service says so", async () => {
    const { house, database } = fixture();
    await makeService(house, "exact", target.type, { ...database.config, exact_numbers: "string" });
    const body = '{"c_big":9223372036854775807,"c_decimal":"1.5","c_int":7,"c_double":0.5}';
    const { text } = await house.ask("POST", "exact/_table/kinds?fields=c_big,c_decimal,c_int,c_double", { body });
    expect(text).toBe(
      '{"c_big":"9223372036854775807","c_decimal":"1.5000","c_int":7,"c_double":0.5}'.replace(
        '"c_int":7',
        target.traits.integerBits === 64 ? '"c_int":"7"' : '"c_int":7',
      ),
    );
  });

  describe("rows of random values", () => {
    const digits = (max: number) => fc.bigInt({ min: -(10n ** BigInt(max)) + 1n, max: 10n ** BigInt(max) - 1n });
    const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, "0"));
    const micros = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, "0"));
    const time = fc.tuple(two(23), two(59), two(59), micros).map(([h, m, s, f]) => `${h}:${m}:${s}.${f}`);
    const date = fc
      .date({ min: new Date("1000-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10));
    // NUL is a case of its own.
    const text = fc
      .string({ unit: "binary", maxLength: 40 })
      .map((each) => [...each.replaceAll("\0", "")].slice(0, 40).join(""));
    const json = fc.jsonValue({ maxDepth: 3, stringUnit: "grapheme" }).filter((value) => value !== null);
    const row = fc.record({
      c_int: fc.integer(),
      c_small: fc.integer({ min: -32768, max: 32767 }),
      c_big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      c_decimal: digits(14).map((n) => decimalOf(n, 4)),
      c_double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      c_float: fc.float({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      c_bool: fc.boolean(),
      c_varchar: text,
      c_text: fc.string({ unit: "grapheme", maxLength: 200 }).map((each) => each.replaceAll("\0", "")),
      c_binary: fc.uint8Array({ maxLength: 300 }).map((bytes) => btoa(String.fromCharCode(...bytes))),
      c_date: date,
      c_time: time,
      c_datetime: fc.tuple(date, time).map(([day, clock]) => `${day} ${clock}`),
      c_json: json,
      c_uuid: fc.uuid(),
    });
    const rows = fc.array(row, { minLength: 40, maxLength: 60 });

    test("survive a write of many and a read", async () => {
      await fc.assert(
        fc.asyncProperty(rows, async (records) => {
          const { body, text: said } = await ask("POST", "", JSON.stringify({ resource: records }));
          expect(said).toMatch(/^\{"resource"/);
          const ids = body.resource.map(({ id }: { readonly id: number }) => id).join(",");
          const found = parseJson((await ask("GET", `?ids=${ids}`)).text) as { readonly resource: readonly object[] };
          found.resource.forEach((each, index) => {
            for (const [name, value] of Object.entries(records[index] ?? {}))
              expect([name, comparable(name, (each as Record<string, Json>)[name])]).toEqual([
                name,
                comparable(name, value as Json),
              ]);
          });
          expect(found.resource.length).toBe(records.length);
        }),
        { numRuns: 6, endOnFailure: true },
      );
    });
  });
};

function decimalOf(units: bigint, scale: number): string {
  const text = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  return `${units < 0n ? "-" : ""}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}
