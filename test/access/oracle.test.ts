import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { REQUESTOR_BITS, type Requestor } from "../../src/contract/call.ts";
import type { ServiceAccess } from "../../src/contract/settings.ts";
import { DB, FILES, mask, sees } from "./house.ts";

const NAMES = ["_table", "_schema", "x", "X", "y", "*", "a/b", "5%", "ü"];

const name = fc.constantFrom(...NAMES);
const component = fc.array(name, { maxLength: 4 });
const ending = fc.constantFrom("", "/", "/*");
const componentText = fc.tuple(component, ending).map(([names, end]) => {
  const text = names.map(encodeName).join("/") + end;
  return names.length === 0 ? text.replace("/", "") : text;
});

const anEntry: fc.Arbitrary<ServiceAccess> = fc.record({
  serviceId: fc.constantFrom(DB.id, DB.id, FILES.id, null),
  component: componentText,
  verbMask: fc.constantFrom(0, 0, 1, 2, 3, 31),
  requestorMask: fc.constantFrom(1, 2, 3),
});
const entries = fc.array(anEntry, { maxLength: 8 });
const requestor = fc.constantFrom<Requestor>("api", "script");

/** `encodeURIComponent` leaves an asterisk as it is, which here would be a wildcard. */
function encodeName(text: string): string {
  return encodeURIComponent(text).replaceAll("*", "%2A");
}

/** The rules of contract §7 as one would tell them, with no thought of speed. */
function oracle(access: readonly ServiceAccess[], path: readonly string[], by: Requestor): number {
  const ranked = access
    .filter((each) => (each.requestorMask & REQUESTOR_BITS[by]) !== 0)
    .filter((each) => each.serviceId === null || each.serviceId === DB.id)
    .map((each) => ({ rank: rankOf(each, path.map(encodeName).join("/").toLowerCase()), mask: each.verbMask }));
  const best = Math.max(...ranked.map(({ rank }) => rank));
  return ranked.reduce((sum, { rank, mask }) => (rank >= 0 && rank === best ? sum | mask : sum), 0);
}

/** -1 = does not match; 1000 = exact; else the length of the prefix before the asterisk. Own entries are worth more than all others. */
function rankOf(access: ServiceAccess, asked: string): number {
  const text = access.component.toLowerCase();
  const bonus = access.serviceId === null ? 0 : 10_000;
  if (text === "*") return bonus;
  if (!text.endsWith("/*")) return text.replace(/\/$/, "") === asked ? bonus + 1000 : -1;
  const prefix = text.slice(0, -1);
  return `${asked}/`.startsWith(prefix) ? bonus + prefix.length : -1;
}

describe("access", () => {
  test("is what the rules say, for any entries and any component", () => {
    fc.assert(
      fc.property(entries, component, requestor, (access, path, by) => {
        expect(mask(access, path, by)).toBe(oracle(access, path, by));
      }),
      { numRuns: 3000 },
    );
  });

  test("makes a service visible exactly when some component of it may be used", () => {
    fc.assert(
      fc.property(entries, requestor, (access, by) => {
        expect(sees(access, by)).toBe(candidates(access).some((path) => oracle(access, path, by) !== 0));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Every component that an entry names, and below each one that no entry names. */
function candidates(access: readonly ServiceAccess[]): string[][] {
  return access.flatMap(({ component: text }) => {
    const names = text.split("/").filter((part) => part !== "" && part !== "*");
    const path = names.map((part) => decodeURIComponent(part));
    return [path, [...path, "no entry names this"]];
  });
}
