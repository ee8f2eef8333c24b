import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTrace, traceHeaders, traceparentOf } from "../../src/lib/trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const VALID = `00-${TRACE}-${PARENT}-01`;
const NEW = { traceId: expect.stringMatching(/^[0-9a-f]{12}4[0-9a-f]{19}$/), flags: 0b10 };

const read = (traceparent: string, tracestate?: string) =>
  readTrace(new Headers({ traceparent, ...(tracestate !== undefined && { tracestate }) }));

const digits = (length: number) =>
  fc
    .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
    .map((each) => each.join(""))
    .filter((text) => !/^0+$/.test(text));
const byte = fc.integer({ min: 0, max: 255 }).map((value) => value.toString(16).padStart(2, "0"));

describe("a traceparent", () => {
  test("that is valid gives its trace, the flags that are known, and a span of our own", () => {
    fc.assert(
      fc.property(digits(32), digits(16), byte, (traceId, parentId, flags) => {
        const trace = read(`00-${traceId}-${parentId}-${flags}`);
        expect([trace.traceId, trace.flags]).toEqual([traceId, Number.parseInt(flags, 16) & 0b11]);
        expect(trace.spanId).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
        expect(trace.spanId).not.toBe(parentId);
      }),
    );
  });

  test("that was changed in one place is read only if it is still valid", () => {
    const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
    const later = /^(?!ff|00)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
    const place = fc.integer({ min: 0, max: VALID.length });
    const character = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(place, character, fc.constantFrom(0, 1), (at, put, taken) => {
        const header = `${VALID.slice(0, at)}${put}${VALID.slice(at + taken)}`.trim();
        const isRead = valid.test(header) || later.test(header);
        expect([header, read(header).traceId === header.slice(3, 35)]).toEqual([header, isRead]);
      }),
    );
  });

  test("is never the end of a request, whatever it holds", () => {
    const text = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(text, text, (parent, state) => {
        const trace = read(parent, state);
        expect(traceparentOf(trace)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);
      }),
    );
  });

  test.each([
    ["nothing", ""],
    ["no digits", "none"],
    ["a trace id of zeros", `00-${"0".repeat(32)}-${PARENT}-01`],
    ["a parent id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["capitals", VALID.toUpperCase()],
    ["a trace id that is too short", `00-${TRACE.slice(1)}-${PARENT}-01`],
    ["flags that are too short", VALID.slice(0, -1)],
    ["more than version 00 has", `${VALID}-00`],
    ["a dash at its end", `${VALID}-`],
    ["version ff", VALID.replace(/^00/, "ff")],
    ["a version of one digit", VALID.slice(1)],
    ["two headers", `${VALID}, ${VALID}`],
    ["a later version that goes on without a dash", `01-${TRACE}-${PARENT}-01x`],
    ["a later version that is too short", `01-${TRACE}-${PARENT}-1`],
  ])("with %s begins a new trace", (_, header) => {
    expect(read(header, "congo=1")).toEqual({ ...NEW, spanId: expect.any(String) });
  });

  test.each([
    `cc-${TRACE}-${PARENT}-01`,
    `01-${TRACE}-${PARENT}-01-what-the-future-brings`,
    `fe-${TRACE}-${PARENT}-05-`,
  ])("of a later version is read as far as it is known: %s", (header) => {
    expect(read(header)).toMatchObject({ traceId: TRACE, flags: 1 });
  });
});

describe("no traceparent", () => {
  test("begins a trace of its own each time, and looks at no tracestate", () => {
    const traces = Array.from({ length: 100 }, () => readTrace(new Headers({ tracestate: "congo=1" })));
    for (const trace of traces) expect(trace).toEqual({ ...NEW, spanId: expect.any(String) });
    expect(new Set(traces.flatMap(({ traceId, spanId }) => [traceId, spanId])).size).toBe(200);
  });
});

describe("a tracestate", () => {
  const stateOf = (header: string) => read(VALID, header).state;

  test.each([
    ["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"],
    [" rojo=1 ,\t, congo=a b ", "rojo=1,congo=a b"],
    ["1a_-*/@=~!", "1a_-*/@=~!"],
    ["tenant@system= leading", "tenant@system= leading"],
    [`${"k".repeat(256)}=${"v".repeat(255)}`, `${"k".repeat(256)}=${"v".repeat(255)}`],
    [`${"k".repeat(256)}=${"v".repeat(256)}`, undefined],
    ["", undefined],
    [" , ,", undefined],
  ])("%j is handed on as %j", (header, state) => {
    expect(stateOf(header)).toBe(state);
  });

  test.each([
    ["a key in capitals", "Rojo=1"],
    ["a key that begins with a sign", "_rojo=1"],
    ["no value", "rojo="],
    ["no key", "=1"],
    ["no sign of equality", "rojo"],
    ["two of them", "rojo=1=2"],
    ["a key twice", "rojo=1,congo=2,rojo=3"],
    ["a letter beyond ASCII", "rojo=\u00e9"],
    ["a key that is too long", `${"k".repeat(257)}=1`],
    ["a value that is too long", `k=${"v".repeat(257)}`],
    ["33 members", Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(",")],
    ["more than can be valid", `k=1,${" ".repeat(40_000)}`],
  ])("with %s is dropped, and the trace goes on", (_, header) => {
    expect(read(VALID, `${header},last=1`)).toEqual({ traceId: TRACE, flags: 1, spanId: expect.any(String) });
  });

  test("of 32 members is handed on", () => {
    const header = Array.from({ length: 32 }, (_, at) => `k${at}=1`).join(",");
    expect(stateOf(header)).toBe(header);
  });

  test("that is too long loses whole members: long ones first, then the last", () => {
    const short = Array.from({ length: 10 }, (_, at) => `k${at}=${"v".repeat(57)}`);
    expect(stateOf([short[0], `long=${"v".repeat(200)}`, ...short.slice(1)].join(","))).toBe(
      short.slice(0, 8).join(","),
    );
  });

  test("is handed on in no more than 512 characters, and is then valid again", () => {
    const key = fc.stringMatching(/^[a-z0-9][a-z0-9_*/@-]{0,20}$/);
    const value = fc.stringMatching(/^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,150}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/);
    const members = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, minLength: 1, maxLength: 32 });
    fc.assert(
      fc.property(members, (each) => {
        const state = stateOf(each.map(([name, text]) => `${name}=${text}`).join(","));
        if (state === undefined) return;
        expect(state.length).toBeLessThanOrEqual(512);
        expect(stateOf(state)).toBe(state);
      }),
    );
  });
});

describe("an outgoing call", () => {
  test("carries the trace on, with our span as its parent", () => {
    const trace = read(VALID, "rojo=1");
    expect(traceHeaders(trace)).toEqual({ traceparent: `00-${TRACE}-${trace.spanId}-01`, tracestate: "rojo=1" });
    const next = readTrace(new Headers(traceHeaders(trace)));
    expect(next).toEqual({ traceId: TRACE, flags: 1, state: "rojo=1", spanId: expect.any(String) });
  });

  test("has no tracestate where none came", () => {
    expect(Object.keys(traceHeaders(read(VALID)))).toEqual(["traceparent"]);
  });
});
